#pragma once

/// A body that runs beside the loop: on a thread of an executor, or under simulation as a step of its own.
///
///     queued --begin--> running --body ends--> posted --> delivered on the loop's thread
///     queued --withdraw--> withdrawn: its future was cancelled, the body never runs
///
/// The executor and the loop share the job. The future, the loop's lists and the delivery belong to the
/// loop's thread; the body, its outcome and its context to the thread that runs it. A loop that closes lets
/// go of the future (`detach`), and what the body does later is dropped.

#include <coweave/core/context.hpp>
#include <coweave/core/future.hpp>
#include <coweave/core/mailbox.hpp>
#include <coweave/core/outcome.hpp>
#include <coweave/core/timers.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace coweave {

class ThreadPoolExecutor;

namespace detail {

/// As a handle it is the delivery; as a link it stands in the loop's list of jobs that are under way.
class ThreadJob : public Handle, public Link {
 public:
  virtual ~ThreadJob() = default;

  /// On the thread that is to run it: runs the body, unless the job was withdrawn, and posts the outcome.
  void execute() noexcept;
  /// Instead of `execute`: the executor will not run it. Its future will be cancelled.
  void refuse() noexcept;
  /// Whether it has neither begun nor been withdrawn.
  [[nodiscard]] bool waiting() const noexcept {
    return stage_.load(std::memory_order_acquire) == Stage::queued;
  }

  /// On the loop's thread: its future was cancelled. A job that has not begun is withdrawn.
  void withdraw() noexcept;
  /// On the loop's thread: the loop ends before the job was delivered.
  void detach() noexcept;

  /// Whether the running step of a simulation is the body of a job.
  [[nodiscard]] static bool runs_as_step() noexcept;

  /// The step that runs the body under simulation, at once or when its time has come.
  struct Start final : Timer {
    explicit Start(ThreadJob& job_in) noexcept : Timer(&run_start, HandleKind::thread), job(job_in) {}
    void sign(const Handle& handle) noexcept {
      owner_ = handle.owner();
      ordinal_ = handle.ordinal();
    }
    ThreadJob& job;
  };

  [[nodiscard]] Loop& loop() const noexcept { return *loop_; }
  [[nodiscard]] Start& start() noexcept { return start_; }
  [[nodiscard]] ThreadPoolExecutor* executor() const noexcept { return executor_; }
  [[nodiscard]] std::shared_ptr<ThreadJob> self() const noexcept { return self_; }
  /// For a loop with real threads, before it submits the job: where it runs and where the outcome goes.
  void assign(ThreadPoolExecutor& executor, std::shared_ptr<Mailbox> mailbox) noexcept {
    executor_ = &executor;
    mailbox_ = std::move(mailbox);
  }

 protected:
  ThreadJob(Loop& loop, ThreadPoolExecutor* executor);
  /// Hands the job to the loop. Throws what the executor throws; then nothing has happened.
  void submit(std::shared_ptr<ThreadJob> self);

  virtual void run_body() noexcept = 0;
  virtual void drop_body() noexcept = 0;
  /// Finishes the future with the outcome, or cancels it if there is none.
  virtual void deliver() = 0;
  virtual void drop_future() noexcept = 0;

 private:
  enum class Stage : std::uint8_t { queued, running, withdrawn };

  static void run_start(Handle& handle, Action action);
  static void completed(Handle& handle, Action action);
  bool leave_queue(Stage stage) noexcept;
  void post() noexcept;

  Loop* loop_;
  ThreadPoolExecutor* executor_;      // null: the loop's own
  std::shared_ptr<Mailbox> mailbox_;  // null: under simulation
  std::shared_ptr<ThreadJob> self_;   // the loop's share, until delivered
  ContextRef context_;                // that the body runs in
  Start start_;
  std::atomic<Stage> stage_ = Stage::queued;
};

/// The future of a job: cancelling it withdraws the job.
template <class T>
class ThreadFuture final : public FutureState<T> {
 public:
  ThreadFuture(Loop& loop, ThreadJob& job) noexcept : FutureState<T>(loop), job_(&job) {}

  bool cancel(std::string_view message = {}, std::source_location at = {}) override {
    if (!FutureBase::cancel(message, at)) return false;
    if (job_) std::exchange(job_, nullptr)->withdraw();
    return true;
  }
  void leave_job() noexcept { job_ = nullptr; }

 private:
  ThreadJob* job_;  // until it is delivered
};

template <class Function, class T>
class ThreadJobOf final : public ThreadJob {
 public:
  ThreadJobOf(Loop& loop, ThreadPoolExecutor* executor, Function function)
      : ThreadJob(loop, executor),
        function_(std::move(function)),
        future_(new ThreadFuture<T>(loop, *this)) {}

  static Future<T> begin(Loop& loop, ThreadPoolExecutor* executor, Function function) {
    auto job = std::make_shared<ThreadJobOf>(loop, executor, std::move(function));
    const Future<T> future{Ref<FutureBase>(job->future_)};
    job->submit(job);
    return future;
  }

 private:
  void run_body() noexcept override {
    try {
      if constexpr (std::is_void_v<T>) {
        (*function_)();
        outcome_.emplace(std::in_place);
      } else {
        outcome_.emplace(std::in_place, (*function_)());
      }
    } catch (...) {
      outcome_.emplace(std::current_exception());
    }
    function_.reset();
  }
  void drop_body() noexcept override { function_.reset(); }

  // What the body gave, or threw, lives and dies on the loop's thread from here on: the thread that ran the
  // body may be the last to let go of the job.
  void deliver() override {
    std::optional<Outcome<T>> outcome = std::exchange(outcome_, std::nullopt);
    const Ref<ThreadFuture<T>> state = std::move(future_);
    state->leave_job();
    state->observe_look();
    if (state->done()) return;
    if (!outcome) {
      state->cancel();
    } else if (!outcome->ok()) {
      state->finish_with_exception(outcome->exception());
    } else if constexpr (std::is_void_v<T>) {
      state->set_result();
    } else {
      state->set_result(std::forward<T>(outcome->value()));
    }
  }
  void drop_future() noexcept override {
    if (future_) future_->leave_job();
    future_ = {};
  }

  std::optional<Function> function_;
  Ref<ThreadFuture<T>> future_;
  std::optional<Outcome<T>> outcome_;
};

}  // namespace detail
}  // namespace coweave
