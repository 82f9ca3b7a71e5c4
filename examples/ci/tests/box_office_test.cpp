#include <box_office/box_office.hpp>

#include <coweave/coweave.hpp>
#include <coweave/props/doctest.hpp>

#include <doctest/doctest.h>

using namespace coweave;

namespace {

Coro<void> one_seat() {
  box_office::BoxOffice office(1);
  auto alice = create_task(office.buy(), {.name = "alice"});
  sim::may_cancel(alice);  // she may close the page, whenever it suits the search
  bool alice_has_it = false;
  try {
    alice_has_it = co_await alice;
  } catch (const CancelledError&) {
  }
  const bool bob_has_it = co_await office.buy();
  COWEAVE_REQUIRE(alice_has_it != bob_has_it);
}

}  // namespace

TEST_SUITE("box office") {
  TEST_CASE("one seat is sold once") { COWEAVE_CHECK_EXPLORE(one_seat, {.name = "one seat"}); }
}
