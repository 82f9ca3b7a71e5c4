#pragma once

/// Base of the synchronisation objects: a name for reports, a number for traces, and how operations reach the
/// observer.

#include <coweave/core/loop.hpp>
#include <coweave/core/observer.hpp>
#include <coweave/core/waiter.hpp>

#include <source_location>
#include <string>

namespace coweave::detail {

class Object {
 public:
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;

 protected:
  /// `kind` and `name` must outlive the object; string literals do. A null name: none.
  Object(const char* kind, const char* name) noexcept : kind_(kind), name_(name) {
    if (Loop* loop = Loop::running()) birth_ = loop->next_birth();
  }
  ~Object() = default;

  [[nodiscard]] ObjectRef reference() const noexcept { return {kind_, name_, &id_, birth_}; }

  /// For a destructor: reports it if tasks still wait.
  void report_if_in_use(const WaiterList& waiters) const noexcept { report_if_in_use(!waiters.empty()); }
  void report_if_in_use(bool in_use) const noexcept {
    if (in_use) [[unlikely]]
      report_in_use();
  }

  /// To be called before a task of the running loop joins `waiters`: throws RuntimeError if tasks of another
  /// loop wait there. (asyncio binds an object for good to the loop where somebody first had to wait; ours is
  /// free again when nobody waits.)
  void require_same_loop(const WaiterList& waiters) const {
    if (const Loop* loop = waiters.loop(); loop && loop != Loop::running()) [[unlikely]]
      throw_other_loop();
  }

  /// The running step does `verb`: a query is a read, since what the step does next may depend on it. `at` is
  /// not given if the operation is awaited: then it is where the await is.
  void observe(Verb verb, std::source_location at = {}) const {
    if (Observer* observer = Loop::observed(heard::of(verb))) [[unlikely]]
      observer->operation(verb, reference(), at);
  }
  /// The same of what has permits, of which as many as `free` are free now.
  void observe(Verb verb, std::source_location at, std::int64_t free) const {
    if (Observer* observer = Loop::observed(heard::of(verb))) [[unlikely]] {
      ObjectRef object = reference();
      object.free = free;
      observer->operation(verb, object, at);
    }
  }

  /// The running step uses it besides what an operation does.
  void observe_touch(Access access) const {
    if (Observer* observer = Loop::observed(heard::uses)) [[unlikely]]
      observer->touched(access, reference());
  }
  /// The task that runs stands in its line from now on.
  void observe_line() const {
    if (Observer* observer = Loop::observed(heard::uses)) [[unlikely]]
      observer->lined_up(reference());
  }

 private:
  void report_in_use() const noexcept;
  [[noreturn]] void throw_other_loop() const;
  [[nodiscard]] std::string title() const;

  const char* kind_;
  const char* name_;
  mutable ObjectId id_;
  Birth birth_;
};

}  // namespace coweave::detail
