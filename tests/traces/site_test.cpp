#include <coweave/traces/site.hpp>

#include <doctest/doctest.h>

using namespace coweave::traces;

TEST_CASE("site: it is written as file and line and read back") {
  const Site site{"src/bank.cpp", 12};
  CHECK(to_string(site) == "src/bank.cpp:12");
  CHECK(parse_site("src/bank.cpp:12") == site);
  CHECK(parse_site("a:b.cpp:4294967295") == Site{"a:b.cpp", 4'294'967'295});
}

TEST_CASE("site: one that is not known is a question mark") {
  CHECK(to_string(Site{}) == "?");
  CHECK(to_string(Site{"bank.cpp", 0}) == "?");
  CHECK(parse_site("?") == Site{});
}

TEST_CASE("site: what is not a relative file and a line from 1 is none") {
  for (const char* bad :
       {"", ":", "bank.cpp", "bank.cpp:", ":12", "bank.cpp:0", "bank.cpp:012", "bank.cpp:-1", "bank.cpp:+1",
        "bank.cpp:1x", "bank.cpp: 1", "bank.cpp:4294967296", "/src/bank.cpp:12"}) {
    CAPTURE(bad);
    CHECK(parse_site(bad) == std::nullopt);
  }
}
