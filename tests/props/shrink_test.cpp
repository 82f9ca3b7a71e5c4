#include <coweave/coweave.hpp>
#include <coweave/props/deadline.hpp>
#include <coweave/props/property.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

using namespace coweave;
using namespace std::chrono_literals;

namespace {

/// The deviations of a finding: "4: random:height 1 of 3; …" of which the first is the 4th choice, from 1.
std::string deviations(const Exploration& result) {
  std::string list;
  REQUIRE(result.finding);
  const std::vector<traces::Choice>& choices = result.finding->trace.choices;
  for (std::size_t index = 0; index < choices.size(); ++index) {
    const traces::Choice& choice = choices[index];
    if (choice.taken != 0)
      list += (list.empty() ? "" : "; ") + std::to_string(index + 1) + ": " + choice.label + " " +
              std::to_string(choice.taken) + " of " + std::to_string(choice.options);
  }
  return list;
}

}  // namespace

TEST_CASE("shrink: what is not needed goes, and what is stands as late and as low as it can") {
  // Two of ten draws must be high: the least is two deviations, and the latest are the last two.
  const auto scenario = []() -> Coro<void> {
    int high = 0;
    for (int draw = 0; draw < 10; ++draw) high += sim::random(5, "height") >= 2 ? 1 : 0;
    COWEAVE_REQUIRE(high < 2);
    co_return;
  };
  const Exploration result = explore(scenario);
  CHECK(deviations(result) == "9: random:height 2 of 5; 10: random:height 2 of 5");
  CHECK(result.finding->minimal);
  CHECK(result.finding->deviations_found > 2);
}

TEST_CASE("shrink: a switch is simpler than a cancellation") {
  // The second task ends before the first if the first is cancelled, and also if it is overtaken.
  const auto scenario = []() -> Coro<void> {
    std::string order;
    auto note = [&order](char who) -> Coro<void> {
      co_await sleep(0s);
      order += who;
    };
    const auto first = create_task(note('a'));
    const auto second = create_task(note('b'));
    sim::may_cancel(first);
    const std::vector<Task<>> both{first, second};
    co_await wait(both);
    COWEAVE_REQUIRE(order.front() == 'a');
  };
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const Exploration result = explore(scenario, {.seed = seed});
    REQUIRE(result.finding);
    CHECK(result.finding->deviations == 1);
    CHECK(deviations(result).ends_with(": next 1 of 2"));
  }
}

TEST_CASE("shrink: an input is made smaller under the schedule that failed, however rare that is") {
  // One run of 4,096 fails, so a smaller input would not fail under the few fresh ones that it is given.
  const auto scenario = [](std::vector<int> values) -> Coro<void> {
    int right = 0;
    for (int draw = 0; draw < 6; ++draw) right += sim::random(4) == 3 ? 1 : 0;
    COWEAVE_REQUIRE((values.empty() || right < 6));
    co_return;
  };
  Options options{.runs = 2'000'000, .cases = 20};
  options.shrink_time_max = std::chrono::seconds(60);  // a slow machine has to come to the end of it, too
  const Exploration result = property("rare", scenario, options);
  REQUIRE(result.finding);
  CHECK(result.finding->deviations == 6);
  REQUIRE(result.finding->trace.generated.size() == 1);
  CHECK(result.finding->trace.generated[0].arguments[0].value == "[0]");
}

TEST_CASE("shrink: one bug is not exchanged for another that is smaller") {
  // "timeout" needs one draw, "disk corrupt" three, so the one is always smaller, and often the other is
  // found.
  std::string found;
  const auto scenario = [&found](const char* kind) -> Coro<void> {
    int high = 0;
    for (int draw = 0; draw < 3; ++draw) high += sim::random(2) == 1 ? 1 : 0;
    const bool late = sim::random(8) == 1;
    if (high < 3 && !late) co_return;
    const std::string what = std::string(kind) + (high == 3 ? " disk corrupt" : " timeout");
    if (found.empty()) found = what;
    throw std::runtime_error(what);
  };
  int corrupt = 0;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    found.clear();
    const auto once = [&scenario]() -> Coro<void> { return scenario("server:"); };
    const Exploration result = explore(once, {.seed = seed});
    REQUIRE(result.finding);
    CHECK(result.finding->trace.verdict.message == "std::runtime_error: " + found);
    corrupt += found == "server: disk corrupt" ? 1 : 0;
  }
  CHECK(corrupt > 3);
  CHECK(corrupt < 27);
}

TEST_CASE("shrink: a deadlock of locks is not exchanged for a wait without a circle") {
  const auto take_both = [](Lock& first, Lock& second) -> Coro<void> {
    co_await first.acquire();
    co_await sleep(0s);
    co_await second.acquire();
    second.release();
    first.release();
  };
  int circles = 0;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    std::string found;
    const auto scenario = [&]() -> Coro<void> {
      Lock a("a");
      Lock b("b");
      Event never("never");
      const bool stuck = sim::random(4) == 1;
      const auto one = create_task(take_both(a, b));
      co_await sleep(0s);
      co_await sleep(0s);
      const auto two = create_task(take_both(b, a));
      if (stuck) co_await never.wait();
      co_await one;
      co_await two;
    };
    const Exploration unshrunk = explore(scenario, {.seed = seed, .shrink_time_max = 0s});
    const Exploration shrunk = explore(scenario, {.seed = seed});
    REQUIRE(unshrunk.finding);
    REQUIRE(shrunk.finding);
    CHECK(shrunk.finding->trace.verdict.shape == unshrunk.finding->trace.verdict.shape);
    circles += shrunk.finding->trace.verdict.shape == "cycle" ? 1 : 0;
  }
  CHECK(circles > 0);
  CHECK(circles < 30);
}

TEST_CASE("shrink: a candidate that does not end is given up when the time is up, and the finding stays") {
  // In asyncio's order the waiter looks too early, and then spins for ever.
  const auto scenario = []() -> Coro<void> {
    bool set = false;
    auto wait = [](const bool& is_set) -> Coro<void> {
      co_await sleep(0s);
      const bool seen = is_set;
      while (!seen) co_await sleep(0s);
    };
    auto set_it = [](bool& is_set) -> Coro<void> {
      co_await sleep(0s);
      co_await sleep(0s);
      is_set = true;
    };
    const auto waiter = create_task(wait(set));
    const auto setter = create_task(set_it(set));
    co_await waiter;
    co_await setter;
    throw ValueError("it came late");
  };
  for (const std::uint32_t workers : {0U, 1U}) {
    const detail::Stopwatch watch;
    Options options{.name = "spins", .policy = "random", .workers = workers};
    options.steps_max = 4'000'000'000;
    options.shrink_time_max = 100ms;
    options.corpus = no_corpus;
    options.wall_time_max = 50ms;  // of a search whose first run spins; then another seed
    Exploration result;
    for (options.seed = 1; !result.finding && options.seed <= 100; ++options.seed)
      result = explore(scenario, options);
    CHECK(watch.elapsed() < 30s);
    REQUIRE(result.finding);
    CHECK(result.finding->trace.verdict.kind == traces::VerdictKind::exception);
    CHECK(result.finding->deviations > 0);
    CHECK(!result.finding->minimal);
    CHECK(!result.finding->neighbour);
  }
}
