#include <coweave/coweave.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

using namespace coweave;

namespace {

enum class Colour : std::uint8_t { red, green };
struct Opaque {
  int value;
  bool operator==(const Opaque&) const = default;
};

/// What the assertion in `check` says when it fails; empty if it holds.
std::string message_of(const std::function<void()>& check) {
  const auto scenario = [&]() -> Coro<void> {
    check();
    co_return;
  };
  const Exploration result = explore(scenario, {.policy = "fifo"});
  return result.finding ? result.finding->trace.verdict.message : "";
}

}  // namespace

TEST_CASE("require: both sides of a comparison are shown") {
  const int balance = 60;
  CHECK(message_of([&] { COWEAVE_REQUIRE(balance == 100); }) ==
        "COWEAVE_REQUIRE(balance == 100), with 60 == 100");
  CHECK(message_of([&] { COWEAVE_REQUIRE(balance != 60); }) ==
        "COWEAVE_REQUIRE(balance != 60), with 60 != 60");
  CHECK(message_of([&] { COWEAVE_REQUIRE(balance < 60); }) == "COWEAVE_REQUIRE(balance < 60), with 60 < 60");
  CHECK(message_of([&] { COWEAVE_REQUIRE(balance <= 59); }) ==
        "COWEAVE_REQUIRE(balance <= 59), with 60 <= 59");
  CHECK(message_of([&] { COWEAVE_REQUIRE(balance > 60); }) == "COWEAVE_REQUIRE(balance > 60), with 60 > 60");
  CHECK(message_of([&] { COWEAVE_REQUIRE(balance >= 61); }) ==
        "COWEAVE_REQUIRE(balance >= 61), with 60 >= 61");
  CHECK(message_of([&] { COWEAVE_REQUIRE(balance == 60); }).empty());
}

TEST_CASE("require: what is no comparison is shown if it says more than that it does not hold") {
  const std::vector<int> empty;
  const int zero = 0;
  CHECK(message_of([&] { COWEAVE_REQUIRE(!empty.empty()); }) == "COWEAVE_REQUIRE(!empty.empty())");
  CHECK(message_of([&] { COWEAVE_REQUIRE(zero); }) == "COWEAVE_REQUIRE(zero), with 0");
  CHECK(message_of([&] { COWEAVE_REQUIRE((zero == 1 || zero == 2)); }) ==
        "COWEAVE_REQUIRE((zero == 1 || zero == 2))");
}

TEST_CASE("require: numbers of different signs are compared as numbers") {
  const std::vector<int> three{1, 2, 3};
  CHECK(message_of([&] { COWEAVE_REQUIRE(three.size() == 3); }).empty());
  CHECK(message_of([&] { COWEAVE_REQUIRE(three.size() > -1); }).empty());
  CHECK(message_of([&] { COWEAVE_REQUIRE(three.size() == 4); }) ==
        "COWEAVE_REQUIRE(three.size() == 4), with 3 == 4");
}

TEST_CASE("require: values of every kind are shown, and never an address") {
  using detail::show;
  CHECK(show(true) == "true");
  CHECK(show('a') == "'a'");
  CHECK(show(std::string("text")) == "\"text\"");
  CHECK(show("text") == "\"text\"");
  CHECK(show(Colour::green) == "1");
  CHECK(show(std::vector<int>{1, 2}) == "[1, 2]");
  CHECK(show(std::map<std::string, int>{{"a", 1}}) == "[(\"a\", 1)]");
  CHECK(show(std::tuple<int, bool>{1, false}) == "(1, false)");
  CHECK(show(std::optional<int>{}) == "nothing");
  CHECK(show(std::optional<int>{7}) == "7");
  CHECK(show(Opaque{1}) == "{…}");
  const int object = 1;
  CHECK(show(&object) == "a pointer");
  CHECK(show(nullptr) == "nullptr");
  CHECK(show(std::make_unique<int>(1)) == "a pointer");
  CHECK(show(std::shared_ptr<int>()) == "nullptr");
}
