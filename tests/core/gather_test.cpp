#include <coweave/core/gather.hpp>

#include <coweave/core/callback.hpp>
#include <coweave/core/event_loop.hpp>
#include <coweave/tests/core/log.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <tuple>
#include <type_traits>
#include <variant>
#include <vector>

using namespace coweave;
using namespace coweave::tests;
using namespace std::chrono_literals;

namespace {

/// Sleeps, logs its name and returns it. Logs "CE-name" if cancelled.
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

Coro<std::string> stubborn(Log& log, std::string name) {
  try {
    co_await sleep(1s);
  } catch (const CancelledError&) {
    log("swallow-" + name);
  }
  co_return name;
}

Coro<std::string> awaiting(Future<std::string> future) {
  std::string value = co_await future;
  co_return value;
}

}  // namespace

TEST_CASE("gather: results stand in argument order (GATH2, tGA01, tGA14)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto [a, b, c] =
              co_await gather(named(log, "a", 300ms), named(log, "b", 100ms), named(log, "c", 200ms));
          log("[" + a + "," + b + "," + c + "]");
        }) == "b ; c ; a ; [a,b,c]");
}

TEST_CASE("gather: results of a range stand in its order (GATH2)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          std::vector<Coro<std::string>> coroutines;
          coroutines.push_back(named(log, "a", 300ms));
          coroutines.push_back(named(log, "b", 100ms));
          coroutines.push_back(named(log, "c", 200ms));
          const std::vector<std::string> all = co_await gather(std::move(coroutines));
          for (const std::string& name : all) log("=" + name);
        }) == "b ; c ; a ; =a ; =b ; =c");
}

TEST_CASE(
    "gather: the first exception ends it, the others run on and are not reported (GATH4, tGA03, tGA18)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto a = create_task(named(log, "ok-a", 300ms));
          try {
            co_await gather(a, failing(log, "b", 100ms), failing(log, "c", 200ms));
          } catch (...) {
            log(at_ms("caught " + show()));
          }
          log("a.done ", a.done());
          co_await sleep(1s);
        }) == "bad-b ; caught V(b) @100 ; a.done False ; bad-c ; ok-a");
}

TEST_CASE("gather: with return_exceptions it waits for all and gives each outcome (GATH5, tGA04)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto [a, b] =
              co_await gather(return_exceptions, named(log, "ok-a", 200ms), failing(log, "b", 100ms));
          log(at_ms("end"));
          log(a.value());
          log(show(b.exception()));
          CHECK(a.ok());
          CHECK_FALSE(b.ok());
          CHECK_FALSE(b.cancelled());
          CHECK_THROWS_AS(b.value(), ValueError);
        }) == "bad-b ; ok-a ; end @200 ; ok-a ; V(b)");
}

TEST_CASE("gather: cancelling it cancels every child, and it is not itself cancelled (GATH6)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto a = create_task(named(log, "a", 1s));
          const auto b = create_task(named(log, "b", 1s));
          const auto outer = gather(a, b);
          co_await tick();
          log("", outer.cancel("why"));
          try {
            co_await outer;
          } catch (...) {
            log(show());
          }
          log("outer.cancelled ", outer.cancelled());
          log("children ", a.cancelled() && b.cancelled());
        }) == "True ; CE(why)-a ; CE(why)-b ; CE(why) ; outer.cancelled False ; children True");
}

TEST_CASE("gather: cancelling the task that awaits it cancels the children (GATH6)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&]() -> Coro<void> { co_await gather(named(log, "a", 1s), named(log, "b", 1s)); };
          const auto t = create_task(body());
          co_await tick();
          co_await tick();
          t.cancel();
          try {
            co_await t;
          } catch (...) {
            log(show());
          }
          log("cancelled ", t.cancelled());
        }) == "CE-a ; CE-b ; CE ; cancelled True");
}

TEST_CASE(
    "gather: cancelled with return_exceptions it ends with CancelledError though a child swallows (GATH6c)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto outer = gather(return_exceptions, stubborn(log, "a"), named(log, "b", 1s));
          co_await tick();
          outer.cancel();
          try {
            co_await outer;
          } catch (...) {
            log(show());
          }
        }) == "swallow-a ; CE-b ; CE");
}

TEST_CASE("gather: cancelled, it ends with CancelledError though all children swallow (GATH6d)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto outer = gather(stubborn(log, "a"), stubborn(log, "b"));
          co_await tick();
          outer.cancel();
          try {
            co_await outer;
          } catch (...) {
            log(show());
          }
          log("cancelled ", outer.cancelled());
        }) == "swallow-a ; swallow-b ; CE ; cancelled False");
}

TEST_CASE("gather: cancelled, it does not wait for a child that cleans up slowly (GATH6e)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto slow = [&]() -> Coro<std::string> {
            try {
              co_await sleep(10s);
            } catch (const CancelledError&) {
            }
            co_await sleep(500ms);
            log(at_ms("slow cleanup done"));
            throw CancelledError();
          };
          const auto a = create_task(slow());
          const auto outer = gather(a, named(log, "b", 10s));
          co_await tick();
          outer.cancel();
          try {
            co_await outer;
          } catch (...) {
            log(at_ms(show()));
          }
          log("a.done ", a.done());
          co_await sleep(1s);
        }) == "CE-b ; CE @0 ; a.done False ; slow cleanup done @500");
}

TEST_CASE("gather: a child that somebody else cancels ends it, the others run on (GATH7)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto a = create_task(named(log, "a", 1s));
          const auto b = create_task(named(log, "b", 1s));
          const auto outer = gather(a, b);
          co_await tick();
          a.cancel();
          try {
            co_await outer;
          } catch (...) {
            log(show());
          }
          log("cancelled ", current_task().cancelled());
          co_await b;
        }) == "CE-a ; CE ; cancelled False ; b");
}

TEST_CASE("gather: a cancelled child is an outcome like others (GATH7b, tGA12)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto a = create_task(named(log, "a", 1s));
          const auto outer = gather(return_exceptions, a, named(log, "b", 1s));
          co_await tick();
          a.cancel();
          auto [first, second] = co_await outer;
          log("cancelled ", first.cancelled());
          log(second.value());
        }) == "CE-a ; b ; cancelled True ; b");
}

TEST_CASE("gather: of two that fail in one tick the first to end counts (GATH10)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          try {
            co_await gather(failing(log, "a", 100ms), failing(log, "b", 100ms));
          } catch (...) {
            log(show());
          }
        }) == "bad-a ; bad-b ; V(a)");
}

TEST_CASE("gather: once all children are done it cannot be cancelled any more (GATH12)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto f = create_future<int>();
          const auto outer = gather(f);
          f.set_result(1);
          log("", outer.cancel());
          const auto [value] = co_await outer;
          log("", value);
          log("", outer.cancel());
        }) == "False ; 1 ; False");
}

TEST_CASE("gather: a gather of gathers passes a cancellation down (GATH13)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto inner = gather(named(log, "a", 1s), named(log, "b", 1s));
          const auto outer = gather(inner, named(log, "c", 1s));
          co_await tick();
          outer.cancel();
          try {
            co_await outer;
          } catch (...) {
            log(show());
          }
        }) == "CE-a ; CE-b ; CE-c ; CE");
}

TEST_CASE("gather: of nothing is done at once (tGA07)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          call_soon([&] { log("other"); });
          const auto outer = gather(std::vector<Coro<int>>());
          log("done ", outer.done());
          const std::vector<int> none = co_await outer;
          log("size ", none.size());
          co_await tick();
        }) == "done True ; size 0 ; other");
}

TEST_CASE("gather: of what is done is done at once") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto f = create_future<int>();
          const auto g = create_future<int>();
          f.set_result(1);
          g.set_result(2);
          call_soon([&] { log("other"); });
          const auto outer = gather(f, g);
          log("done ", outer.done());
          const auto [one, two] = co_await outer;
          log("sum ", one + two);
          co_await tick();
        }) == "done True ; sum 3 ; other");
}

TEST_CASE("gather: of a future that failed already fails at once") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto f = create_future<int>();
          const auto g = create_future<int>();
          f.set_exception(ValueError("V"));
          g.set_exception(ValueError("W"));
          try {
            co_await gather(f, g);
          } catch (...) {
            log(show());
          }
        }) == "V(V)");
}

TEST_CASE("gather: the same future twice gives its result twice (tGA16)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto t = create_task(named(log, "a", 1s));
          const auto u = create_task(named(log, "b", 2s));
          const auto [one, two, three] = co_await gather(t, u, t);
          log(one + two + three);
          std::vector<Task<std::string>> done{t, t};
          const auto again = co_await gather(done);
          log(again[0] + again[1]);
        }) == "a ; b ; aba ; aa");
}

TEST_CASE("gather: the last child reaches who awaits it two iterations later") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto f = create_future<int>();
          auto body = [&]() -> Coro<void> {
            co_await gather(f);
            log("awaiter");
          };
          const auto t = create_task(body());
          co_await tick();
          f.set_result(1);
          log("0");
          co_await tick();
          log("1");
          co_await tick();
          log("2");
          co_await t;
        }) == "0 ; 1 ; awaiter ; 2");
}

TEST_CASE("gather: coroutines start in argument order") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&](std::string name) -> Coro<void> {
            log(name);
            co_return;
          };
          co_await gather(body("a"), body("b"), body("c"), body("d"));
        }) == "a ; b ; c ; d");
}

TEST_CASE("gather: all void gives nothing, void among others a monostate") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto nothing = []() -> Coro<void> { co_return; };
          auto one = []() -> Coro<int> { co_return 1; };
          static_assert(std::is_same_v<decltype(gather(nothing(), nothing())), Future<void>>);
          co_await gather(nothing(), nothing());
          const auto both = co_await gather(nothing(), one());
          static_assert(std::is_same_v<decltype(both), const std::tuple<std::monostate, int>>);
          log("", std::get<1>(both));
          std::vector<Coro<void>> many;
          for (int count = 0; count < 10; ++count) many.push_back(nothing());
          co_await gather(std::move(many));
          std::vector<Coro<void>> outcomes;
          outcomes.push_back(nothing());
          const auto all = co_await gather(return_exceptions, std::move(outcomes));
          log("ok ", all.at(0).ok());
        }) == "1 ; ok True");
}

TEST_CASE("gather: results that can only be moved") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto make = [](int value) -> Coro<std::unique_ptr<int>> {
            co_await tick();
            co_return std::make_unique<int>(value);
          };
          const auto [one, two] = co_await gather(make(1), make(2));
          log("", *one + *two);
        }) == "3");
}

TEST_CASE("gather: dropped before its children end, it goes away when they do") {
  const auto token = std::make_shared<int>(0);
  CHECK(run_fifo([&](Log& log) -> Coro<void> {
          auto body = [](std::shared_ptr<int> held) -> Coro<std::shared_ptr<int>> {
            co_await sleep(1s);
            co_return held;
          };
          {
            const auto dropped = gather(body(token), body(token));
          }
          co_await sleep(2s);
          log("end");
        }) == "end");
  CHECK(token.use_count() == 1);
}

TEST_CASE("gather: an exception of one that was dropped is not lost silently") {
  const std::string text = run_fifo([](Log& log) -> Coro<void> {
    {
      const auto dropped = gather(failing(log, "a", 1s));
    }
    co_await sleep(2s);
  });
  CHECK(text.starts_with("bad-a ; NEVER RETRIEVED"));
}

TEST_CASE("gather: frames destroyed while they gather leave nothing behind") {
  Future<std::string> left;
  CHECK(run_fifo([&](Log& log) -> Coro<void> {
          left = create_future<std::string>();
          auto body = [](Log& text, Future<std::string> future) -> Coro<void> {
            co_await gather(named(text, "a", 1s), awaiting(future), future);
          };
          create_task(body(log, left));
          co_await tick();
          co_await tick();
          log("end");
        }) == "end ; LEAK");
}

TEST_CASE("gather: of futures that end in another order, its done callback runs once (tGA01, tGA02)") {
  for (const bool exceptions : {false, true}) {
    CHECK(run_fifo([&](Log& log) -> Coro<void> {
            const auto a = create_future<int>();
            const auto b = create_future<int>();
            const auto c = create_future<int>();
            const auto finish = [&]() -> Coro<void> {
              b.set_result(1);
              a.set_result(2);
              co_await tick();
              co_await tick();
              log("pending");
              c.set_result(3);
              co_await tick();
              co_await tick();
            };
            if (exceptions) {
              const auto outer = gather(return_exceptions, a, b, c);
              outer.add_done_callback([&](const auto&) { log("callback"); });
              co_await finish();
              auto [first, second, third] = outer.result();
              log("", first.value() * 100 + second.value() * 10 + third.value());
            } else {
              const auto outer = gather(a, b, c);
              outer.add_done_callback([&](const auto&) { log("callback"); });
              co_await finish();
              const auto [first, second, third] = outer.result();
              log("", first * 100 + second * 10 + third);
            }
          }) == "pending ; callback ; 213");
  }
}

TEST_CASE("gather: a future of another loop is a ValueError (tGA09, tGA19, tTK14)") {
  EventLoop other;
  const Future<int> foreign(detail::Ref<FutureBase>(new detail::FutureState<int>(other)));
  CHECK(run_fifo([&](Log& log) -> Coro<void> {
          const auto mine = create_future<int>();
          try {
            static_cast<void>(gather(mine, named(log, "ran all the same", 0s), foreign));
          } catch (...) {
            log(show());
          }
          try {
            static_cast<void>(gather(std::vector<Future<int>>(1, foreign)));
          } catch (...) {
            log(show());
          }
          mine.set_result(1);
          co_await tick();
          co_await tick();
        }) ==
        "V(The future belongs to a different loop than the one specified as the loop argument) ; "
        "V(The future belongs to a different loop than the one specified as the loop argument) ; "
        "ran all the same");
}

TEST_CASE("gather: the same futures may be gathered twice (tGA10)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto a = create_future<int>();
          const auto b = create_future<int>();
          const auto one = gather(a, b);
          const auto two = gather(b, a);
          a.set_result(1);
          b.set_result(2);
          const auto [first, second] = co_await one;
          const auto [third, fourth] = co_await two;
          log("", first * 1000 + second * 100 + third * 10 + fourth);
        }) == "1221");
}

TEST_CASE("gather: a cancelled child is its exception, it is not cancelled itself (tGA11)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto a = create_future<int>();
          const auto b = create_future<int>();
          const auto outer = gather(a, b);
          a.cancel("child");
          co_await tick();
          log("done ", outer.done());
          log("cancelled ", outer.cancelled());
          log(show(outer.exception()));
          b.set_exception(ValueError("ignored"));
          co_await tick();
        }) == "done True ; cancelled False ; CE(child)");
}

TEST_CASE(
    "gather: cancelling who awaits it cancels every child, and then there is nothing to cancel (tGA17)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto blocker = create_future<std::string>();
          std::optional<Future<std::tuple<std::string, std::string>>> gathered;
          const auto one = create_task(awaiting(blocker));
          const auto two = create_task(named(log, "b", 1s));
          auto outer = [&]() -> Coro<void> {
            gathered = gather(one, two);
            co_await *gathered;
          };
          const auto t = create_task(outer());
          co_await tick();
          log("", t.cancel());
          try {
            co_await t;
          } catch (...) {
            log(show());
          }
          log("children ", one.cancelled() && two.cancelled());
          log("blocker ", blocker.cancelled());
          log("", gathered->cancel());
        }) == "True ; CE-b ; CE ; children True ; blocker True ; False");
}

TEST_CASE("gather: cancelled when its children are done but not heard of, it refuses (tTK98)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto f = create_future<int>();
          auto child = [&]() -> Coro<int> { co_return co_await f; };
          const auto outer = gather(child());
          co_await tick();
          f.set_result(42);
          co_await tick();  // the child has ended
          log("done ", outer.done());
          log("", outer.cancel());
          const auto [value] = co_await outer;
          log("", value);
          log("cancelled ", outer.cancelled());
        }) == "done False ; False ; 42 ; cancelled False");
}

TEST_CASE("gather: with return_exceptions in a loop it lets the cancellation through (tTK99)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto rounds = []() -> Coro<void> {
            auto nap = []() -> Coro<void> { co_await sleep(50ms); };
            for (int round = 0; round < 20; ++round) co_await gather(return_exceptions, nap());
          };
          const auto t = create_task(rounds());
          co_await sleep(210ms);
          t.cancel("my message");
          try {
            co_await t;
          } catch (...) {
            log(at_ms(show()));
          }
        }) == "CE(my message) @210");
}

TEST_CASE("gather: of a cancelled one that lists exceptions, the last argument gives the message") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto job = [](Duration delay) -> Coro<void> { co_await sleep(delay); };
          const auto brief = create_task(job(1s));
          const auto outer = gather(return_exceptions, create_task(job(9s)), brief);
          co_await sleep(2s);
          outer.cancel("why");
          try {
            co_await outer;
          } catch (...) {
            log(show());
          }
        }) == "CE");
}

TEST_CASE("gather: listing how a task was cancelled leaves the message to who awaits it") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto job = []() -> Coro<void> { co_await sleep(9s); };
          const auto task = create_task(job());
          const auto outer = gather(return_exceptions, task);
          co_await tick();
          task.cancel("why");
          const auto [outcome] = co_await outer;
          log(show(outcome.exception()));
          try {
            co_await task;
          } catch (...) {
            log(show());
          }
        }) == "CE ; CE(why)");
}

TEST_CASE("gather: one that is cancelled has seen what its children ended with") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          const auto child = create_task([]() -> Coro<void> {
            try {
              co_await sleep(1s);
            } catch (const CancelledError&) {
              throw ValueError("instead");
            }
          }());
          const auto outer = gather(return_exceptions, child);
          co_await tick();
          outer.cancel();
          try {
            co_await outer;
          } catch (...) {
            log(show());
          }
          log("unretrieved ", child.state().unretrieved());
        }) == "CE ; unretrieved False");
}

TEST_CASE("gather: the tasks that it makes of coroutines are spawned where it is called") {
  const auto scenario = [](Log& log) -> Coro<void> {
    std::uint32_t line = 0;
    auto is_here = [&]() -> Coro<void> {
      const std::source_location at = Loop::current().current_task()->spawned_at();
      log("here ", at.line() == line && std::string(at.file_name()).find("gather_test") != std::string::npos);
      co_return;
    };
    line = std::source_location::current().line() + 1;
    co_await gather(is_here());
    line = std::source_location::current().line() + 1;
    const auto two = gather(is_here(), is_here());
    co_await two;
    line = std::source_location::current().line() + 1;
    const auto outcomes = gather(return_exceptions, is_here(), is_here());
    co_await outcomes;
    std::vector<Coro<void>> coroutines;
    coroutines.push_back(is_here());
    line = std::source_location::current().line() + 1;
    co_await gather(std::move(coroutines));
  };
  CHECK(run_fifo(scenario) == "here True ; here True ; here True ; here True ; here True ; here True");
}

TEST_CASE("gather: any number is taken, each as it is given") {
  const auto scenario = [](Log& log) -> Coro<void> {
    auto give = [](int number) -> Coro<int> { co_return number; };
    auto nothing = []() -> Coro<void> { co_return; };
    const auto task = create_task(give(2));
    auto future = create_future<int>();
    future.set_result(3);
    const auto eight =
        co_await gather(give(1), task, future, give(4), nothing(), give(6), std::move(future), give(8));
    static_assert(std::tuple_size_v<std::remove_const_t<decltype(eight)>> == 8);
    static_assert(
        std::is_same_v<std::tuple_element_t<4, std::remove_const_t<decltype(eight)>>, std::monostate>);
    log("eight ", std::get<0>(eight) + std::get<1>(eight) + std::get<2>(eight) + std::get<3>(eight));
    log("and ", std::get<5>(eight) + std::get<6>(eight) + std::get<7>(eight));
    const auto nine =
        co_await gather(give(1), give(2), give(3), give(4), task, give(6), give(7), give(8), give(9));
    static_assert(std::tuple_size_v<std::remove_const_t<decltype(nine)>> == 9);
    log("nine ", std::get<4>(nine) + std::get<8>(nine));
  };
  CHECK(run_fifo(scenario) == "eight 10 ; and 17 ; nine 11");
}
