#include <coweave/core/staggered_race.hpp>

#include <coweave/core/callback.hpp>
#include <coweave/tests/core/log.hpp>

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <source_location>
#include <string>
#include <utility>
#include <vector>

using namespace coweave;
using namespace coweave::tests;
using namespace std::chrono_literals;

namespace {

using Ways = std::vector<std::function<Coro<std::string>()>>;

Coro<std::string> named(Log& log, std::string name, Duration delay) {
  try {
    co_await sleep(delay);
  } catch (...) {
    log(show() + "-" + name);
    throw;
  }
  log(name);
  co_return name;
}

Coro<std::string> failing(Log& log, std::string name, Duration delay) {
  co_await sleep(delay);
  log("bad-" + name);
  throw ValueError(name);
}

std::function<Coro<std::string>()> ok(Log& log, std::string name, Duration delay) {
  return [&log, name, delay] { return named(log, name, delay); };
}
std::function<Coro<std::string>()> bad(Log& log, std::string name, Duration delay) {
  return [&log, name, delay] { return failing(log, name, delay); };
}

/// Runs the race and logs "winner index [exceptions] @ms".
Coro<void> race(Log& log, Ways ways, Delay delay) {
  const auto outcome = co_await staggered_race(std::move(ways), delay);
  std::string text = outcome.winner.value_or("None") + " ";
  text += outcome.index ? std::to_string(*outcome.index) : "None";
  text += " [";
  for (const std::exception_ptr& exception : outcome.exceptions)
    text += (text.back() == '[' ? "" : ",") + show(exception);
  log(at_ms(text + "]"));
}

void chain(Log& log, int last, int number = 1) {
  call_soon([&log, last, number] {
    log(std::to_string(number));
    if (number < last) chain(log, last, number + 1);
  });
}

/// One race, whose functions are `ways(log)`.
template <class Make>
std::string race_of(Make ways, Delay delay) {
  return run_fifo([&](Log& log) -> Coro<void> { co_await race(log, ways(log), delay); });
}

}  // namespace

TEST_CASE("staggered race: of nothing has no winner (tSG01)") {
  CHECK(race_of([](Log&) { return Ways(); }, std::nullopt) == "None None [] @0");
}

TEST_CASE("staggered race: the first to succeed wins, and the next never starts (tSG02)") {
  CHECK(race_of([](Log& log) { return Ways{ok(log, "a", 0s), ok(log, "b", 0s)}; }, std::nullopt) ==
        "a ; a 0 [None] @0");
}

TEST_CASE("staggered race: a failure starts the next at once (tSG03)") {
  CHECK(race_of([](Log& log) { return Ways{bad(log, "a", 0s), ok(log, "b", 100ms)}; }, std::nullopt) ==
        "bad-a ; b ; b 1 [V(a),None] @100");
  CHECK(race_of([](Log& log) { return Ways{bad(log, "a", 10ms), ok(log, "b", 100ms)}; }, 1h) ==
        "bad-a ; b ; b 1 [V(a),None] @110");
}

TEST_CASE("staggered race: the delay starts the next, and the winner cancels the others (tSG04)") {
  CHECK(race_of([](Log& log) { return Ways{ok(log, "a", 10s), ok(log, "b", 0s)}; }, 100ms) ==
        "b ; CE-a ; b 1 [CE,None] @100");
}

TEST_CASE("staggered race: all may fail (tSG05)") {
  CHECK(race_of([](Log& log) { return Ways{bad(log, "a", 0s), bad(log, "b", 0s)}; }, std::nullopt) ==
        "bad-a ; bad-b ; None None [V(a),V(b)] @0");
}

TEST_CASE("staggered race: with three runners, in CPython's order") {
  CHECK(race_of([](Log& log) { return Ways{ok(log, "a", 300ms), ok(log, "b", 100ms), ok(log, "c", 100ms)}; },
                100ms) == "b ; CE-a ; b 1 [CE,None] @200");
  CHECK(race_of([](Log& log) { return Ways{ok(log, "a", 300ms), ok(log, "b", 300ms), ok(log, "c", 100ms)}; },
                100ms) == "a ; CE-c ; CE-b ; a 0 [None,CE,CE] @300");
  CHECK(race_of([](Log& log) { return Ways{bad(log, "a", 50ms), bad(log, "b", 300ms), ok(log, "c", 100ms)}; },
                100ms) == "bad-a ; c ; c 2 [V(a),CE,None] @250");
  CHECK(race_of([](Log& log) { return Ways{bad(log, "a", 50ms), bad(log, "b", 300ms)}; }, 100ms) ==
        "bad-a ; bad-b ; None None [V(a),V(b)] @350");
}

TEST_CASE("staggered race: without a delay between them all start") {
  CHECK(race_of([](Log& log) { return Ways{ok(log, "a", 300ms), ok(log, "b", 100ms)}; }, 0s) ==
        "b ; CE-a ; b 1 [CE,None] @100");
}

TEST_CASE("staggered race: the end of the winner arrives as many iterations later as in CPython") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto winner = [&]() -> Coro<std::string> {
            log("0");
            chain(log, 6);
            co_return "w";
          };
          Ways ways(1, winner);
          co_await race(log, ways, std::nullopt);
          co_await sleep(1ms);
        }) == "0 ; 1 ; 2 ; 3 ; 4 ; w 0 [None] @0 ; 5 ; 6");
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto failure = [&]() -> Coro<std::string> {
            log("0");
            chain(log, 6);
            throw ValueError("1");
            co_return "";
          };
          auto winner = [&]() -> Coro<std::string> {
            log("ok");
            co_return "w";
          };
          Ways ways(1, failure);
          ways.emplace_back(winner);
          co_await race(log, ways, std::nullopt);
          co_await sleep(1ms);
        }) == "0 ; ok ; 1 ; 2 ; 3 ; 4 ; w 1 [V(1),None] @0 ; 5 ; 6");
}

TEST_CASE("staggered race: cancelled, it cancels its runners and does not wait for them") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const Ways ways{ok(log, "a", 1s), ok(log, "b", 1s), ok(log, "c", 1s)};
          auto body = [&]() -> Coro<void> {
            try {
              co_await race(log, ways, 100ms);
            } catch (...) {
              log(at_ms(show()));
              throw;
            }
          };
          const auto t = create_task(body());
          co_await sleep(150ms);
          t.cancel("why");
          for (int count = 0; count < 4; ++count) co_await tick();
          log("tasks ", all_tasks().size());
        }) == "CE(why) @150 ; CE-a ; CE-b ; tasks 1");
}

TEST_CASE("staggered race: a coroutine that gives a result though it lost is an error") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto stubborn = [&]() -> Coro<std::string> {
            try {
              co_await sleep(10s);
            } catch (const CancelledError&) {
              log("ignored");
            }
            co_return "stubborn";
          };
          Ways ways(1, stubborn);
          ways.push_back(ok(log, "b", 100ms));
          try {
            co_await race(log, ways, 100ms);
          } catch (...) {
            log(at_ms(show()));
          }
        }) ==
        "b ; ignored ; RuntimeError(staggered_race: a coroutine that was cancelled gave a result; "
        "let CancelledError pass) @200");
}

TEST_CASE("staggered race: a function that throws when it is called has failed") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Ways ways(1, []() -> Coro<std::string> { throw ValueError("call"); });
          ways.push_back(ok(log, "b", 0s));
          co_await race(log, ways, std::nullopt);
        }) == "b ; b 1 [V(call),None] @0");
}

TEST_CASE("staggered race: results that can only be moved, and none at all") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto make = []() -> Coro<std::unique_ptr<int>> { co_return std::make_unique<int>(7); };
          auto outcome = co_await staggered_race(std::vector<decltype(make)>(1, make), std::nullopt);
          log("", **outcome.winner);
          auto nothing = []() -> Coro<void> { co_return; };
          const auto done = co_await staggered_race(std::vector<decltype(nothing)>(1, nothing), 1s);
          log("won ", done.winner.has_value());
        }) == "7 ; won True");
}

TEST_CASE("staggered race: frames destroyed while it runs leave nothing behind") {
  const auto token = std::make_shared<int>(0);
  CHECK(run_fifo([&](Log& log) -> Coro<void> {
          auto slow = [](std::shared_ptr<int>) -> Coro<std::string> {
            co_await sleep(1h);
            co_return "";
          };
          auto body = [&](std::shared_ptr<int> held) -> Coro<void> {
            Ways ways(3, [&slow, held] { return slow(held); });
            co_await staggered_race(std::move(ways), 10ms);
          };
          create_task(body(token));
          co_await sleep(15ms);
          log("end");
        }) == "end ; LEAK");
  CHECK(token.use_count() == 1);
}

TEST_CASE("staggered race: its tasks are spawned where it is called") {
  const auto scenario = [](Log& log) -> Coro<void> {
    std::uint32_t line = 0;
    const std::function<Coro<std::string>()> way = [&]() -> Coro<std::string> {
      log("here ", Loop::current().current_task()->spawned_at().line() == line);
      throw ValueError("on");
      co_return "";
    };
    Ways ways(2, way);
    line = std::source_location::current().line() + 1;
    co_await staggered_race(std::move(ways), std::nullopt);
  };
  CHECK(run_fifo(scenario) == "here True ; here True");
}
