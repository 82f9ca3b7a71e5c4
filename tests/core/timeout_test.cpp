#include <coweave/core/timeout.hpp>

#include <coweave/core/callback.hpp>
#include <coweave/core/task_group.hpp>
#include <coweave/tests/core/log.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

using namespace coweave;
using namespace coweave::tests;
using namespace std::chrono_literals;

namespace {

/// Awaits `block` and logs what leaves it, or nothing.
Coro<void> caught(Log& log, Coro<void> block, std::string name = {}) {
  try {
    co_await std::move(block);
  } catch (...) {
    log(at_ms(name + show()));
  }
}

Coro<void> sleeper(Duration delay) { co_await sleep(delay); }

Coro<void> logging_sleeper(Log& log, std::string name, Duration delay) {
  try {
    co_await sleep(delay);
  } catch (...) {
    log(at_ms(name + " " + show()));
    throw;
  }
}

}  // namespace

TEST_CASE("timeout: a block that takes too long ends with TimeoutError (tTO01, tTO04)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Timeout limit(10ms);
          co_await caught(log, limit.run(logging_sleeper(log, "body", 10s)));
          log("expired ", limit.expired());
        }) == "body CE @10 ; TE @10 ; expired True");
}

TEST_CASE("timeout: with a deadline (tTO02)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          co_await sleep(1s);
          Timeout limit = Timeout::at(1010ms);
          co_await caught(log, limit.run(sleeper(10s)));
          log("when ", limit.when()->count());
          co_await caught(log, timeout_at(1020ms, sleeper(10s)));
        }) == "TE @1010 ; when 1010000000 ; TE @1020");
}

TEST_CASE("timeout: two with the same deadline, one TimeoutError from the outer (tTO03, TO5c)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Timeout outer = Timeout::at(100ms);
          Timeout inner = Timeout::at(100ms);
          auto body = [&](Timeout&) -> Coro<void> {
            try {
              co_await inner.run(sleeper(1s));
            } catch (...) {
              log("inner " + show());
              throw;
            }
          };
          co_await caught(log, outer.run(body), "outer ");
          log("outer ", outer.expired());
          log("inner ", inner.expired());
          log("cancelling ", current_task().cancelling());
        }) == "inner CE ; outer TE @100 ; outer True ; inner True ; cancelling 0");
}

TEST_CASE("timeout: a block that ends in time does not expire (tTO05)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Timeout limit(10s);
          co_await limit.run(sleeper(10ms));
          log(at_ms("end"));
          log("expired ", limit.expired());
          log("when ", limit.when()->count());
          log(to_string(limit.state()));
          co_await sleep(60s);
        }) == "end @10 ; expired False ; when 10000000000 ; finished");
}

TEST_CASE("timeout: without a limit it never expires (tTO06, tTO07)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Timeout never{Delay(std::nullopt)};
          co_await never.run(sleeper(1min));
          log("when ", never.when().has_value());
          Timeout at = Timeout::at(std::nullopt);
          co_await at.run(sleeper(1min));
          log("when ", at.when().has_value());
          log("expired ", never.expired() || at.expired());
          co_await timeout(std::nullopt, sleeper(1min));
          co_await timeout_at(std::nullopt, sleeper(1min));
          log(at_ms("end"));
        }) == "when False ; when False ; expired False ; end @240000");
}

TEST_CASE("timeout: without any time it expires in the next iteration (tTO08, tTO09, tTO10, TO3)") {
  for (const Duration delay : {Duration(0), Duration(-11s)}) {
    CHECK(run_fifo([&](Log& log) -> Coro<void> {
            Timeout limit(delay);
            auto body = [&](Timeout&) -> Coro<void> {
              log("body");
              co_await tick();
              log("after");
            };
            co_await caught(log, limit.run(body));
            log("expired ", limit.expired());
            co_await caught(log, timeout(delay, sleeper(10s)));
          }) == "body ; TE @0 ; expired True ; TE @0");
  }
}

TEST_CASE("timeout: a block that does not suspend is never too late (TO3b, TO8c)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Timeout limit(-1s);
          auto body = [&](Timeout&) -> Coro<int> {
            log("body");
            co_return 5;
          };
          log("", co_await limit.run(body));
          log("expired ", limit.expired());
          co_await tick();
          log("cancelling ", current_task().cancelling());
        }) == "body ; 5 ; expired False ; cancelling 0");
}

TEST_CASE("timeout: an exception of the block passes (tTO11)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Timeout limit(1s);
          auto body = [](Timeout&) -> Coro<void> {
            throw ValueError("V");
            co_return;
          };
          co_await caught(log, limit.run(body));
          log("expired ", limit.expired());
        }) == "V(V) @0 ; expired False");
}

TEST_CASE("timeout: the cause of TimeoutError is the CancelledError (tTO12)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [](Timeout&) -> Coro<void> {
            try {
              co_await sleep(1s);
            } catch (const CancelledError&) {
              throw CancelledError("mine");
            }
          };
          try {
            co_await timeout(10ms, body);
          } catch (const TimeoutError& error) {
            log("TE from " + show(error.cause()));
          }
        }) == "TE from CE(mine)");
}

TEST_CASE("timeout: an exception that the cancellation turned into passes (tTO13, tTO14, TO8)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Timeout limit(10ms);
          auto body = [](Timeout&) -> Coro<void> {
            bool cancelled = false;
            try {
              co_await sleep(1s);
            } catch (const CancelledError&) {
              cancelled = true;
            }
            if (cancelled) throw ValueError("V");
          };
          co_await caught(log, limit.run(body));
          log("expired ", limit.expired());
          log("cancelling ", current_task().cancelling());
        }) == "V(V) @10 ; expired True ; cancelling 0");
}

TEST_CASE("timeout: a task that cancels itself in time is cancelled (tTO15)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          std::optional<Timeout::State> state;
          auto parent = [&]() -> Coro<void> {
            Timeout limit(10ms);
            auto body = [](Timeout&) -> Coro<void> {
              current_task().cancel();
              co_await sleep(10s);
            };
            try {
              co_await limit.run(body);
            } catch (...) {
              log(show());
              state = limit.state();
              throw;
            }
          };
          const auto t = create_task(parent());
          co_await tick();
          co_await tick();
          log(end_of(t));
          log(to_string(state.value()));
        }) == "CE ; cancelled ; finished");
}

TEST_CASE("timeout: a task that caught TimeoutError ends as it likes (tTO16)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto parent = [&]() -> Coro<void> { co_await caught(log, timeout(10ms, sleeper(1s))); };
          const auto t = create_task(parent());
          co_await t;
          log(end_of(t));
          log("cancelling ", t.cancelling());
        }) == "TE @10 ; ok ; cancelling 0");
}

TEST_CASE(
    "timeout: of nested ones that are overdue at once the outer throws, whichever was first (tTO17, tTO18)") {
  for (const bool outer_first : {false, true}) {
    CHECK(run_fifo([&](Log& log) -> Coro<void> {
            Timeout outer(10ms);
            Timeout inner(100ms);
            auto innermost = [&](Timeout&) -> Coro<void> {
              if (outer_first) outer.reschedule(Duration(0));
              inner.reschedule(Duration(0));
              if (!outer_first) outer.reschedule(Duration(0));
              co_await sleep(1s);
            };
            auto body = [&](Timeout&) -> Coro<void> {
              try {
                co_await inner.run(innermost);
              } catch (...) {
                log("inner " + show());
                throw;
              }
            };
            co_await caught(log, outer.run(body), "outer ");
            log("expired ", outer.expired() && inner.expired());
          }) == "inner CE ; outer TE @0 ; expired True");
  }
}

TEST_CASE("timeout: an outer one interrupts what follows the inner (TO5b)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&](Timeout&) -> Coro<void> {
            co_await caught(log, timeout(100ms, sleeper(1s)), "inner ");
            co_await sleep(100ms);
            log(at_ms("cont"));
            co_await sleep(10s);
          };
          co_await caught(log, timeout(300ms, body), "outer ");
        }) == "inner TE @100 ; cont @200 ; outer TE @300");
}

TEST_CASE("timeout: an outer one that expires in the inner one (TO5)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Timeout outer(100ms);
          Timeout inner(200ms);
          auto body = [&](Timeout&) -> Coro<void> {
            try {
              co_await inner.run(sleeper(1s));
            } catch (...) {
              log("inner " + show());
              throw;
            }
          };
          co_await caught(log, outer.run(body), "outer ");
          log("outer ", outer.expired());
          log("inner ", inner.expired());
        }) == "inner CE ; outer TE @100 ; outer True ; inner False");
}

TEST_CASE("timeout: the deadline can be moved and lifted (tTO19, TO7)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Timeout limit(10ms);
          auto body = [&](Timeout& same) -> Coro<void> {
            log("same ", &same == &limit);
            same.reschedule(Loop::current().time() + 1s);
            log("when ", limit.when()->count());
            co_await sleep(500ms);
            same.reschedule(std::nullopt);
            log("when ", limit.when().has_value());
            co_await sleep(5s);
            same.reschedule(6s);
            co_await sleep(5s);
          };
          co_await caught(log, limit.run(body));
        }) == "same True ; when 1000000000 ; when False ; TE @6000");
}

TEST_CASE("timeout: a task cancelled after the deadline was lifted is cancelled (tTO19)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto parent = [&]() -> Coro<void> {
            Timeout limit(10ms);
            auto body = [&](Timeout& same) -> Coro<void> {
              same.reschedule(std::nullopt);
              co_await sleep(10s);
            };
            try {
              co_await limit.run(body);
            } catch (...) {
              log(show());
              log("expired ", limit.expired());
              throw;
            }
          };
          const auto t = create_task(parent());
          co_await sleep(1s);
          t.cancel();
          co_await tick();
          log(end_of(t));
        }) == "CE ; expired False ; cancelled");
}

TEST_CASE("timeout: the states have asyncio's names (tTO20, tTO21, tTO22, tTO23)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Timeout limit(10ms);
          log(to_string(limit.state()));
          auto body = [&](Timeout&) -> Coro<void> {
            log(to_string(limit.state()));
            try {
              co_await sleep(1s);
            } catch (const CancelledError&) {
              log(to_string(limit.state()));
              throw;
            }
          };
          co_await caught(log, limit.run(body));
          log(to_string(limit.state()));
          Timeout finished(10ms);
          co_await finished.run(sleeper(0s));
          log(to_string(finished.state()));
        }) == "created ; active ; expiring ; TE @10 ; expired ; finished");
}

TEST_CASE("timeout: one in the cleanup of another that expired (tTO24)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&](Timeout&) -> Coro<void> {
            std::exception_ptr error;
            try {
              co_await sleep(1s);
            } catch (...) {
              error = std::current_exception();
            }
            co_await caught(log, timeout(20ms, sleeper(1s)), "cleanup ");
            std::rethrow_exception(error);
          };
          co_await caught(log, timeout(10ms, body), "outer ");
        }) == "cleanup TE @30 ; outer TE @30");
}

TEST_CASE("timeout: a cancellation swallowed before does not disturb it (tTO25, TO6c)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto parent = [&](Duration delay) -> Coro<void> {
            try {
              current_task().cancel();
              co_await sleep(1s);
            } catch (const CancelledError&) {
            }
            co_await caught(log, timeout(delay, sleeper(1s)));
            log("cancelling ", current_task().cancelling());
          };
          co_await create_task(parent(0s));
          co_await create_task(parent(100ms));
        }) == "TE @0 ; cancelling 1 ; TE @100 ; cancelling 1");
}

TEST_CASE("timeout: a new cancellation passes though an earlier one was swallowed (tTO26)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto parent = [&]() -> Coro<void> {
            try {
              current_task().cancel();
              co_await sleep(1s);
            } catch (const CancelledError&) {
            }
            Timeout limit(1s);
            auto body = [](Timeout&) -> Coro<void> {
              current_task().cancel();
              co_await sleep(2s);
            };
            co_await caught(log, limit.run(body));
            log("expired ", limit.expired());
          };
          co_await create_task(parent());
        }) == "CE @0 ; expired False");
}

TEST_CASE("timeout: a limit is run once (tTO27, tTO28)") {
  const auto token = std::make_shared<int>(0);
  CHECK(run_fifo([&](Log& log) -> Coro<void> {
          auto held = [](std::shared_ptr<int>) -> Coro<void> { co_return; };
          Timeout limit(1s);
          auto body = [&](Timeout& same) -> Coro<void> {
            co_await caught(log, same.run(held(token)));
            co_await sleep(0s);
          };
          co_await limit.run(body);
          co_await caught(log, limit.run(held(token)));
        }) ==
        "RuntimeError(Timeout has already been entered) @0 ; "
        "RuntimeError(Timeout has already been entered) @0");
  CHECK(token.use_count() == 1);
}

TEST_CASE("timeout: it is moved only while its block runs in time (tTO29, tTO30, tTO31, tTO32)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto move = [&](Timeout& limit) {
            try {
              limit.reschedule(2s);
            } catch (...) {
              log(show());
            }
          };
          Timeout finished(1s);
          move(finished);
          co_await finished.run(sleeper(0s));
          move(finished);
          Timeout expired(10ms);
          auto body = [&](Timeout& same) -> Coro<void> {
            try {
              co_await sleep(1s);
            } catch (const CancelledError&) {
            }
            move(same);
          };
          co_await expired.run(body);
          move(expired);
        }) ==
        "RuntimeError(Timeout has not been entered) ; "
        "RuntimeError(Cannot change state of finished Timeout) ; "
        "RuntimeError(Cannot change state of expiring Timeout) ; "
        "RuntimeError(Cannot change state of expired Timeout)");
}

TEST_CASE("timeout: outside of a loop there is no clock to count from (tTO33)") {
  CHECK_THROWS_WITH_AS(Timeout(1s),
                       "no running event loop: call this from within run(), explore() or a callback",
                       RuntimeError);
  Timeout limit = Timeout::at(1s);
  CHECK_THROWS_WITH_AS(limit.reschedule(2s), "Timeout has not been entered", RuntimeError);
}

TEST_CASE("timeout: around a task group (tTO34)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto child = []() -> Coro<void> {
            bool cancelled = false;
            try {
              co_await sleep(1s);
            } catch (const CancelledError&) {
              cancelled = true;
            }
            if (cancelled) throw ValueError("child");
          };
          auto group_body = [&](TaskGroup& group) -> Coro<void> {
            group.create_task(child());
            bool cancelled = false;
            try {
              co_await sleep(1s);
            } catch (const CancelledError&) {
              cancelled = true;
            }
            if (cancelled) throw ValueError("body");
          };
          Timeout limit(10ms);
          co_await caught(log, limit.run(TaskGroup::run(group_body)));
          log("expired ", limit.expired());
          log("cancelling ", current_task().cancelling());
        }) == "EG[V(child),V(body)] @10 ; expired True ; cancelling 0");
}

TEST_CASE("timeout: in a task of a group it fails the group (TO9b)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&](TaskGroup& group) -> Coro<void> {
            group.create_task(timeout(10ms, sleeper(1s)));
            group.create_task(logging_sleeper(log, "sibling", 1s));
            co_return;
          };
          co_await caught(log, TaskGroup::run(body));
        }) == "sibling CE @10 ; EG[TE] @10");
}

TEST_CASE("timeout: a cancellation from outside in the instant of the deadline passes (TO6)") {
  const auto program = [](bool outside_first) {
    return run_fifo([outside_first](Log& log) -> Coro<void> {
      Task<void> t;
      if (outside_first) call_at(100ms, [&] { t.cancel("outside"); });
      auto parent = [&]() -> Coro<void> {
        Timeout limit(100ms);
        try {
          co_await limit.run(sleeper(1s));
        } catch (...) {
          log(show());
          log("expired ", limit.expired());
          log("cancelling ", current_task().cancelling());
          throw;
        }
      };
      t = create_task(parent());
      co_await tick();
      if (!outside_first) call_at(100ms, [&] { t.cancel("outside"); });
      co_await sleep(1s);
      log(end_of(t));
    });
  };
  // The first of the two cancels the wait, and the message is its.
  CHECK(program(true) == "CE(outside) ; expired True ; cancelling 1 ; cancelled");
  CHECK(program(false) == "CE ; expired True ; cancelling 1 ; cancelled");
}

TEST_CASE("timeout: a cancellation pending on entry is not swallowed (TO9, gh-134471)") {
  const auto program = [](Duration delay) {
    return run_fifo([delay](Log& log) -> Coro<void> {
      auto parent = [&]() -> Coro<void> {
        current_task().cancel("outside");
        Timeout limit(delay);
        try {
          co_await limit.run(sleeper(1s));
        } catch (...) {
          log(show());
          log("cancelling ", current_task().cancelling());
          throw;
        }
      };
      const auto t = create_task(parent());
      co_await sleep(2s);
      log(end_of(t));
    });
  };
  CHECK(program(0s) == "CE(outside) ; cancelling 1 ; cancelled");
  CHECK(program(1s) == "CE(outside) ; cancelling 1 ; cancelled");
}

TEST_CASE("timeout: two nested ones do not swallow a cancellation pending on entry") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto parent = [&]() -> Coro<void> {
            current_task().cancel("one");
            current_task().cancel("two");
            auto body = [&](Timeout&) -> Coro<void> { co_await timeout(0s, sleeper(1s)); };
            try {
              co_await timeout(0s, body);
            } catch (...) {
              log(show());
              log("cancelling ", current_task().cancelling());
              throw;
            }
          };
          const auto t = create_task(parent());
          co_await sleep(2s);
          log(end_of(t));
        }) == "CE(two) ; cancelling 2 ; cancelled");
}

TEST_CASE("timeout: a block that swallows the cancellation is expired without an error (TO8b)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Timeout limit(10ms);
          auto body = [](Timeout&) -> Coro<int> {
            try {
              co_await sleep(1s);
            } catch (const CancelledError&) {
            }
            co_await sleep(1s);
            co_return 7;
          };
          log("", co_await limit.run(body));
          log("expired ", limit.expired());
          log(at_ms("end"));
        }) == "7 ; expired True ; end @1010");
}

TEST_CASE("timeout: a result in the instant of the deadline is lost to the block (TO8d)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto f = create_future<int>();
          call_later(100ms, [&] { f.set_result(7); });
          auto body = [&](Timeout&) -> Coro<void> { co_await f; };
          co_await caught(log, timeout(100ms, body));
          log("", f.result());
        }) == "TE @100 ; 7");
}

TEST_CASE("timeout: the expiry reaches the block one iteration later") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          call_later(100ms, [&] {
            log("0");
            call_soon([&] {
              log("1");
              call_soon([&] { log("2"); });
            });
          });
          co_await caught(log, timeout(100ms, sleeper(1s)));
          co_await tick();
        }) == "0 ; 1 ; TE @100 ; 2");
}

TEST_CASE("timeout: the time counts from when it is awaited") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto block = timeout(100ms, sleeper(1s));
          co_await sleep(1s);
          co_await caught(log, std::move(block));
        }) == "TE @1100");
}

TEST_CASE("timeout: a block may give a reference, or what can only be moved") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          int number = 1;
          auto reference = [&](Timeout&) -> Coro<int&> {
            co_await tick();
            co_return number;
          };
          co_await timeout(1s, reference) = 7;
          auto only = [](Timeout&) -> Coro<std::unique_ptr<int>> { co_return std::make_unique<int>(1); };
          const auto one = co_await timeout(1s, only);
          log("", number + *one);
        }) == "8");
}

TEST_CASE("timeout: the callable is kept for as long as its coroutine runs") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          std::optional<Coro<void>> running;
          {
            const std::string text(100, 'x');
            auto body = [text, &log](Timeout&) -> Coro<void> {
              co_await sleep(1s);
              log("size ", text.size());
            };
            running.emplace(timeout(10s, body));
          }
          co_await std::move(*running);
        }) == "size 100");
}

TEST_CASE("timeout: dropped without being awaited, it is reported once") {
  const std::string text = run_fifo([](Log& log) -> Coro<void> {
    {
      const auto dropped = timeout(1s, sleeper(1s));
    }
    log("end");
    co_return;
  });
  CHECK(text.starts_with("end ; NEVER AWAITED"));
}

TEST_CASE("timeout: frames destroyed in a block leave no timer behind") {
  const auto token = std::make_shared<int>(0);
  CHECK(run_fifo([&](Log& log) -> Coro<void> {
          auto parent = [](std::shared_ptr<int>, Duration delay) -> Coro<void> {
            Timeout limit(delay);
            auto body = [](Timeout&) -> Coro<void> {
              try {
                co_await sleep(1h);
              } catch (const CancelledError&) {
              }
              co_await sleep(1h);
            };
            co_await limit.run(body);
          };
          create_task(parent(token, 1h));
          create_task(parent(token, 1ms));
          create_task(timeout(1h, sleeper(1h)));
          co_await sleep(1s);
          log("end");
        }) == "end ; LEAK");
  CHECK(token.use_count() == 1);
}

TEST_CASE("timeout: frames destroyed between the deadline and the cancellation leave nothing behind") {
  const std::string text = run_fifo([](Log& log) -> Coro<void> {
    call_at(100ms, [] { throw ValueError("stop"); });
    co_await timeout(100ms, sleeper(1h));
    log("not reached");
  });
  CHECK(text == "EXCEPTION Exception in callback: coweave::ValueError: stop");
}
