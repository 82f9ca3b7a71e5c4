#pragma once

/// The primitives of the layer with a history: each call is recorded, and the history can be checked.
///
///     Recorded<Queue<int>> jobs(2, "jobs");
///     co_await jobs.put(1);
///     …
///     jobs.require_linearizable();
///
/// They have the calls that the models know; `primitive()` has the rest, unrecorded. A call that is cancelled
/// must have no effect, as asyncio promises.

#include <coweave/core/lifo_queue.hpp>
#include <coweave/core/lock.hpp>
#include <coweave/core/priority_queue.hpp>
#include <coweave/core/queue.hpp>
#include <coweave/core/semaphore.hpp>
#include <coweave/props/linearizability/history.hpp>
#include <coweave/props/linearizability/models/lock.hpp>
#include <coweave/props/linearizability/models/queue.hpp>
#include <coweave/props/linearizability/models/semaphore.hpp>

#include <cstddef>
#include <cstdint>
#include <source_location>
#include <utility>

namespace coweave {

namespace detail {

template <class Primitive, SequentialModel M>
class RecordedBase {
 public:
  using Model = M;

  [[nodiscard]] Primitive& primitive() noexcept { return primitive_; }
  [[nodiscard]] const History<M>& history() const noexcept { return history_; }
  /// See History::require_linearizable.
  void require_linearizable(std::source_location at = std::source_location::current()) const {
    history_.require_linearizable({.cut_short = CutShort::has_no_effect}, at);
  }

 protected:
  template <class... Arguments>
  RecordedBase(M model, const char* name, Arguments&&... arguments)
      : primitive_(std::forward<Arguments>(arguments)..., name), history_(std::move(model), name) {}
  ~RecordedBase() = default;

  Primitive primitive_;
  History<M> history_;
};

template <class Q, SequentialModel M>
class RecordedQueue : public RecordedBase<Q, M> {
  using Item = typename Q::value_type;

 public:
  /// As those of the queue itself.
  explicit RecordedQueue(std::size_t maxsize = 0, const char* name = "queue")
      : RecordedBase<Q, M>(M{.maxsize = maxsize}, name, maxsize) {}

  [[nodiscard]] Coro<void> put(Item item) {
    auto operation = M::put(item);
    const auto call = [this, item = std::move(item)] { return this->primitive_.put(item); };
    return this->history_.call(std::move(operation), call);
  }
  [[nodiscard]] Coro<Item> get() {
    return this->history_.call(M::get(), [this] { return this->primitive_.get(); });
  }
  void put_nowait(Item item) {
    this->history_.call_nowait(M::put_nowait(item), [&] { this->primitive_.put_nowait(std::move(item)); });
  }
  Item get_nowait() {
    return this->history_.call_nowait(M::get_nowait(), [&] { return this->primitive_.get_nowait(); });
  }
  [[nodiscard]] std::size_t qsize() {
    return this->history_.call_nowait(M::qsize(), [&] { return this->primitive_.qsize(); });
  }
  void shutdown() {
    this->history_.call_nowait(M::shutdown(), [&] { this->primitive_.shutdown(); });
  }
};

/// What is acquired and released.
template <class Primitive, SequentialModel M>
class RecordedPermits : public RecordedBase<Primitive, M> {
 public:
  [[nodiscard]] Coro<void> acquire() {
    const auto call = [this]() -> Coro<void> { co_await this->primitive_.acquire(); };
    return this->history_.call(M::acquire(), call);
  }
  void release() {
    this->history_.call_nowait(M::release(), [&] { this->primitive_.release(); });
  }

 protected:
  using RecordedBase<Primitive, M>::RecordedBase;
};

/// What can say besides how many permits are free.
template <class Primitive>
class RecordedSemaphore : public RecordedPermits<Primitive, models::Semaphore> {
 public:
  [[nodiscard]] std::int64_t value() {
    return this->history_.call_nowait(models::Semaphore::value(), [&] { return this->primitive_.value(); });
  }

 protected:
  using RecordedPermits<Primitive, models::Semaphore>::RecordedPermits;
};

}  // namespace detail

/// `Recorded<Queue<int>>`, and so on for every queue, `Lock`, `Semaphore` and `BoundedSemaphore`. It takes
/// what the primitive takes; its name is also that of the history.
template <class Primitive>
class Recorded;

template <class T>
class Recorded<Queue<T>> final : public detail::RecordedQueue<Queue<T>, models::Queue<T>> {
  using detail::RecordedQueue<Queue<T>, models::Queue<T>>::RecordedQueue;
};
template <class T>
class Recorded<LifoQueue<T>> final : public detail::RecordedQueue<LifoQueue<T>, models::Stack<T>> {
  using detail::RecordedQueue<LifoQueue<T>, models::Stack<T>>::RecordedQueue;
};
template <class T>
class Recorded<PriorityQueue<T>> final
    : public detail::RecordedQueue<PriorityQueue<T>, models::PriorityQueue<T>> {
  using detail::RecordedQueue<PriorityQueue<T>, models::PriorityQueue<T>>::RecordedQueue;
};
template <>
class Recorded<Lock> final : public detail::RecordedPermits<Lock, models::Lock> {
 public:
  explicit Recorded(const char* name = "lock") : RecordedPermits(models::Lock{}, name) {}
};
template <>
class Recorded<Semaphore> final : public detail::RecordedSemaphore<Semaphore> {
 public:
  explicit Recorded(std::int64_t value = 1, const char* name = "semaphore")
      : RecordedSemaphore(models::Semaphore{.permits = value}, name, value) {}
};
template <>
class Recorded<BoundedSemaphore> final : public detail::RecordedSemaphore<BoundedSemaphore> {
 public:
  explicit Recorded(std::int64_t value = 1, const char* name = "semaphore")
      : RecordedSemaphore(models::Semaphore{.permits = value, .bound = value}, name, value) {}
};

}  // namespace coweave
