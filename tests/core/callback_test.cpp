#include <coweave/core/callback.hpp>

#include <coweave/tests/core/log.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

using namespace coweave;
using namespace coweave::tests;
using namespace std::chrono_literals;

TEST_CASE("callback: run in order, and what they schedule waits for the next iteration (LOOP1)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          call_soon([&] { log("a"); });
          call_soon([&] { log("b"); });
          call_soon([&] {
            log("c");
            call_soon([&] { log("c'"); });
          });
          call_soon([&] { log("d"); });
          co_await tick();
          log("main");
          co_await tick();
          log("main2");
        }) == "a ; b ; c ; d ; main ; c' ; main2");
}

TEST_CASE("callback: timers run in order of time, and never at once (LOOP2)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          call_later(200ms, [&] { log("A"); });
          call_later(100ms, [&] { log("B"); });
          call_soon([&] { log("C"); });
          call_later(0ms, [&] { log("D"); });
          call_later(-1ms, [&] { log("E"); });
          co_await sleep(300ms);
          log("end");
        }) == "C ; E ; D ; B ; A ; end");
}

TEST_CASE("callback: timers of one instant run in order of creation (LOOP3, LOOP3b, K3)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          for (int number = 0; number < 8; ++number) call_at(1s, [&log, number] { log("", number); });
          co_await sleep(2s);
        }) == "0 ; 1 ; 2 ; 3 ; 4 ; 5 ; 6 ; 7");
}

TEST_CASE("callback: timers of one instant stay in order when others between them are cancelled (K3)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          std::vector<CallHandle> handles;
          for (int number = 0; number < 40; ++number)
            handles.push_back(call_at(Duration(1s) * (1 + number % 2), [&log, number] {
              if (number % 4 == 2 || number % 8 == 1) log("", number);
            }));
          for (std::size_t number = 0; number < 40; number += 4) handles[number].cancel();
          co_await sleep(3s);
        }) == "2 ; 6 ; 10 ; 14 ; 18 ; 22 ; 26 ; 30 ; 34 ; 38 ; 1 ; 9 ; 17 ; 25 ; 33");
}

TEST_CASE("callback: a cancelled one does not run, and cancelling is idempotent (LOOP4)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const CallHandle soon = call_soon([&] { log("soon"); });
          const CallHandle later = call_later(100ms, [&] { log("later"); });
          for (int time = 0; time < 2; ++time) {
            soon.cancel();
            later.cancel();
          }
          co_await sleep(1s);
          log("", soon.cancelled() && later.cancelled());
        }) == "True");
}

TEST_CASE("callback: one cancels a later one of the same iteration (LOOP5)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          std::optional<CallHandle> b;
          call_soon([&] {
            log("a");
            b->cancel();
          });
          b.emplace(call_soon([&] { log("b"); }));
          co_await tick();
          log("end");
        }) == "a ; end");
}

TEST_CASE("callback: cancelling a later one of the same iteration lets what it scheduled wait") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          std::optional<CallHandle> b;
          call_soon([&] {
            log("a");
            call_soon([&] { log("a'"); });
            call_later(0ms, [&] { log("timer"); });
            b->cancel();
          });
          b.emplace(call_soon([&] { log("b"); }));
          call_soon([&] { log("c"); });
          co_await tick();
          log("main");
          co_await tick();
          log("end");
        }) == "a ; c ; main ; a' ; end ; timer");
}

TEST_CASE("callback: one that cancels itself while it runs is harmless") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          std::optional<CallHandle> self;
          self.emplace(call_soon([&] {
            self->cancel();
            log("ran");
          }));
          co_await tick();
          self->cancel();
          log("", self->cancelled());
        }) == "ran ; True");
}

TEST_CASE("callback: cancelling lets go of the function at once") {
  const auto token = std::make_shared<int>(0);
  CHECK(run_fifo([&](Log& log) -> Coro<void> {
          const CallHandle soon = call_soon([token] {});
          const CallHandle later = call_later(1s, [token] {});
          log("", token.use_count());
          soon.cancel();
          later.cancel();
          log("", token.use_count());
          co_return;
        }) == "3 ; 1");
}

TEST_CASE("callback: functions of timers that never fire are let go of") {
  const auto token = std::make_shared<int>(0);
  CHECK(run_fifo([&](Log&) -> Coro<void> {
          call_later(1h, [token] {});
          co_return;
        }) == "");
  CHECK(token.use_count() == 1);
}

TEST_CASE("callback: one that raises is reported (LOOP6)") {
  CHECK(run_fifo([](Log&) -> Coro<void> {
          call_soon([] { throw ValueError("bad"); });
          co_await tick();
        }) == "EXCEPTION Exception in callback: coweave::ValueError: bad");
}

TEST_CASE("callback: a timer fires before nothing that was ready already (LOOP7)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          call_later(100ms, [&] { log("timer"); });
          co_await sleep(100ms);  // its timer fires behind the other one, and the task runs after that
          log("main");
        }) == "timer ; main");
}

TEST_CASE("callback: when it is due") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          co_await sleep(1s);
          const CallHandle at = call_at(5s, [] {});
          const CallHandle later = call_later(5s, [] {});
          log("", at.when() / 1s);
          log("", later.when() / 1s);
        }) == "5 ; 6");
}

TEST_CASE("callback: without a loop it is a RuntimeError") {
  CHECK_THROWS_AS(call_soon([] {}), RuntimeError);
  CHECK_THROWS_AS(call_later(1s, [] {}), RuntimeError);
  CHECK_THROWS_AS(call_at(1s, [] {}), RuntimeError);
}
