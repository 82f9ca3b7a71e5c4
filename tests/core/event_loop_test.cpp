#include <coweave/core/event_loop.hpp>

#include <coweave/core/callback.hpp>
#include <coweave/core/context.hpp>
#include <coweave/core/exception_text.hpp>
#include <coweave/core/gather.hpp>
#include <coweave/core/runner.hpp>
#include <coweave/core/to_thread.hpp>
#include <coweave/tests/capture.hpp>
#include <coweave/tests/core/log.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

using namespace coweave;
using namespace coweave::tests;
using namespace std::chrono_literals;

namespace {

/// Collects what the loop's exception handler is told.
struct Reports {
  explicit Reports(EventLoop& loop) {
    loop.set_exception_handler([this](const Report& report) {
      kinds.push_back(report.kind);
      std::string line = report.message;
      if (report.task) line += " (" + report.task->name() + ")";
      if (report.exception) line += ": " + show(report.exception);
      log(line);
    });
  }
  std::vector<Report::Kind> kinds;
  Log log;
};

/// Runs what is ready in `loop`, once, as asyncio's tests do.
void run_once(EventLoop& loop) {
  loop.stop();
  loop.run_forever();
}

}  // namespace

TEST_CASE("event loop: closing is idempotent, and a closed one refuses everything (tBE01, L9)") {
  EventLoop loop;
  CHECK_FALSE(loop.is_closed());
  const auto f = create_future<void>(loop);
  loop.close();
  CHECK(loop.is_closed());
  loop.close();
  CHECK(loop.is_closed());
  auto nothing = []() -> Coro<void> { co_return; };
  CHECK_THROWS_WITH_AS(loop.run_forever(), "Event loop is closed", RuntimeError);
  CHECK_THROWS_WITH_AS(loop.run_until_complete(f), "Event loop is closed", RuntimeError);
  const CallOptions here{.loop = &loop};
  CHECK_THROWS_AS(call_soon([] {}, here), RuntimeError);
  CHECK_THROWS_AS(call_later(1s, [] {}, here), RuntimeError);
  CHECK_THROWS_AS(call_at(1s, [] {}, here), RuntimeError);
  CHECK_THROWS_WITH_AS(loop.call_soon_threadsafe([] {}), "Event loop is closed", RuntimeError);
  CHECK_THROWS_AS(create_task(nothing(), {.loop = &loop}), RuntimeError);
  CHECK_THROWS_AS(create_future<int>(loop), RuntimeError);
  CHECK_THROWS_AS(f.set_result(), RuntimeError);
  CHECK_THROWS_AS(f.add_done_callback([](const Future<void>&) {}), RuntimeError);
}

TEST_CASE("event loop: a running one cannot be closed") {
  EventLoop loop;
  auto body = [&]() -> Coro<void> {
    CHECK_THROWS_WITH_AS(loop.close(), "Cannot close a running event loop", RuntimeError);
    co_return;
  };
  loop.run_until_complete(body());
  CHECK_FALSE(loop.is_closed());
}

TEST_CASE("event loop: a coroutine that a closed one refuses is disposed of (tBE22)") {
  EventLoop closed;
  closed.close();
  EventLoop loop;
  Reports reports(loop);
  const auto token = std::make_shared<int>(0);
  auto body = [](std::shared_ptr<int>) -> Coro<void> { co_return; };
  auto main = [&]() -> Coro<void> {
    CHECK_THROWS_AS(create_task(body(token), {.loop = &closed}), RuntimeError);
    co_return;
  };
  loop.run_until_complete(main());
  CHECK(token.use_count() == 1);
  CHECK(reports.log.text().empty());
}

TEST_CASE(
    "event loop: call_soon goes to the ready queue and call_later to the timers (tBE02, tBE04, tBE06)") {
  EventLoop loop;
  Log log;
  const CallHandle soon = call_soon([&] { log("soon"); }, {.loop = &loop});
  const CallHandle later = call_later(1h, [&] { log("later"); }, {.loop = &loop});
  CHECK_FALSE(soon.cancelled());
  CHECK(later.when() > loop.time());
  run_once(loop);
  run_once(loop);
  CHECK(log.text() == "soon");
}

TEST_CASE("event loop: a cancelled handle is not run (tBE03)") {
  EventLoop loop;
  Log log;
  const CallHandle handle = call_soon([&] { log("cancelled"); }, {.loop = &loop});
  call_soon([&] { log("other"); }, {.loop = &loop});
  handle.cancel();
  run_once(loop);
  CHECK(log.text() == "other");
}

TEST_CASE("event loop: negative delays run in order of the time, none at once (tBE07)") {
  EventLoop loop;
  Log log;
  call_later(-1s, [&] { log("a"); }, {.loop = &loop});
  call_later(-2s, [&] { log("b"); }, {.loop = &loop});
  CHECK(log.text().empty());
  run_once(loop);
  CHECK(log.text() == "b ; a");
}

TEST_CASE("event loop: call_at fires when its time has come and not before (tBE08)") {
  EventLoop loop;
  const Duration due = loop.time() + 20ms;
  Duration fired{};
  call_at(due,
          [&] {
            fired = loop.time();
            loop.stop();
          },
          {.loop = &loop});
  loop.run_forever();
  CHECK(fired >= due);
}

TEST_CASE("event loop: another thread may not call call_soon (tBE09)") {
  EventLoop loop;
  bool refused = false;
  std::thread([&] {
    try {
      call_soon([] {}, {.loop = &loop});
    } catch (const RuntimeError&) {
      refused = true;
    }
  }).join();
  CHECK(refused);
}

TEST_CASE("event loop: a cancelled timer does not wake it (tBE10)") {
  EventLoop loop;
  const CallHandle first = call_later(1ms, [] {}, {.loop = &loop});
  call_later(40ms, [&] { loop.stop(); }, {.loop = &loop});
  first.cancel();
  loop.run_forever();
  CHECK(loop.iterations() == 1);
}

TEST_CASE("event loop: what a callback schedules runs in the next iteration (tBE11)") {
  EventLoop loop;
  Log log;
  call_soon(
      [&] {
        log("first");
        call_soon([&] { log("second"); });
      },
      {.loop = &loop});
  run_once(loop);
  log("between");
  run_once(loop);
  CHECK(log.text() == "first ; between ; second");
}

TEST_CASE("event loop: a thousand cancelled timers leave the others in order (tBE12, L10)") {
  EventLoop loop;
  Log log;
  std::vector<CallHandle> handles;
  const auto token = std::make_shared<int>(0);
  for (int number = 0; number < 1000; ++number)
    handles.push_back(call_later(1h, [token] {}, {.loop = &loop}));
  for (int number = 0; number < 3; ++number)
    call_later(std::chrono::milliseconds(3 - number), [&log, number] { log("", number); }, {.loop = &loop});
  for (const CallHandle& handle : handles) handle.cancel();
  CHECK(token.use_count() == 1);
  call_later(5ms, [&] { loop.stop(); }, {.loop = &loop});
  loop.run_forever();
  CHECK(log.text() == "2 ; 1 ; 0");
}

TEST_CASE("event loop: a future of another loop is a ValueError (tBE14)") {
  EventLoop loop;
  EventLoop other;
  const auto f = create_future<void>(other);
  CHECK_THROWS_WITH_AS(loop.run_until_complete(f),
                       "The future belongs to a different loop than the one specified as the loop argument",
                       ValueError);
}

TEST_CASE(
    "event loop: stopped before the future is done is a RuntimeError, and it can be run again (tTK43, L8)") {
  EventLoop loop;
  const auto f = create_future<int>(loop);
  call_soon([&] { loop.stop(); }, {.loop = &loop});
  CHECK_THROWS_WITH_AS(loop.run_until_complete(f), "Event loop stopped before Future completed.",
                       RuntimeError);
  CHECK_FALSE(f.done());
  call_soon([&] { f.set_result(3); }, {.loop = &loop});
  CHECK(loop.run_until_complete(f) == 3);
}

TEST_CASE("event loop: a run that was stopped leaves no request to stop behind (tBE15, tBE24)") {
  EventLoop loop;
  Log log;
  const auto f = create_future<void>(loop);
  call_soon([&] { loop.stop(); }, {.loop = &loop});
  CHECK_THROWS_AS(loop.run_until_complete(f), RuntimeError);
  f.set_result();
  call_soon(
      [&] {
        call_soon([&] {
          call_soon([&] { loop.stop(); });
          log("reached");
        });
      },
      {.loop = &loop});
  loop.run_forever();
  CHECK(log.text() == "reached");
}

TEST_CASE("event loop: stop runs what is ready, once (tBE26)") {
  EventLoop loop;
  Log log;
  std::function<void()> again = [&] {
    log("ran");
    call_soon([&] { again(); });
  };
  call_soon([&] { again(); }, {.loop = &loop});
  run_once(loop);
  run_once(loop);
  CHECK(log.text() == "ran ; ran");
  CHECK(loop.iterations() == 2);
}

TEST_CASE("event loop: stopped before it runs, it makes one iteration without waiting (tBE27)") {
  EventLoop loop;
  run_once(loop);
  CHECK(loop.iterations() == 1);
}

TEST_CASE("event loop: what another thread posted and a stop are each delivered once (tBE25, L11)") {
  EventLoop loop;
  Log log;
  std::thread([&] {
    loop.call_soon_threadsafe([&] { log("posted"); });
    loop.call_soon_threadsafe([&] { loop.stop(); });
  }).join();
  loop.run_forever();
  run_once(loop);
  CHECK(log.text() == "posted");
}

TEST_CASE("event loop: a call from another thread wakes it from its sleep (L11)") {
  EventLoop loop;
  const auto f = create_future<int>(loop);
  std::atomic<bool> running = false;
  call_soon([&] { running = true; }, {.loop = &loop});
  std::thread other([&] {
    while (!running) std::this_thread::yield();
    loop.call_soon_threadsafe([&] { f.set_result(5); });
  });
  CHECK(loop.run_until_complete(f) == 5);
  other.join();
}

TEST_CASE("event loop: a loop does not run inside a running one (tBE30, L9)") {
  EventLoop loop;
  EventLoop other;
  auto body = [&]() -> Coro<void> {
    CHECK_THROWS_WITH_AS(loop.run_forever(), "This event loop is already running", RuntimeError);
    CHECK_THROWS_WITH_AS(loop.run_until_complete(create_future<void>()), "This event loop is already running",
                         RuntimeError);
    CHECK_THROWS_WITH_AS(other.run_forever(), "Cannot run the event loop while another loop is running",
                         RuntimeError);
    co_return;
  };
  loop.run_until_complete(body());
}

TEST_CASE("event loop: another thread than the one that made it can neither run nor close it (L9)") {
  EventLoop loop;
  std::string text;
  std::thread([&] {
    for (const auto& attempt :
         {std::function<void()>([&] { loop.run_forever(); }), {[&] { loop.close(); }}}) {
      try {
        attempt();
      } catch (...) {
        text += show() + ";";
      }
    }
  }).join();
  CHECK(text.find("belongs to another thread") != text.rfind("belongs to another thread"));
  CHECK_FALSE(loop.is_closed());
}

TEST_CASE("event loop: what was due long ago is called at once") {
  EventLoop loop;
  Log log;
  call_at(Duration::min(), [&] { log("first"); }, {.loop = &loop});
  call_later(Duration::min(), [&] { log("second"); }, {.loop = &loop});
  run_once(loop);
  CHECK(log.text() == "first ; second");
}

TEST_CASE("event loop: a task that outlives its loop cannot be cancelled, and says why") {
  auto loop = std::make_unique<EventLoop>();
  loop->set_exception_handler([](const Report&) {});
  auto sleeper = []() -> Coro<void> { co_await sleep(1h); };
  const auto task = create_task(sleeper(), {.loop = loop.get()});
  run_once(*loop);
  loop->close();
  CHECK_THROWS_AS(task.cancel(), RuntimeError);
  loop.reset();
  CHECK_THROWS_AS(task.cancel(), RuntimeError);
}

TEST_CASE("event loop: an exception that nobody looked at is told even if its loop is gone (F8)") {
  const Captured captured;
  {
    auto loop = std::make_unique<EventLoop>();
    const auto future = create_future<int>(*loop);
    future.set_exception(ValueError("lost"));
    loop.reset();
  }
  CHECK(captured.text() == "coweave: Future exception was never retrieved: coweave::ValueError: lost\n");
}

TEST_CASE("event loop: stopped while it shuts down it says so, and can be closed") {
  EventLoop loop;
  loop.set_exception_handler([](const Report&) {});
  auto stubborn = [&]() -> Coro<void> {
    for (;;) {
      try {
        co_await sleep(1h);
      } catch (const CancelledError&) {
        loop.stop();
      }
    }
  };
  const auto task = create_task(stubborn(), {.loop = &loop});
  run_once(loop);
  CHECK_THROWS_WITH_AS(loop.shut_down(), "Event loop stopped before Future completed.", RuntimeError);
  loop.close();
}

TEST_CASE("event loop: a body that a frame's destructor starts at the end is let go") {
  struct Starts {
    ~Starts() {
      static_cast<void>(to_thread([] {}));
    }
  };
  EventLoop loop;
  loop.set_exception_handler([](const Report&) {});
  auto sleeper = []() -> Coro<void> {
    const Starts starts;
    co_await sleep(1h);
  };
  const auto task = create_task(sleeper(), {.loop = &loop});
  run_once(loop);
  loop.close();
  CHECK(loop.is_closed());
}

TEST_CASE("event loop: callbacks that raise are reported and it goes on (tBE16, tBE31, LOOP6, L7)") {
  EventLoop loop;
  Reports reports(loop);
  call_soon([] { throw ValueError("soon"); }, {.loop = &loop});
  call_soon([&] { reports.log("after"); }, {.loop = &loop});
  call_later(1ms, [] { throw 5; }, {.loop = &loop});
  call_later(2ms, [&] { loop.stop(); }, {.loop = &loop});
  loop.run_forever();
  CHECK(reports.log.text() == "Exception in callback: V(soon) ; after ; Exception in callback: ?");
  CHECK(reports.kinds.front() == Report::Kind::callback_raised);
}

TEST_CASE("event loop: a done callback that raises is reported and the next one runs (FUT3, F5)") {
  EventLoop loop;
  Reports reports(loop);
  const auto f = create_future<void>(loop);
  f.add_done_callback([](const Future<void>&) { throw ValueError("bad"); });
  f.add_done_callback([&](const Future<void>&) { reports.log("second"); });
  f.set_result();
  run_once(loop);
  CHECK(reports.log.text() == "Exception in callback: V(bad) ; second");
}

TEST_CASE("event loop: a task whose exception nobody looked at is reported when it goes (tBE17, tFU28, D2)") {
  EventLoop loop;
  Reports reports(loop);
  auto raises = []() -> Coro<void> {
    throw ValueError("x");
    co_return;
  };
  create_task(raises(), {.name = "lost", .loop = &loop});
  run_once(loop);
  CHECK(reports.log.text() == "Task exception was never retrieved (lost): V(x)");
  CHECK(reports.kinds.front() == Report::Kind::never_retrieved);
}

TEST_CASE("event loop: the handler is told once it is set, and can be taken off again (tBE19)") {
  EventLoop loop;
  int told = 0;
  loop.set_exception_handler([&](const Report&) { ++told; });
  call_soon([] { throw ValueError("one"); }, {.loop = &loop});
  run_once(loop);
  CHECK(told == 1);
  loop.set_exception_handler({});
  const Captured error_output;
  call_soon([] { throw ValueError("two"); }, {.loop = &loop});
  run_once(loop);
  CHECK(told == 1);
  CHECK(error_output.text() == "coweave: Exception in callback: coweave::ValueError: two\n");
}

TEST_CASE("event loop: a handler that raises is reported itself, with what it was told (tBE20, tBE21, D1)") {
  EventLoop loop;
  loop.set_exception_handler([](const Report&) { throw ValueError("handler"); });
  Log log;
  call_soon([] { throw ValueError("callback"); }, {.loop = &loop});
  call_soon([&] { log("after"); }, {.loop = &loop});
  const Captured error_output;
  run_once(loop);
  CHECK(error_output.text() ==
        "coweave: Unhandled error in exception handler: coweave::ValueError: handler\n"
        "coweave: Exception in callback: coweave::ValueError: callback\n");
  CHECK(log.text() == "after");
}

TEST_CASE("event loop: the handler for a task runs in the context of the task (tF2-2)") {
  static ContextVar<std::string> name("name", "outside");
  EventLoop loop;
  std::string seen;
  loop.set_exception_handler([&](const Report&) { seen = name.get(); });
  auto raises = []() -> Coro<void> {
    name.set("task");
    throw ValueError("x");
    co_return;
  };
  create_task(raises(), {.loop = &loop});
  run_once(loop);
  CHECK(seen == "task");
}

TEST_CASE("event loop: the handler for a callback runs in the context of the callback (tF2-3)") {
  static ContextVar<std::string> name("name", "outside");
  EventLoop loop;
  std::string seen;
  loop.set_exception_handler([&](const Report&) { seen = name.get(); });
  const Context context;
  context.run([] { name.set("callback"); });
  call_soon([] { throw ValueError("x"); }, {.context = &context, .loop = &loop});
  run_once(loop);
  CHECK(seen == "callback");
}

TEST_CASE("event loop: in debug mode slow callbacks and steps are reported (tBE29, D3)") {
  EventLoop loop;
  Reports reports(loop);
  loop.set_slow_callback_duration(Duration::zero());
  call_soon([] {}, {.loop = &loop});
  run_once(loop);
  CHECK(reports.kinds.empty());
  loop.set_debug(true);
  auto body = []() -> Coro<void> { co_return; };
  create_task(body(), {.name = "worker", .loop = &loop});
  call_soon([] {}, {.loop = &loop});
  run_once(loop);
  CHECK(reports.kinds == std::vector(2, Report::Kind::slow_step));
  CHECK(reports.log.text().starts_with("Executing a step of task worker took "));
  CHECK(reports.log.text().find("; Executing a callback took ") != std::string::npos);
}

TEST_CASE("event loop: cancelling a timer lets go of its function (tBE32)") {
  EventLoop loop;
  const auto token = std::make_shared<int>(0);
  const CallHandle timer = call_later(1h, [token] {}, {.loop = &loop});
  CHECK(token.use_count() == 2);
  timer.cancel();
  CHECK(timer.cancelled());
  CHECK(token.use_count() == 1);
}

TEST_CASE("event loop: a coroutine that nobody awaited is reported (D2)") {
  EventLoop loop;
  Reports reports(loop);
  auto dropped = []() -> Coro<void> { co_return; };
  auto main = [&]() -> Coro<void> {
    {
      const auto forgotten = dropped();
    }
    co_return;
  };
  loop.run_until_complete(main());
  CHECK(reports.kinds == std::vector(1, Report::Kind::never_awaited));
  CHECK(reports.log.text().starts_with("coroutine was never awaited"));
}

TEST_CASE(
    "event loop: a task that is pending when it is closed is reported and destroyed (TASK9, tTK95, D2)") {
  const auto token = std::make_shared<int>(0);
  EventLoop loop;
  Reports reports(loop);
  auto waits = [](std::shared_ptr<int>) -> Coro<void> {
    const auto future = create_future<void>();
    co_await future;
  };
  create_task(waits(token), {.name = "waiting", .loop = &loop});
  run_once(loop);
  CHECK(token.use_count() == 2);
  loop.close();
  CHECK(reports.log.text() == "Task was destroyed but it is pending! (waiting)");
  CHECK(token.use_count() == 1);
}

TEST_CASE("event loop: idle it sleeps, and makes an iteration for each thing that happens") {
  EventLoop loop;
  auto main = []() -> Coro<void> { co_await sleep(300ms); };
  loop.run_until_complete(main());
  // The first step, the timer that fires, the step after the sleep, and the one after the task is done.
  CHECK(loop.iterations() == 4);
}

TEST_CASE("event loop: a task awaits no future of another loop (tTK05, T4)") {
  EventLoop other;
  const auto f = create_future<int>(other);
  EventLoop loop;
  auto waits = [&]() -> Coro<std::string> {
    std::string text;
    try {
      co_await f;
    } catch (...) {
      text = show();
    }
    co_return text;
  };
  CHECK(loop.run_until_complete(waits()) ==
        "RuntimeError(the task awaits a future that is attached to a different loop)");
  f.cancel();
}

TEST_CASE("event loop: outside it there is no current task and no running loop (tTK130, tTK131, tTK132)") {
  EventLoop loop;
  CHECK(Loop::running() == nullptr);
  CHECK_THROWS_WITH_AS(static_cast<void>(current_task()), doctest::Contains("no running event loop"),
                       RuntimeError);
  CHECK(loop.current_task() == nullptr);
  auto main = [&]() -> Coro<bool> {
    co_return current_task().valid() && loop.current_task() == &current_task().base();
  };
  CHECK(loop.run_until_complete(main()));
  CHECK(loop.current_task() == nullptr);
}

TEST_CASE("event loop: a future of one that is gone is not another's that stands at the same address") {
  std::optional<EventLoop> loop(std::in_place);
  const EventLoop* const address = &*loop;
  const auto pending = create_future<int>(*loop);
  const auto done = create_future<int>(*loop);
  done.set_result(7);
  loop.emplace();
  REQUIRE(&*loop == address);
  const std::string closed = "Event loop is closed, or belongs to another thread";
  CHECK_THROWS_WITH_AS(pending.set_result(1), closed.c_str(), RuntimeError);
  CHECK_THROWS_WITH_AS(pending.cancel(), closed.c_str(), RuntimeError);
  CHECK_THROWS_WITH_AS(static_cast<void>(pending.add_done_callback([](const Future<int>&) {})),
                       closed.c_str(), RuntimeError);
  Log log;
  auto main = [&]() -> Coro<void> {
    log("", co_await done);
    try {
      co_await pending;
    } catch (const RuntimeError& error) {
      log(error.what());
    }
    try {
      static_cast<void>(gather(std::vector<Future<int>>(1, pending)));
    } catch (const ValueError& error) {
      log(error.what());
    }
    CHECK_THROWS_WITH_AS(pending.set_result(1), closed.c_str(), RuntimeError);
  };
  CHECK_THROWS_AS(static_cast<void>(loop->run_until_complete(pending)), ValueError);
  loop->run_until_complete(main());
  CHECK(log.text() ==
        "7 ; the task awaits a future that is attached to a different loop ; "
        "The future belongs to a different loop than the one specified as the loop argument");
  CHECK_FALSE(pending.done());
}
