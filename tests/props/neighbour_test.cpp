#include <coweave/coweave.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

using namespace coweave;
using namespace std::chrono_literals;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// `text` in one line.
std::string unwrapped(const std::string& text) {
  std::string line;
  for (const char character : text) {
    if (character != '\n' && (character != ' ' || !line.ends_with(' '))) line += character;
  }
  return line;
}

Coro<void> append(std::string& word, char letter, int waits) {
  for (int count = 0; count < waits; ++count) co_await sleep(0s);
  word += letter;
}

/// Two letters in one iteration of the loop: the word is "ab" or "ba". And what does not matter.
Coro<void> words() {
  std::string word;
  std::string other;
  const auto a = create_task(append(word, 'a', 1), {.name = "a"});
  const auto b = create_task(append(word, 'b', 1), {.name = "b"});
  const auto c = create_task(append(other, 'c', 1), {.name = "c"});
  co_await a;
  co_await b;
  co_await c;
  COWEAVE_REQUIRE(word == "ab");
}

Exploration explored(const sim::Scenario& scenario, std::uint32_t workers = 0) {
  return explore(scenario, {.name = "words", .workers = workers});
}

}  // namespace

TEST_CASE("neighbour: the two steps whose order decides are found, and told with their awaits") {
  const Exploration result = explored(words);
  REQUIRE(result.finding);
  REQUIRE(result.finding->neighbour);
  // Step 1 is main's, 2 to 4 start the tasks, and 5 to 7 are the three that go on: b, then a.
  const auto [step, before] = *result.finding->neighbour;
  CHECK(step == before + 1);
  CHECK(before >= 5);
  const std::string report = unwrapped(result.report());
  CHECK(contains(report, "What decides: it passes if a (0.0) goes on from tests/props/neighbour_test.cpp:"));
  CHECK(contains(report, "before b (0.1) goes on from"));
}

TEST_CASE("neighbour: workers find the same") {
  const Exploration here = explored(words);
  const Exploration there = explored(words, 2);
  REQUIRE(here.finding);
  REQUIRE(there.finding);
  CHECK(there.report() == here.report());
}

TEST_CASE("neighbour: of what always fails no decision matters") {
  const auto scenario = []() -> Coro<void> {
    std::string word;
    const auto a = create_task(append(word, 'a', 1), {.name = "a"});
    const auto b = create_task(append(word, 'b', 1), {.name = "b"});
    co_await a;
    co_await b;
    throw ValueError("always");
  };
  const Exploration result = explored(scenario);
  REQUIRE(result.finding);
  CHECK(!result.finding->neighbour);
  REQUIRE(result.finding->decisions);
  CHECK(result.finding->decisions->all > 0);
  CHECK(result.finding->decisions->irrelevant.size() == result.finding->decisions->all);
  CHECK(contains(result.report(), "matters on its own: it fails in the same way whoever goes on."));
}

TEST_CASE("neighbour: decisions about tasks that have nothing to do with it are told as irrelevant") {
  const Exploration result = explored(words);
  REQUIRE(result.finding);
  REQUIRE(result.finding->decisions);
  const Decisions& decisions = *result.finding->decisions;
  CHECK(!decisions.irrelevant.empty());
  CHECK(decisions.irrelevant.size() < decisions.all);
}

TEST_CASE("neighbour: numbers that the program asked for stay as they were") {
  const auto scenario = []() -> Coro<void> {
    std::string word;
    const std::uint32_t number = sim::random(7, "which");
    const auto a = create_task(append(word, 'a', 1), {.name = "a"});
    const auto b = create_task(append(word, 'b', 1), {.name = "b"});
    co_await a;
    co_await b;
    COWEAVE_REQUIRE((number != 5 || word == "ab"));
  };
  const Exploration result = explored(scenario);
  REQUIRE(result.finding);
  REQUIRE(result.finding->neighbour);
}
