#include <coweave/traces/words.hpp>

#include <coweave/traces/names.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <string>

using namespace coweave::traces;

TEST_CASE("words: virtual time is told exactly, in the largest unit that fits") {
  CHECK(time_in_words(0) == "0 s");
  CHECK(time_in_words(1) == "1 ns");
  CHECK(time_in_words(999) == "999 ns");
  CHECK(time_in_words(1'000) == "1 us");
  CHECK(time_in_words(1'500'000) == "1.5 ms");
  CHECK(time_in_words(1'000'000'001) == "1.000000001 s");
  CHECK(time_in_words(3'600'000'000'000) == "3600 s");
  CHECK(time_in_words(std::numeric_limits<std::int64_t>::max()) == "9223372036.854775807 s");
}

TEST_CASE("words: ordinals have their English endings") {
  CHECK(ordinal(1) == "1st");
  CHECK(ordinal(2) == "2nd");
  CHECK(ordinal(3) == "3rd");
  CHECK(ordinal(4) == "4th");
  CHECK(ordinal(11) == "11th");
  CHECK(ordinal(12) == "12th");
  CHECK(ordinal(113) == "113th");
  CHECK(ordinal(121) == "121st");
  CHECK(ordinal(102) == "102nd");
}

TEST_CASE("words: counts have their plural and thousands apart") {
  CHECK(counted(0, "step") == "0 steps");
  CHECK(counted(1, "step") == "1 step");
  CHECK(counted(1, "switch") == "1 switch");
  CHECK(counted(2, "switch") == "2 switches");
  CHECK(counted(999, "step") == "999 steps");
  CHECK(counted(12'345, "step") == "12,345 steps");
  CHECK(counted(1'234'567, "step") == "1,234,567 steps");
}

TEST_CASE("words: a list reads like a sentence") {
  CHECK(enumerated({}) == "");
  CHECK(enumerated({"a"}) == "a");
  CHECK(enumerated({"a", "b"}) == "a and b");
  CHECK(enumerated({"a", "b", "c"}) == "a, b and c");
}

TEST_CASE("words: every kind of verdict has words without underscores") {
  for (std::size_t kind = 0; kind < verdict_kind_names().size(); ++kind) {
    const std::string_view words = in_words(static_cast<VerdictKind>(kind));
    CHECK(words != "failure");  // what an unknown one is called
    CHECK(std::count(words.begin(), words.end(), '_') == 0);
  }
}
