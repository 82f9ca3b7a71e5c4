/// A task group as asyncio's: if one of its tasks fails, the others and the body are cancelled, and a request
/// that the group made to cancel its body is taken back when it ends.

#include <coweave/bench/power/historic/crew.hpp>
#include <coweave/bench/power/historic/historic.hpp>
#include <coweave/core/event.hpp>
#include <coweave/core/exception_group.hpp>
#include <coweave/core/sleep.hpp>
#include <coweave/props/require.hpp>

#include <exception>
#include <stdexcept>
#include <utility>
#include <vector>

namespace coweave::bench::historic {

namespace {

using namespace std::chrono_literals;

enum class Defect {
  none,
  uncancels_before_wait,
  forgets_outside_request,     ///< when it throws errors
  drops_outside_cancellation,  ///< that comes while it aborts
  misses_late_joiner,
  admits_while_aborting,
  lists_cancelled_body,
};

class Group {
 public:
  explicit Group(Defect defect) : defect_(defect), parent_(current_task()) {}
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;

  void create_task(Coro<void> work, bool eager = false) {
    if (aborting_ && defect_ != Defect::admits_while_aborting) {
      work.close();
      throw RuntimeError("the group is shutting down");
    }
    const Task<> task = coweave::create_task(std::move(work), {.name = "child", .eager_start = eager});
    if (task.done()) return child_ended(task);
    tasks_.push_back(task);
    task.add_done_callback([this, task](const Future<>&) { child_ended(task); });
    if (aborting_ && defect_ != Defect::misses_late_joiner && defect_ != Defect::admits_while_aborting)
      task.cancel();
  }

  /// Ends the group without an error.
  void cancel() {
    if (!aborting_) abort();
  }

  /// Waits for all; `error` left the body, if it is not null.
  Coro<void> leave(std::exception_ptr error) {
    std::exception_ptr cancellation;
    bool body_was_cancelled = false;
    if (error) {
      body_was_cancelled = detail::holds<CancelledError>(error);
      if (body_was_cancelled) cancellation = error;
      if (!aborting_) abort_tasks();
    }
    if (defect_ == Defect::uncancels_before_wait) take_back(cancellation, nullptr);
    std::exception_ptr late;  // a cancellation that came while it aborted
    while (!tasks_.empty()) {
      last_ended_ = create_future();
      try {
        co_await last_ended_;
      } catch (const CancelledError&) {
        if (aborting_) {
          late = std::current_exception();
        } else {
          cancellation = std::current_exception();
          abort_tasks();
        }
      }
    }
    if (defect_ == Defect::drops_outside_cancellation) late = nullptr;
    if (defect_ != Defect::uncancels_before_wait) take_back(cancellation, late);
    if (cancellation && errors_.empty()) std::rethrow_exception(cancellation);
    if (error && (!body_was_cancelled || defect_ == Defect::lists_cancelled_body)) errors_.push_back(error);
    if (errors_.empty()) co_return;
    if (parent_.cancelling() > 0 && defect_ != Defect::forgets_outside_request &&
        defect_ != Defect::uncancels_before_wait) {
      // A request from outside is still due: the next await is to see it.
      parent_.uncancel();
      parent_.cancel();
    }
    throw ExceptionGroup("errors in a group", std::move(errors_));
  }

 private:
  void child_ended(const Task<>& task) {
    std::erase(tasks_, task);
    if (tasks_.empty() && last_ended_.valid() && !last_ended_.done()) last_ended_.set_result();
    if (task.cancelled()) return;
    const std::exception_ptr error = task.exception();
    if (!error) return;
    errors_.push_back(error);
    if (!aborting_) abort();
  }

  /// Cancels the tasks and the body.
  void abort() {
    abort_tasks();
    asked_parent_ = true;
    parent_.cancel();
  }
  void abort_tasks() {
    aborting_ = true;
    for (const Task<>& task : tasks_) task.cancel();
  }

  /// Takes back the group's request to its body, if it made one. What was asked from outside remains.
  void take_back(std::exception_ptr& cancellation, const std::exception_ptr& late) {
    if (!asked_parent_) return;
    if (parent_.uncancel() == 0) {
      cancellation = nullptr;
    } else if (!cancellation) {
      cancellation = late;
    }
  }

  const Defect defect_;
  AnyTask parent_;
  std::vector<Task<>> tasks_;
  std::vector<std::exception_ptr> errors_;
  Future<> last_ended_;
  bool aborting_ = false;
  bool asked_parent_ = false;
};

/// What asyncio's `async with` does.
template <class Body>
Coro<void> run_group(Defect defect, Body& body) {
  Group group(defect);
  std::exception_ptr error;
  try {
    co_await body(group);
  } catch (...) {
    error = std::current_exception();
  }
  co_await group.leave(std::move(error));
}

Coro<void> fail_after(Duration time) {
  co_await sleep(time);
  throw LookupError("a child failed");
}

Coro<void> fail_at_once() {
  throw LookupError("a child failed");
  co_return;
}

/// Sets a flag just before it fails.
Coro<void> fail_openly(bool& failed) {
  co_await sleep(0s);
  failed = true;
  throw LookupError("the outer child failed");
}

/// Takes its time to end when it is cancelled.
Coro<void> end_slowly() {
  bool cancelled = false;
  try {
    co_await sleep(1h);
  } catch (const CancelledError&) {
    cancelled = true;
  }
  co_await sleep(1ms);
  if (cancelled) throw CancelledError();
}

/// Runs an inner group whose child fails, and goes on. It must not if the outer group has been aborted.
Coro<void> nested(Defect defect) {
  bool outer_failed = false;
  auto inner_body = [](Group& inner) -> Coro<void> {
    inner.create_task(fail_after(0s));
    co_await sleep(1ms);
  };
  auto outer_body = [&](Group& outer) -> Coro<void> {
    outer.create_task(fail_openly(outer_failed));
    try {
      co_await run_group(defect, inner_body);
    } catch (const ExceptionGroup&) {
    }
    co_await sleep(1s);
    COWEAVE_REQUIRE(!outer_failed);
  };
  try {
    co_await run_group(Defect::none, outer_body);
  } catch (const ExceptionGroup&) {
  }
}

Coro<void> run_and_go_on(Defect defect, Coro<void> (*body)(Group&)) {
  try {
    co_await run_group(defect, body);
  } catch (const ExceptionGroup&) {
  }
  co_await sleep(1ms);
}

/// A group in a task that is told to stop, or not.
Coro<void> stop_group(Defect defect, Coro<void> (*body)(Group&)) {
  Crew crew;
  crew.start(run_and_go_on(defect, body), "worker");
  co_await crew.ended();
  crew.require_obedience();
}

Coro<void> one_fails(Group& group) {
  group.create_task(fail_after(0s));
  co_await sleep(0s);
}

Coro<void> cancel_group_later(Group& group) {
  co_await sleep(1ms);
  group.cancel();
}

Coro<void> one_ends_it(Group& group) {
  group.create_task(end_slowly());
  group.create_task(cancel_group_later(group));
  co_return;
}

Coro<void> wait_for_ever(Event& never) { co_await never.wait(); }

/// Starts a sibling that fails at once, and waits.
Coro<void> start_failing_sibling(Group& group, Event& never) {
  group.create_task(fail_at_once(), true);
  co_await never.wait();
}

/// Ends the group before it has joined it.
Coro<void> cancel_group(Group& group, Event& never) {
  group.cancel();
  co_await never.wait();
}

Coro<void> late_joiner(Defect defect, Coro<void> (*child)(Group&, Event&)) {
  Event never("never");
  auto body = [&](Group& group) -> Coro<void> {
    group.create_task(child(group, never), true);
    co_await sleep(0s);
  };
  try {
    co_await run_group(defect, body);
  } catch (const ExceptionGroup&) {
  } catch (const RuntimeError&) {
  }
}

/// Starts another task when it is cancelled.
Coro<void> start_another_when_cancelled(Group& group, Event& never) {
  try {
    co_await sleep(1h);
  } catch (const CancelledError&) {
    group.create_task(wait_for_ever(never));
    throw;
  }
}

/// A group that is shutting down is asked to take one more.
Coro<void> one_more(Defect defect) {
  Event never("never");
  auto body = [&](Group& group) -> Coro<void> {
    group.create_task(start_another_when_cancelled(group, never));
    group.create_task(fail_after(0s));
    co_await sleep(0s);
  };
  try {
    co_await run_group(defect, body);
  } catch (const ExceptionGroup&) {
  }
}

/// The errors are those of the tasks, of which one fails.
Coro<void> count_errors(Defect defect) {
  std::size_t errors = 0;
  try {
    auto body = one_fails;
    co_await run_group(defect, body);
  } catch (const ExceptionGroup& group) {
    errors = group.exceptions().size();
  }
  COWEAVE_REQUIRE(errors == 1);
}

}  // namespace

std::vector<HistoricBug> task_groups() {
  using enum traces::VerdictKind;
  return {
      {"B36", "TaskGroup: an inner group swallows the request that aborts the outer one",
       [] { return nested(Defect::forgets_outside_request); }, [] { return nested(Defect::none); }, 0,
       assertion},
      {"B37/S46", "TaskGroup: takes its request back before it waits, and one comes while it does",
       [] { return stop_group(Defect::uncancels_before_wait, one_fails); },
       [] { return stop_group(Defect::none, one_fails); }, 0, assertion},
      {"B38", "TaskGroup: an error makes it forget a cancellation from outside",
       [] { return stop_group(Defect::forgets_outside_request, one_fails); },
       [] { return stop_group(Defect::none, one_fails); }, 1, assertion},
      {"B40/S48", "TaskGroup: an eager child that is aborted before it has joined is not cancelled",
       [] { return late_joiner(Defect::misses_late_joiner, start_failing_sibling); },
       [] { return late_joiner(Defect::none, start_failing_sibling); }, 0, deadlock},
      {"B41", "TaskGroup: nor is one that cancels the group itself",
       [] { return late_joiner(Defect::misses_late_joiner, cancel_group); },
       [] { return late_joiner(Defect::none, cancel_group); }, 0, deadlock},
      {"B42", "TaskGroup: a cancellation from outside is dropped while it aborts",
       [] { return stop_group(Defect::drops_outside_cancellation, one_ends_it); },
       [] { return stop_group(Defect::none, one_ends_it); }, 1, assertion},
      {"gh-94398", "TaskGroup: takes in tasks while it shuts down",
       [] { return one_more(Defect::admits_while_aborting); }, [] { return one_more(Defect::none); }, 0,
       deadlock},
      {"S50", "TaskGroup: lists the cancellation of its body among the errors",
       [] { return count_errors(Defect::lists_cancelled_body); }, [] { return count_errors(Defect::none); },
       0, assertion},
  };
}

}  // namespace coweave::bench::historic
