#pragma once

/// Histories: which calls were made on an object, when, and how each ended.
///
///     History<models::Queue<int>> history;
///     const int item = co_await history.call(Jobs::get(), [&] { return queue.get(); });
///     …
///     history.require_linearizable();
///
/// A call is recorded while it runs, under the name of the task that makes it. One that never returns, or is
/// cancelled, stays in the history: it may have taken effect or not. A call that throws has returned.

#include <coweave/core/callable.hpp>
#include <coweave/core/errors.hpp>
#include <coweave/core/task.hpp>
#include <coweave/props/linearizability/check.hpp>
#include <coweave/props/linearizability/model.hpp>

#include <cstdint>
#include <source_location>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace coweave {

namespace detail {

/// What is the same for all models.
class HistoryBase {
 protected:
  explicit HistoryBase(std::string name) : name_(std::move(name)) {}
  ~HistoryBase() = default;

  /// A call that begins now: of the running task, or of `process`.
  [[nodiscard]] CallRecord begin();
  [[nodiscard]] CallRecord begin(const std::string& process);
  void end(CallRecord& call, CallEnd how);
  /// `number`, if there are more than that many calls.
  [[nodiscard]] static std::size_t known(std::size_t number, std::size_t calls);
  /// Whether somebody will read what is wrong: where the run is recorded, and outside a simulation.
  [[nodiscard]] static bool is_told();
  /// Whether a call that ends by it may have taken effect or not: it says nothing of the object.
  [[nodiscard]] static bool cuts_short(const std::exception_ptr& exception);
  /// Fails the running simulation, or throws AssertionFailed, unless `checked` holds.
  void require(const HistoryCheck& checked, const char* property, std::source_location at) const;

  std::string name_;

 private:
  struct Process {
    std::uint32_t task;  ///< serial number; 0: it is not known by a task
    std::string name;
  };

  [[nodiscard]] CallRecord begin_as(std::uint32_t process);

  std::vector<Process> processes_;
  std::uint32_t position_ = 0;
};

/// What `co_await` gives for an `Awaitable`.
template <class Awaitable>
decltype(auto) awaited(Awaitable&& awaitable) {
  if constexpr (requires { std::forward<Awaitable>(awaitable).operator co_await(); }) {
    return std::forward<Awaitable>(awaitable).operator co_await().await_resume();
  } else {
    return awaitable.await_resume();
  }
}
template <class Awaitable>
struct AwaitResult {
  using type = std::remove_cvref_t<decltype(awaited(std::declval<Awaitable>()))>;
};
template <class T>
struct AwaitResult<Coro<T>> {
  using type = T;
};

}  // namespace detail

template <SequentialModel M>
class History : private detail::HistoryBase {
 public:
  using Model = M;
  using Operation = typename M::Operation;
  using Response = typename M::Response;

  /// `model` is in the state in which the object is when the history begins. `name` is for reports.
  explicit History(M model = M(), std::string name = "history")
      : HistoryBase(std::move(name)), model_(std::move(model)) {}
  History(const History&) = delete;
  History& operator=(const History&) = delete;

  /// `co_await history.call(operation, callable)`: awaits what `callable()` returns, a Coro or any other
  /// awaitable, and records it as a call of the running task. Gives what it gives and throws what it throws.
  /// It suspends when that does, and adds no scheduling point. A CancelledError or TimeoutError, and what a
  /// sweep injects (see sweep.hpp: std::bad_alloc, and what `throw_point` throws), mean that the call was cut
  /// short. The result, or nothing, must be one of the values of the model's Response. The
  /// callable is kept for as long as the call runs; the history must outlive it, unless the call is destroyed
  /// while suspended.
  template <class Callable>
    requires std::is_invocable_v<std::decay_t<Callable>&>
  auto call(Operation operation, Callable&& callable) {
    COWEAVE_REQUIRE_SAFE_CALLABLE(Callable);
    using Result = typename detail::AwaitResult<std::invoke_result_t<std::decay_t<Callable>&>>::type;
    return record<Result>(std::move(operation), std::decay_t<Callable>(std::forward<Callable>(callable)));
  }

  /// The same for a coroutine that was called already and has not begun.
  template <class T>
  Coro<T> call(Operation operation, Coro<T> coroutine) {
    return record<T>(std::move(operation), Once<T>{std::move(coroutine)});
  }

  /// A call that does not suspend: calls `callable()`, gives what it gives and throws what it throws.
  template <class Callable>
  std::invoke_result_t<Callable&> call_nowait(Operation operation, Callable&& callable) {
    using Result = std::invoke_result_t<Callable&>;
    const std::size_t number = invoke(std::move(operation), this->begin());
    try {
      if constexpr (std::is_void_v<Result>) {
        callable();
        respond(number, Response(Nothing{}));
      } else {
        Result result = callable();
        respond(number, Response(result));
        return result;
      }
    } catch (...) {
      end_by(number, std::current_exception());
      throw;
    }
  }

  /// For a history that was recorded elsewhere: a call of `process` begins; later one ends, with a response
  /// or cut short. Calls begin and end in the order in which these are called.
  std::size_t invoke(Operation operation, const std::string& process) {
    return invoke(std::move(operation), this->begin(process));
  }
  /// A call that is not there, or has ended, is an InvalidStateError.
  void respond(std::size_t number, Response response) {
    Call<M>& call = calls_[this->known(number, calls_.size())];
    this->end(call, CallEnd::returned);
    call.response = std::move(response);
  }
  void cut_short(std::size_t number) {
    this->end(calls_[this->known(number, calls_.size())], CallEnd::cut_short);
  }

  /// In the order in which they began.
  [[nodiscard]] const std::vector<Call<M>>& calls() const noexcept { return calls_; }
  [[nodiscard]] const M& model() const noexcept { return model_; }

  /// Whether there is an order of the calls that the model allows and that keeps to `options.consistency`.
  [[nodiscard]] HistoryCheck check(const CheckOptions& options = {}) const {
    return check_calls<M>(model_, calls_, options);
  }

  /// Fails the run, as a failure of kind non_linearizable with the smallest history that is wrong as its
  /// message, unless `check(options)` holds. Outside a simulation it throws AssertionFailed with that
  /// message. That the budget was too small is a failure too: of kind assertion.
  void require_linearizable(const CheckOptions& options = {},
                            std::source_location at = std::source_location::current()) const {
    CheckOptions wanted = options;
    wanted.explain = this->is_told();
    this->require(check(wanted), property_of(options.consistency), at);
  }

 private:
  /// A callable that gives a coroutine away.
  template <class T>
  struct Once {
    Coro<T> coroutine;
    Coro<T> operator()() { return std::move(coroutine); }
  };

  std::size_t invoke(Operation operation, CallRecord record) {
    calls_.push_back({std::move(record), std::move(operation), std::nullopt});
    return calls_.size() - 1;
  }

  template <class Result, class Callable>
  Coro<Result> record(Operation operation, Callable callable) {
    const std::size_t number = invoke(std::move(operation), this->begin());
    try {
      if constexpr (std::is_void_v<Result>) {
        co_await callable();
        respond(number, Response(Nothing{}));
        co_return;
      } else {
        Result result = co_await callable();
        respond(number, Response(result));
        co_return result;
      }
    } catch (...) {
      end_by(number, std::current_exception());
      throw;
    }
  }

  void end_by(std::size_t number, std::exception_ptr exception) {
    if (this->cuts_short(exception)) return cut_short(number);
    respond(number, Response(Raised(std::move(exception))));
  }

  M model_;
  std::vector<Call<M>> calls_;
};

}  // namespace coweave
