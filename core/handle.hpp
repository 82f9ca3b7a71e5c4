#pragma once

/// A handle: what the loop runs. One entry of the ready queue.
///
/// A task is a handle (running it executes one step), and so is a timer that fired, a callback, a done
/// callback. Handles are intrusive: whoever needs one embeds it, and queueing it allocates nothing. A handle
/// is in the ready queue at most once.

#include <cstdint>

namespace coweave {

class Loop;

/// What kind of work a handle does. Part of its identity in a trace.
enum class HandleKind : std::uint8_t {
  task,      ///< a step of a task
  timer,     ///< the end of a sleep
  call,      ///< a function given to call_soon, call_later or call_at
  done,      ///< a function given to add_done_callback; always a CallbackBase
  gather,    ///< gather() notes that a child has finished
  group,     ///< a TaskGroup notes that a child has finished
  thread,    ///< the body of a to_thread
  returned,  ///< a to_thread hands its result to the task
  timeout,   ///< the time that something may take is up
  wait,      ///< wait(), shield() or as_completed() notes that a future is done
};

namespace detail {

class Handle {
 public:
  /// What to do with a handle that leaves the queue: run it, or let go of it because the loop ends.
  enum class Action : bool { run, discard };
  using Run = void (*)(Handle&, Action);

  Handle(Run function, HandleKind kind) noexcept : run_(function), kind_(kind) {}
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  void run() { run_(*this, Action::run); }
  void discard() { run_(*this, Action::discard); }

  [[nodiscard]] HandleKind kind() const noexcept { return kind_; }
  /// Serial number of the task on whose behalf it runs; 0: the loop itself.
  [[nodiscard]] std::uint32_t owner() const noexcept { return owner_; }
  /// Tells the handles of one kind and owner apart, from 1 in order of creation; 0: there is only one. Of a
  /// task, which is its own owner, its spawn index.
  [[nodiscard]] std::uint32_t ordinal() const noexcept { return ordinal_; }
  /// Whether it is in the ready queue.
  [[nodiscard]] bool queued() const noexcept { return queued_; }

 protected:
  ~Handle() = default;

  Run run_;
  std::uint32_t owner_ = 0;
  std::uint32_t ordinal_ = 0;
  HandleKind kind_;

 private:
  friend class coweave::Loop;
  friend class ReadyQueue;
  bool queued_ = false;
};

/// A node of a circular doubly linked list; alone it is linked to itself.
struct Link {
  Link* previous = this;
  Link* following = this;

  Link() = default;
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  /// For a list's head: nobody is in the list. For a node: it is in no list.
  [[nodiscard]] bool alone() const noexcept { return following == this; }

  void insert_before(Link& node) noexcept {
    node.previous = previous;
    node.following = this;
    previous->following = &node;
    previous = &node;
  }

  void unlink() noexcept {
    previous->following = following;
    following->previous = previous;
    previous = following = this;
  }
};

/// A node of a future's list of things to run when it is done: a waiting task, or a callback.
struct DoneNode : Link {
  Handle* handle = nullptr;
};

}  // namespace detail
}  // namespace coweave
