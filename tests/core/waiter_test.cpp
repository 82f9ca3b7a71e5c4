/// Every primitive in the three windows in which a cancellation can meet a wake-up (K10): the waiter is
/// queued and not woken; woken and has not run; cancelled and still queued when somebody wakes. In each, what
/// the wake-up stands for must reach whoever is next: one who waits behind, a newcomer, or nobody, and then
/// it must stay. The same again with the frames destroyed in that window.

#include <coweave/core/waiter.hpp>

#include <coweave/core/barrier.hpp>
#include <coweave/core/condition.hpp>
#include <coweave/core/event.hpp>
#include <coweave/core/gather.hpp>
#include <coweave/core/lock.hpp>
#include <coweave/core/queue.hpp>
#include <coweave/core/runner.hpp>
#include <coweave/core/semaphore.hpp>
#include <coweave/core/to_thread.hpp>
#include <coweave/tests/core/log.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

using namespace coweave;
using namespace coweave::tests;

namespace {

// What each primitive's waiters do, and what wakes one of them. `wake` never suspends when nobody holds on.

struct LockCase {
  Lock object;
  Coro<void> prepare() { co_await object.acquire(); }
  Coro<void> wait() { const auto guard = co_await object.scoped(); }
  Coro<void> wake() {
    object.release();
    co_return;
  }
};

struct EventCase {
  Event object;
  Coro<void> prepare() { co_return; }
  Coro<void> wait() { co_await object.wait(); }
  Coro<void> wake() {
    object.set();
    co_return;
  }
};

struct ConditionCase {
  Condition object;
  Coro<void> prepare() { co_return; }
  Coro<void> wait() {
    const auto guard = co_await object.scoped();
    co_await object.wait();
  }
  Coro<void> wake() {
    const auto guard = co_await object.scoped();
    object.notify();
  }
};

struct SemaphoreCase {
  Semaphore object{0};
  Coro<void> prepare() { co_return; }
  Coro<void> wait() { co_await object.acquire(); }
  Coro<void> wake() {
    object.release();
    co_return;
  }
};

struct BoundedSemaphoreCase {
  BoundedSemaphore object{1};
  Coro<void> prepare() { co_await object.acquire(); }
  Coro<void> wait() { const auto permit = co_await object.scoped(); }
  Coro<void> wake() {
    object.release();
    co_return;
  }
};

struct GetCase {
  Queue<int> object;
  Coro<void> prepare() { co_return; }
  Coro<void> wait() { static_cast<void>(co_await object.get()); }
  Coro<void> wake() {
    object.put_nowait(1);
    co_return;
  }
};

struct PutCase {
  Queue<int> object{1};
  Coro<void> prepare() { co_await object.put(0); }
  Coro<void> wait() { co_await object.put(1); }
  Coro<void> wake() {
    static_cast<void>(object.get_nowait());
    co_return;
  }
};

struct JoinCase {
  Queue<int> object;
  Coro<void> prepare() { co_await object.put(0); }
  Coro<void> wait() { co_await object.join(); }
  Coro<void> wake() {
    object.task_done();
    co_return;
  }
};

template <class Case>
Coro<void> user(Case& on, Log& log, std::string name, int ticks_before = 0) {
  for (int count = 0; count < ticks_before; ++count) co_await tick();
  try {
    co_await on.wait();
    log(name);
  } catch (const CancelledError&) {
    log("CE-" + name);
    throw;
  }
}

enum class Window : std::uint8_t { queued, woken, cancelled };

template <class Case>
Coro<void> enter(Window window, Case& on, const Task<>& task, int requests) {
  if (window == Window::woken) co_await on.wake();
  for (int count = 0; count < requests; ++count) task.cancel();
  if (window == Window::queued) co_await tick();
  if (window != Window::woken) co_await on.wake();
}

struct Setting {
  bool behind = false;    ///< "b" waits behind "a", which is cancelled
  bool newcomer = false;  ///< "n" comes in the same iteration
  int requests = 1;
};

/// Cancels "a" in `window`, lets the others run, and wakes once more if one of two still waits.
template <class Case>
std::string cancelled_in(Window window, Setting setting) {
  return run_fifo([window, setting](Log& log) -> Coro<void> {
    Case on;
    co_await on.prepare();
    const auto a = create_task(user(on, log, "a"));
    Task<> b;
    Task<> n;
    if (setting.behind) b = create_task(user(on, log, "b"));
    co_await tick();
    co_await enter(window, on, a, setting.requests);
    if (setting.newcomer) n = create_task(user(on, log, "n"));
    for (int count = 0; count < 4; ++count) co_await tick();
    CHECK(a.cancelled());
    // One wake-up is for one; with a newcomer there are two.
    if (setting.newcomer && !(n.done() && (!b.valid() || b.done()))) co_await on.wake();
    if (b.valid()) co_await b;
    if (n.valid()) co_await n;
    if (!setting.behind && !setting.newcomer) {
      // Nobody was there. What was given is there for who comes later; a notification is lost.
      n = create_task(user(on, log, "later"));
      for (int count = 0; count < 3; ++count) co_await tick();
      if (!n.done()) {
        log("lost");
        co_await on.wake();
      }
      co_await n;
    }
  });
}

/// Destroys the frames of "a" and of "b", which waits behind it, in `window`, and then uses the primitive
/// again.
template <class Case>
std::string destroyed_in(Window window) {
  Case on;
  Log log;
  sim::Simulation simulation(fifo_settings());
  sim::Fifo policy;
  policy.begin_run(1);
  const auto first = [&]() -> Coro<void> {
    co_await on.prepare();
    // "b" is the older task and so destroyed last: what "a" passes on reaches it.
    create_task(user(on, log, "b", 1));
    const auto a = create_task(user(on, log, "a"));
    co_await tick();
    co_await tick();
    if (window == Window::cancelled) a.cancel();
    if (window != Window::queued) co_await on.wake();
    sim::Simulation::running()->fail({traces::VerdictKind::assertion, "the end", 0, {}, {}});
    co_await tick();
  };
  CHECK(simulation.run(first, policy) != nullptr);
  const auto second = [&]() -> Coro<void> {
    const auto n = create_task(user(on, log, "n"));
    for (int count = 0; count < 3; ++count) co_await tick();
    if (!n.done()) {
      log("waits");
      co_await on.wake();
    }
    co_await n;
  };
  policy.begin_run(1);
  const sim::Failure* failure = simulation.run(second, policy);
  if (failure) log("FAILURE " + failure->message);
  return log.text();
}

constexpr Window windows[] = {Window::queued, Window::woken, Window::cancelled};

/// `barging`: the log of window 2 with one who waits behind and a newcomer.
template <class Case>
void check_windows(const std::string& barging = "CE-a ; b ; n", bool remembers = true) {
  for (const Window window : windows) {
    CAPTURE(static_cast<int>(window));
    for (const int requests : {1, 2}) {
      CAPTURE(requests);
      CHECK(cancelled_in<Case>(window, {.behind = true, .requests = requests}) == "CE-a ; b");
      CHECK(cancelled_in<Case>(window, {.newcomer = true, .requests = requests}) == "CE-a ; n");
      CHECK(cancelled_in<Case>(window, {.behind = true, .newcomer = true, .requests = requests}) ==
            (window == Window::woken ? barging : "CE-a ; b ; n"));
      CHECK(cancelled_in<Case>(window, {.requests = requests}) ==
            (remembers ? "CE-a ; later" : "CE-a ; lost ; later"));
    }
    CHECK(destroyed_in<Case>(window) == (remembers && window != Window::queued ? "n" : "waits ; n"));
  }
}

}  // namespace

TEST_CASE("waiter: of a lock, cancelled or destroyed in each window (K10)") { check_windows<LockCase>(); }

TEST_CASE("waiter: of an event, cancelled or destroyed in each window (K10)") { check_windows<EventCase>(); }

TEST_CASE("waiter: of a condition, cancelled or destroyed in each window (K10)") {
  check_windows<ConditionCase>("CE-a ; b ; n", false);
}

TEST_CASE("waiter: of a semaphore, cancelled or destroyed in each window (K10)") {
  check_windows<SemaphoreCase>();
  check_windows<BoundedSemaphoreCase>();
}

TEST_CASE("waiter: of a queue's items, cancelled or destroyed in each window (K10, K7)") {
  // A newcomer may overtake who is woken in the place of another.
  check_windows<GetCase>("CE-a ; n ; b");
}

TEST_CASE("waiter: of a queue's room, cancelled or destroyed in each window (K10, K7)") {
  check_windows<PutCase>("CE-a ; n ; b");
}

TEST_CASE("waiter: of a queue's join, cancelled or destroyed in each window (K10)") {
  check_windows<JoinCase>();
}

namespace {

Coro<void> party(Barrier& barrier, Log& log, std::string name) {
  try {
    const std::size_t index = co_await barrier.wait();
    log(name + " ", index);
  } catch (const BrokenBarrierError&) {
    log("broken-" + name);
  } catch (const CancelledError&) {
    log("CE-" + name);
    throw;
  }
}

/// "a" waits inside a barrier of three, is cancelled in `window`, and "c" arrives.
std::string inside_cancelled_in(Window window) {
  return run_fifo([window](Log& log) -> Coro<void> {
    Barrier barrier(3);
    const auto a = create_task(party(barrier, log, "a"));
    const auto b = create_task(party(barrier, log, "b"));
    co_await tick();
    if (window == Window::queued) {
      a.cancel();
      co_await tick();
    }
    const auto c = create_task(party(barrier, log, "c"));
    if (window == Window::woken) co_await tick();
    if (window != Window::queued) a.cancel();
    for (int count = 0; count < 3; ++count) co_await tick();
    CHECK(a.cancelled());
    log("waiting ", barrier.n_waiting());
    if (barrier.n_waiting() != 0) co_await party(barrier, log, "d");
    for (int count = 0; count < 3; ++count) co_await tick();
    CHECK(b.done());
    CHECK(c.done());
    co_await gather(party(barrier, log, "x"), party(barrier, log, "y"), party(barrier, log, "z"));
  });
}

/// "m" waits outside, because "a" has not left, and is cancelled in `window`; "n" waits behind it.
std::string outside_cancelled_in(Window window) {
  return run_fifo([window](Log& log) -> Coro<void> {
    Barrier barrier(2);
    const auto a = create_task(party(barrier, log, "a"));
    co_await tick();
    const auto m = create_task(party(barrier, log, "m"));
    const auto n = create_task(party(barrier, log, "n"));
    if (window == Window::cancelled) call_soon([&] { m.cancel(); });
    co_await barrier.wait();  // a is woken, and runs after all of those
    log("main");
    co_await tick();
    if (window == Window::woken) m.cancel();
    for (int count = 0; count < 3; ++count) co_await tick();
    CHECK(m.cancelled());
    log("waiting ", barrier.n_waiting());
    co_await barrier.wait();
    co_await n;
  });
}

/// The frames of "a" and "b", of a barrier of three, are destroyed in `window`; then three others come.
std::string barrier_destroyed_in(Window window) {
  Barrier barrier(3);
  Log log;
  sim::Simulation simulation(fifo_settings());
  sim::Fifo policy;
  policy.begin_run(1);
  const auto first = [&]() -> Coro<void> {
    create_task(party(barrier, log, "b"));
    const auto a = create_task(party(barrier, log, "a"));
    co_await tick();
    if (window == Window::cancelled) a.cancel();
    if (window != Window::queued) co_await barrier.wait();
    sim::Simulation::running()->fail({traces::VerdictKind::assertion, "the end", 0, {}, {}});
    co_await tick();
  };
  CHECK(simulation.run(first, policy) != nullptr);
  CHECK(barrier.state() == Barrier::State::filling);
  CHECK(barrier.n_waiting() == 0);
  const auto second = [&]() -> Coro<void> {
    co_await gather(party(barrier, log, "x"), party(barrier, log, "y"), party(barrier, log, "z"));
  };
  policy.begin_run(1);
  CHECK(simulation.run(second, policy) == nullptr);
  return log.text();
}

/// "a" and "b" wait for a condition; "a" is told, wants the lock back, and the frames are destroyed: before
/// the lock is free, or once it is and before "a" runs. Then another one uses the condition.
std::string acquiring_destroyed(bool freed) {
  Condition condition;
  Log log;
  sim::Simulation simulation(fifo_settings());
  sim::Fifo policy;
  policy.begin_run(1);
  const auto wait = [&]() -> Coro<void> {
    co_await condition.acquire();
    co_await condition.wait();
    log("woken");
    condition.release();
  };
  const auto first = [&]() -> Coro<void> {
    create_task(wait());
    create_task(wait());
    co_await tick();
    co_await condition.acquire();
    condition.notify();
    co_await tick();
    if (freed) condition.release();
    sim::Simulation::running()->fail({traces::VerdictKind::assertion, "the end", 0, {}, {}});
    co_await tick();
  };
  CHECK(simulation.run(first, policy) != nullptr);
  const auto second = [&]() -> Coro<void> {
    log("locked ", condition.locked());
    if (condition.locked()) condition.release();
    const auto task = create_task(wait());
    co_await tick();
    {
      const auto guard = co_await condition.scoped();
      condition.notify();
    }
    co_await task;
  };
  policy.begin_run(1);
  CHECK(simulation.run(second, policy) == nullptr);
  return log.text();
}

}  // namespace

TEST_CASE("waiter: inside a barrier, cancelled in each window (K10, BA6, BAR7)") {
  const std::string next = " ; z 2 ; x 0 ; y 1";
  CHECK(inside_cancelled_in(Window::queued) == "CE-a ; waiting 2 ; d 2 ; b 0 ; c 1" + next);
  // When the last one arrives before the cancelled one has run, they pass without it.
  CHECK(inside_cancelled_in(Window::woken) == "c 2 ; CE-a ; b 1 ; waiting 0" + next);
  CHECK(inside_cancelled_in(Window::cancelled) == "c 2 ; CE-a ; b 1 ; waiting 0" + next);
}

TEST_CASE("waiter: outside a barrier, cancelled in each window that there is (K10)") {
  CHECK(outside_cancelled_in(Window::woken) == "main ; a 0 ; CE-m ; waiting 1 ; n 0");
  CHECK(outside_cancelled_in(Window::cancelled) == "main ; a 0 ; CE-m ; waiting 1 ; n 0");
}

TEST_CASE("waiter: of a barrier, destroyed in each window (K10)") {
  for (const Window window : windows) {
    CAPTURE(static_cast<int>(window));
    CHECK(barrier_destroyed_in(window) == "z 2 ; x 0 ; y 1");
  }
}

TEST_CASE("waiter: of a condition, destroyed while it wants the lock back (K10)") {
  CHECK(acquiring_destroyed(false) == "locked True ; woken");
  CHECK(acquiring_destroyed(true) == "locked False ; woken");
}

TEST_CASE("waiter: frames may be destroyed after the primitive that they wait for") {
  // The primitives live in the frame of the youngest task, which is destroyed first.
  const std::string text = run_fifo([](Log&) -> Coro<void> {
    struct All {
      Lock lock;
      Event event;
      Lock outer;
      std::optional<Condition> told = std::optional<Condition>(std::in_place, outer);
      std::optional<Condition> silent = std::optional<Condition>(std::in_place, outer);
      Semaphore semaphore{0};
      Barrier barrier{100};
      Queue<int> queue;
      Queue<int> full{1};
    };
    All* all = nullptr;
    auto each = [&]() -> Coro<void> {
      co_await tick();
      auto on_lock = [&]() -> Coro<void> { co_await all->lock.acquire(); };
      auto on_event = [&]() -> Coro<void> { co_await all->event.wait(); };
      auto on_semaphore = [&]() -> Coro<void> { co_await all->semaphore.acquire(); };
      auto on_barrier = [&]() -> Coro<void> { co_await all->barrier.wait(); };
      auto on_get = [&]() -> Coro<void> { static_cast<void>(co_await all->queue.get()); };
      auto on_put = [&]() -> Coro<void> { co_await all->full.put(2); };
      auto on_join = [&]() -> Coro<void> { co_await all->full.join(); };
      co_await gather(on_lock(), on_event(), on_semaphore(), on_barrier(), on_get(), on_put(), on_join());
    };
    auto on_condition = [&](bool told) -> Coro<void> {
      co_await tick();
      Condition& condition = told ? *all->told : *all->silent;
      co_await condition.acquire();
      co_await condition.wait();
    };
    const auto waiting = create_task(each());
    const auto told = create_task(on_condition(true));
    const auto silent = create_task(on_condition(false));
    auto owner = [&]() -> Coro<void> {
      All here;
      all = &here;
      here.full.put_nowait(1);
      co_await here.lock.acquire();
      for (int count = 0; count < 4; ++count) co_await tick();
      co_await here.outer.acquire();
      here.told->notify();
      co_await tick();
      co_await sleep(std::chrono::hours(1));
    };
    create_task(owner());
    for (int count = 0; count < 8; ++count) co_await tick();
    sim::Simulation::running()->fail({traces::VerdictKind::assertion, "the end", 0, {}, {}});
    co_await tick();
  });
  CHECK(text == "FAILURE the end");
}

TEST_CASE("waiter: a primitive where tasks of another loop wait lets nobody wait beside them (tCO15)") {
  std::vector<std::string> answers;
  auto here = [&]() -> Coro<void> {
    Lock lock("door");
    Event event("ready");
    Condition condition("changed");
    Semaphore semaphore(0, "slots");
    Barrier barrier(5, "start");
    Queue<int> empty(0, "empty");
    Queue<int> full(1, "full");
    full.put_nowait(1);
    co_await lock.acquire();
    const std::vector<std::function<Coro<void>()>> waits = {
        [&]() -> Coro<void> { co_await lock.acquire(); },
        [&]() -> Coro<void> { co_await event.wait(); },
        [&]() -> Coro<void> {
          const auto guard = co_await condition.scoped();
          co_await condition.wait();
        },
        [&]() -> Coro<void> { co_await semaphore.acquire(); },
        [&]() -> Coro<void> { co_await barrier.wait(); },
        [&]() -> Coro<void> { static_cast<void>(co_await empty.get()); },
        [&]() -> Coro<void> { co_await full.put(2); },
        [&]() -> Coro<void> { co_await full.join(); },
    };
    std::vector<Task<>> tasks;
    for (const auto& wait : waits) tasks.push_back(create_task(wait()));
    co_await tick();
    auto elsewhere = [&]() -> Coro<void> {
      for (const auto& wait : waits) {
        try {
          co_await wait();
        } catch (const RuntimeError& error) {
          answers.emplace_back(error.what());
        }
      }
    };
    auto thread = [&] { run(elsewhere()); };
    co_await to_thread(thread);
    for (const Task<>& task : tasks) CHECK_FALSE(task.done());
    for (const Task<>& task : tasks) task.cancel();
    for (int count = 0; count < 2; ++count) co_await tick();
    lock.release();
  };
  run(here());
  const std::string refusal = " is bound to a different event loop: tasks of that loop wait for it";
  CHECK(answers == std::vector<std::string>{"Lock 'door'" + refusal, "Event 'ready'" + refusal,
                                            "Condition 'changed'" + refusal, "Semaphore 'slots'" + refusal,
                                            "Barrier 'start'" + refusal, "Queue 'empty'" + refusal,
                                            "Queue 'full'" + refusal, "Queue.join 'full'" + refusal});
}
