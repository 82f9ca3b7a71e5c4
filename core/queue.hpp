#pragma once

/// A queue between tasks, as asyncio's `Queue`.
///
/// Items stay in the queue until a getter takes them; a wake-up reserves nothing. So an item is never lost
/// with a getter that is cancelled. But who does not wait may come before who was woken and has not run: a
/// `get_nowait` or `get` before a woken getter, a `put_nowait` or `put` before a woken putter (gh-83055),
/// which then waits again at the end of its line. Among those who wait, getters are served in the order in
/// which they came, and putters likewise.

#include <coweave/core/errors.hpp>
#include <coweave/core/event.hpp>
#include <coweave/core/object.hpp>
#include <coweave/core/ring.hpp>
#include <coweave/core/task.hpp>

#include <coroutine>
#include <cstddef>
#include <source_location>
#include <utility>

namespace coweave {

namespace detail {

/// Set while a queue has no unfinished item.
struct AllFinished final : Event {
  explicit AllFinished(const char* name) noexcept : Event("Queue.join", name, true) {}
};

/// What a queue is without its items: who waits, how many are unfinished, whether it was shut down.
class QueueBase : protected Object {
 public:
  /// Items that `get` would find now.
  [[nodiscard]] std::size_t qsize(std::source_location at = std::source_location::current()) const noexcept {
    observe(Verb::read, at);
    return size();
  }
  /// The bound; 0: none.
  [[nodiscard]] std::size_t maxsize() const noexcept { return maxsize_; }
  [[nodiscard]] bool empty(std::source_location at = std::source_location::current()) const noexcept {
    return qsize(at) == 0;
  }
  [[nodiscard]] bool full(std::source_location at = std::source_location::current()) const noexcept {
    observe(Verb::read, at);
    return is_full();
  }

  /// Says that the work on an item that was got is done; at the last one `join()` returns. Throws ValueError
  /// if it is called more often than there were items.
  void task_done(std::source_location at = std::source_location::current());

  /// `co_await queue.join()`: waits until every item that was put has been got and reported done. Once the
  /// count has reached zero it returns, even if new items come before it runs.
  [[nodiscard]] auto join() noexcept { return finished_.wait(); }

  /// Ends the queue: puts raise QueueShutDown, gets too once it is empty; everybody who waits is woken to see
  /// it. `immediate` also drops the items, each counted as done. Idempotent.
  void shutdown(bool immediate = false, std::source_location at = std::source_location::current());

 protected:
  QueueBase(const char* kind, std::size_t maxsize, const char* name);
  ~QueueBase();
  [[nodiscard]] virtual std::size_t size() const noexcept = 0;
  virtual void drop_item() noexcept = 0;

  /// Waits for an item or for a free place, whichever `Queue` needs; the typed awaiters add the item.
  class Wait : public Waiter {
   public:
    [[nodiscard]] Pending pending() const noexcept {
      return {.access = Access::write, .object = queue_.reference(), .contends = !can_go()};
    }
    bool proceed() override;
    [[nodiscard]] WaitDescription describe() const override;

   protected:
    Wait(QueueBase& queue, WaiterList& line, const char* action) noexcept
        : queue_(queue), line_(line), action_(action) {}
    ~Wait() = default;

    void line_up(PromiseBase& promise) {
      line_.push_back(*this);
      queue_.observe_line();
      begin(promise);
    }
    /// For await_ready: whether there is no need to wait. Throws RuntimeError if there is, and tasks of
    /// another loop stand in line.
    [[nodiscard]] bool ready() const {
      if (can_go()) return true;
      queue_.require_same_loop(line_);
      return false;
    }
    /// Throws if the wait was interrupted, and passes on the wake-up that it consumed.
    void settle();
    /// Wakes the next in line if this one was woken for something that it does not take.
    void pass_on();
    /// Whether there is something to do now: an item or a place, or a shutdown to report.
    [[nodiscard]] bool can_go() const noexcept;

    QueueBase& queue_;
    WaiterList& line_;

   private:
    [[nodiscard]] bool satisfied() const noexcept {
      return &line_ == &queue_.getters_ ? queue_.size() > 0 : !queue_.is_full();
    }

    const char* action_;
  };

  void require_room(std::source_location at) const;
  void require_item(std::source_location at) const;
  void item_added(std::source_location at) noexcept;
  void item_taken(std::source_location at) noexcept;

  WaiterList getters_;
  WaiterList putters_;

 private:
  [[nodiscard]] bool is_full() const noexcept { return maxsize_ != 0 && size() >= maxsize_; }

  WaiterList called_;  ///< off the front of a line, woken or cancelled, until their tasks run
  AllFinished finished_;
  std::size_t maxsize_;
  std::size_t unfinished_ = 0;
  bool shut_down_ = false;
  bool gone_ = false;  ///< with its items, and nobody may ask for their number any more
};

}  // namespace detail

/// A queue whose `Store` keeps the items and decides which comes next: `size()`, `push(T&&)`, `T pop()`,
/// `drop()`, which removes any item. If one of them throws, nothing may have changed; `drop` must not throw.
template <class T, class Store>
class BasicQueue : public detail::QueueBase {
  class [[nodiscard]] Get final : public Wait {
   public:
    explicit Get(BasicQueue& queue) noexcept : Wait(queue, queue.getters_, "get") {}

    [[nodiscard]] bool await_ready() const { return this->ready(); }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> coroutine) {
      this->line_up(coroutine.promise());
    }
    T await_resume() {
      this->settle();
      try {
        return static_cast<BasicQueue&>(this->queue_).get_nowait({});
      } catch (...) {
        this->pass_on();
        throw;
      }
    }
  };

  class [[nodiscard]] Put final : public Wait {
   public:
    Put(BasicQueue& queue, T&& item) : Wait(queue, queue.putters_, "put"), item_(std::move(item)) {}

    [[nodiscard]] bool await_ready() const { return this->ready(); }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> coroutine) {
      this->line_up(coroutine.promise());
    }
    void await_resume() {
      this->settle();
      try {
        static_cast<BasicQueue&>(this->queue_).put_nowait(std::move(item_), {});
      } catch (...) {
        this->pass_on();
        throw;
      }
    }

   private:
    T item_;
  };

 public:
  using value_type = T;

  /// `co_await queue.get()`: the next item. Suspends while the queue is empty; woken by a put or a shutdown.
  /// Throws QueueShutDown if the queue is empty and was shut down; RuntimeError if it would have to wait
  /// behind tasks of another loop. Cancelled or failed after it was woken, it wakes the next getter; no item
  /// is lost with it, also not if it is destroyed while suspended.
  [[nodiscard]] Get get() noexcept { return Get(*this); }

  /// `co_await queue.put(item)`: stores an item. Suspends while the queue is full; woken by a get or a
  /// shutdown. Throws QueueShutDown if the queue was shut down; RuntimeError if it would have to wait behind
  /// tasks of another loop. Cancelled or failed after it was woken, it wakes the next putter. An item that
  /// was not stored goes with it, also if it is destroyed while suspended.
  [[nodiscard]] Put put(T item) { return Put(*this, std::move(item)); }

  /// The next item without waiting; throws QueueEmpty, or QueueShutDown. If taking it throws, it stays.
  T get_nowait(std::source_location at = std::source_location::current()) {
    require_item(at);
    T item = store_.pop();
    item_taken(at);
    return item;
  }

  /// Stores an item without waiting; throws QueueFull, or QueueShutDown. If storing throws, nothing changed.
  void put_nowait(T item, std::source_location at = std::source_location::current()) {
    require_room(at);
    store_.push(std::move(item));
    item_added(at);
  }

 protected:
  template <class... StoreArguments>
  BasicQueue(const char* kind, std::size_t maxsize, const char* name, StoreArguments&&... store_arguments)
      : QueueBase(kind, maxsize, name), store_(std::forward<StoreArguments>(store_arguments)...) {}
  ~BasicQueue() = default;

 private:
  [[nodiscard]] std::size_t size() const noexcept override { return store_.size(); }
  void drop_item() noexcept override { store_.drop(); }

  Store store_;
};

namespace detail {

template <class T>
class FifoStore {
 public:
  [[nodiscard]] std::size_t size() const noexcept { return items_.size(); }
  void push(T&& item) { items_.push_back(std::move(item)); }
  T pop() {
    T item = std::move(items_.front());
    items_.pop_front();
    return item;
  }
  void drop() noexcept { items_.pop_front(); }

 private:
  Ring<T> items_;
};

}  // namespace detail

/// First in, first out.
template <class T>
class Queue final : public BasicQueue<T, detail::FifoStore<T>> {
 public:
  /// `maxsize` 0: unbounded. `name` is for reports and must outlive the queue; a string literal does.
  explicit Queue(std::size_t maxsize = 0, const char* name = nullptr)
      : BasicQueue<T, detail::FifoStore<T>>("Queue", maxsize, name) {}
};

}  // namespace coweave
