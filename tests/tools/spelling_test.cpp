#include <coweave/tools/spelling.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using coweave::tools::nearest_spelling;

TEST_CASE("spelling: the nearest word is found, and none if all are far away") {
  const std::vector<std::string> words{"show", "validate", "diff"};
  CHECK(nearest_spelling("show", words) == "show");
  CHECK(nearest_spelling("shwo", words) == "show");
  CHECK(nearest_spelling("valdiate", words) == "validate");
  CHECK(nearest_spelling("dif", words) == "diff");
  CHECK(nearest_spelling("replay", words) == "");
  CHECK(nearest_spelling("", words) == "");
  CHECK(nearest_spelling(std::string(1'000'000, 'x'), words) == "");
}
