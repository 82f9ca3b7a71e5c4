#include <coweave/traces/identity.hpp>

#include <doctest/doctest.h>

#include <initializer_list>

using namespace coweave::traces;

TEST_CASE("identity: a task is a path of spawn indices from the root") {
  for (const char* good : {"0", "0.0", "0.2.0", "0.10.999999999999999999999"}) {
    CAPTURE(good);
    CHECK(is_task_identity(good));
    CHECK(is_identity(good));
  }
  for (const char* bad :
       {"", "1", "00", "0.", "0..1", "0.01", "0.1.", ".0", "0.-1", "0.1 ", " 0", "~", "0.x"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_task_identity(bad));
  }
}

TEST_CASE("identity: the loop and what runs on behalf of somebody are identities but no tasks") {
  for (const char* good : {"~", "~!call", "~!call#1", "0!timer", "0.1!done#0", "0.1!some_thing#12"}) {
    CAPTURE(good);
    CHECK(is_identity(good));
    CHECK_FALSE(is_task_identity(good));
  }
  for (const char* bad :
       {"", "!", "0!", "~!", "0!Timer", "0!timer#", "0!timer#01", "0!timer#1#2", "0!timer#x", "0!a b", "~0",
        "~.1", "!timer", "0!timer!call", "0.01!timer", "0!#1"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_identity(bad));
  }
}

TEST_CASE("identity: it comes apart into owner, role and parent") {
  CHECK(owner_of("0.1!timer") == "0.1");
  CHECK(owner_of("0.1") == "0.1");
  CHECK(owner_of("~!call#2") == "~");
  CHECK(role_of("0.1!done#2") == "done#2");
  CHECK(role_of("0.1") == "");
  CHECK(parent_of("0.2.0") == "0.2");
  CHECK(parent_of("0") == "");
}
