#include <coweave/core/sleep.hpp>

#include <coweave/core/callback.hpp>
#include <coweave/tests/core/log.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <ratio>
#include <string>

using namespace coweave;
using namespace coweave::tests;
using namespace std::chrono_literals;

namespace {

Coro<void> sleeper(Log& log, std::string name, Duration delay) {
  co_await sleep(delay);
  log(name);
}

}  // namespace

TEST_CASE("sleep: sleepers wake in order of time, and of creation among equals (SLEEP2)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto a = create_task(sleeper(log, "a", 200ms));
          const auto b = create_task(sleeper(log, "b", 100ms));
          const auto c = create_task(sleeper(log, "c", 0ms));
          const auto d = create_task(sleeper(log, "d", 100ms));
          co_await a;
          co_await d;
          co_await c;
          co_await b;
        }) == "c ; b ; d ; a");
}

TEST_CASE("sleep: a sleeper resumes in the iteration after its timer fired (SLEEP5)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto a = create_task(sleeper(log, "a", 100ms));
          co_await tick();
          call_later(100ms, [&] {
            log("timer");
            call_soon([&] { log("S"); });
          });
          co_await a;
          co_await tick();
        }) == "timer ; a ; S");
}

TEST_CASE("sleep: zero and less give up exactly one iteration") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          for (const Duration delay : {Duration(0), Duration(-1), Duration(-1h)}) {
            call_soon([&] {
              log("first");
              call_soon([&] { log("second"); });
            });
            co_await sleep(delay);
            log("main");
            co_await tick();
          }
          log(at_ms("end"));
        }) == "first ; main ; second ; first ; main ; second ; first ; main ; second ; end @0");
}

TEST_CASE("sleep: time passes to the nanosecond") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          co_await sleep(1ns);
          log("", Loop::current().time().count());
          co_await sleep(1.5s);
          log("", Loop::current().time().count());
          co_await sleep(std::chrono::minutes(1));
          log("", Loop::current().time().count());
        }) == "1 ; 1500000001 ; 61500000001");
}

TEST_CASE("sleep: a delay that is NaN is a ValueError (tTK68)") {
  using Seconds = std::chrono::duration<double>;
  CHECK_THROWS_WITH_AS(static_cast<void>(sleep(Seconds(std::numeric_limits<double>::quiet_NaN()))),
                       "Invalid delay: NaN (not a number)", ValueError);
}

TEST_CASE("sleep: an endless delay does not overflow") {
  using Seconds = std::chrono::duration<double>;
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          co_await sleep(1s);
          auto endless = []() -> Coro<void> {
            co_await sleep(Seconds(std::numeric_limits<double>::infinity()));
          };
          auto longest = []() -> Coro<void> { co_await sleep(Duration::max()); };
          const auto a = create_task(endless());
          const auto b = create_task(longest());
          co_await sleep(1s);
          log("done ", a.done() || b.done());
          a.cancel();
          b.cancel();
          co_await tick();
          co_await sleep(Seconds(-std::numeric_limits<double>::infinity()));
          log(at_ms("end"));
        }) == "done False ; end @2000");
}

TEST_CASE("sleep: ready work runs before a timer that became due meanwhile") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto a = create_task(sleeper(log, "a", 1ms));
          co_await sleep(1ms);
          log("main");
          co_await a;
        }) == "main ; a");
}

TEST_CASE("sleep: frames destroyed while they sleep leave no timer behind") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          for (int count = 0; count < 20; ++count) create_task(sleeper(log, "x", Duration(1s) * (count % 7)));
          co_await tick();
          co_await sleep(0.5s);
          log("end");
        }) == "x ; x ; x ; end ; LEAK");
}

TEST_CASE("sleep: it gives the result that it was given (tTK67, tSL01)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const std::string text = co_await sleep(50ms, std::string("yeah"));
          log(at_ms(text));
          call_soon([&] { log("first"); });
          log("", co_await sleep(0s, 7));
          const auto moved = co_await sleep(50ms, std::make_unique<int>(8));
          log(at_ms(std::to_string(*moved)));
        }) == "yeah @50 ; first ; 7 ; 8 @100");
}

TEST_CASE("sleep: a sleeper that is cancelled wakes at once (tTK69, tTK70)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto t = create_task(sleeper(log, "slept in", 5000s));
          call_later(100ms, [&] { t.cancel(); });
          try {
            co_await t;
          } catch (...) {
            log(at_ms(show()));
          }
          const auto idle = create_future<void>();
          co_await idle;  // with a timer left, the time would reach its bound instead
        }) == "CE @100 ; DEADLOCK");
}

TEST_CASE("sleep: delays in coarse units do not overflow") {
  using Years = std::chrono::duration<std::int64_t, std::ratio<31'556'952>>;
  CHECK(detail::to_duration(Years(1'000)) == Duration::max());
  CHECK(detail::to_duration(Years(-1'000)) == Duration::min());
  CHECK(detail::to_duration(std::chrono::hours(2)) == 2h);
  CHECK(detail::to_duration(std::chrono::duration<double>(-1e300)) == Duration::min());
  CHECK(detail::to_duration(std::chrono::duration<float>(0.5f)) == 500ms);
}
