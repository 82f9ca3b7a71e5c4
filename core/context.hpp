#pragma once

/// Context variables: values that belong to a task and not to a thread, as Python's `contextvars`.
///
/// A context maps variables to values. Every task has one, a copy of its creator's at the time of creation,
/// so that what a task sets is seen by what it calls and by the tasks that it creates later, and by nobody
/// else. A callback runs in a copy of the context in which it was registered. Copying shares the values and
/// costs one small block; a context without values is a null pointer, and code that sets no variable pays
/// nothing.
///
/// A context belongs to one thread at a time. Values are shared between copies, between threads too
/// (`to_thread`), and are never modified in place: `get()` gives a copy.

#include <coweave/core/observer.hpp>
#include <coweave/core/recycler.hpp>
#include <coweave/core/ref.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace coweave {

namespace detail {

using ContextValue = std::shared_ptr<const void>;

/// What `Context` handles share: a cell with a table that is copied before it is changed, if others share it.
class ContextState : public Recycled {
 public:
  /// The value of a variable; null: it has none.
  [[nodiscard]] ContextValue find(std::uint64_t variable) const;
  /// Gives the variable a value, or takes it away if that is null. Returns what it had.
  ContextValue assign(std::uint64_t variable, ContextValue value);
  [[nodiscard]] std::size_t size() const {
    observe(Access::read);
    return table_ ? table_->size() : 0;
  }
  [[nodiscard]] Ref<ContextState> copy() const;

  void add_reference() noexcept { ++references_; }
  void drop_reference() noexcept {
    if (--references_ == 0) delete this;
  }

  bool entered = false;  ///< some `Context::run` is in it, or left it for another one

 private:
  struct Binding {
    std::uint64_t variable;
    ContextValue value;
  };

  /// The running step uses it, if it is not a single task's: others may, and which do is known to nobody.
  void observe(Access access) const {
    if (references_ > 1) [[unlikely]]
      observe_shared(access);
  }
  static void observe_shared(Access access);

  std::shared_ptr<std::vector<Binding>> table_;
  std::uint32_t references_ = 0;
};

using ContextRef = Ref<ContextState>;

/// Where the present context stands: in the running task, else in the loop that runs a callback, else in the
/// thread. Null: no values.
[[nodiscard]] ContextRef& context_slot() noexcept;
/// The present context as an object.
[[nodiscard]] ContextState& present_context();
/// Whether `context` is the present one, or one from which a `Context::run` led here.
[[nodiscard]] bool is_entered(const ContextRef& context) noexcept;
/// A copy of the present context; null if that has no values.
[[nodiscard]] ContextRef inherited_context();

/// Makes `context` the present one for a scope, in the slot that is the present one at its beginning.
class ContextScope {
 public:
  explicit ContextScope(ContextRef context) noexcept
      : slot_(context_slot()), outer_(std::exchange(slot_, std::move(context))) {}
  ContextScope(const ContextScope&) = delete;
  ContextScope& operator=(const ContextScope&) = delete;
  ~ContextScope() { slot_ = std::move(outer_); }

 private:
  ContextRef& slot_;
  ContextRef outer_;
};

[[nodiscard]] std::uint64_t next_context_variable() noexcept;
[[noreturn]] void throw_unset(const std::string& variable);

}  // namespace detail

class Context;
template <class T>
class ContextVar;

/// What `ContextVar::set` returns: how to undo it, once, in the same context. Dropping it undoes nothing.
template <class T>
class Token {
 public:
  Token(Token&&) noexcept = default;
  Token& operator=(Token&&) noexcept = default;
  Token(const Token&) = delete;
  Token& operator=(const Token&) = delete;
  ~Token() = default;

  /// What the variable had before; nothing if it had no value of its own.
  [[nodiscard]] std::optional<T> old_value() const {
    if (!old_) return std::nullopt;
    return *static_cast<const T*>(old_.get());
  }

 private:
  friend class ContextVar<T>;
  Token(std::uint64_t variable, detail::ContextRef context, detail::ContextValue old) noexcept
      : variable_(variable), context_(std::move(context)), old_(std::move(old)) {}

  std::uint64_t variable_;
  detail::ContextRef context_;  // null: used
  detail::ContextValue old_;
};

namespace detail {

/// What is done to undo a `set`: throws RuntimeError if the token was used before, ValueError if it is
/// another variable's or was made in another context.
void require_token(const ContextRef& context, std::uint64_t of, std::uint64_t variable,
                   const std::string& name);

}  // namespace detail

/// A variable that has its own value in every context. `T` must be copyable. Declare it with static lifetime,
/// as `thread_local` ones are.
template <class T>
class ContextVar {
 public:
  explicit ContextVar(std::string name) : name_(std::move(name)) {}
  ContextVar(std::string name, T default_value)
      : name_(std::move(name)), default_(std::move(default_value)) {}
  ContextVar(const ContextVar&) = delete;
  ContextVar& operator=(const ContextVar&) = delete;
  ~ContextVar() = default;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  /// The value in the present context, else the default of the variable. Throws LookupError if it has
  /// neither.
  [[nodiscard]] T get() const {
    if (const auto value = find()) return *value;
    if (!default_) detail::throw_unset(name_);
    return *default_;
  }
  /// The value in the present context, else `fallback`.
  [[nodiscard]] T get(T fallback) const {
    if (const auto value = find()) return *value;
    return fallback;
  }

  /// Sets the value in the present context.
  Token<T> set(T value) {
    detail::ContextState& context = detail::present_context();
    auto old = context.assign(id_, std::make_shared<const T>(std::move(value)));
    return Token<T>(id_, detail::ContextRef(&context), std::move(old));
  }

  /// Gives the variable back what it had before the `set` that returned `token`. Throws RuntimeError if that
  /// was done already, ValueError if the token is another variable's or if this is another context.
  void reset(Token<T>& token) {
    detail::require_token(token.context_, token.variable_, id_, name_);
    token.context_->assign(id_, std::move(token.old_));
    token.context_ = {};
  }
  void reset(Token<T>&& token) { reset(token); }

 private:
  friend class Context;
  [[nodiscard]] std::shared_ptr<const T> find() const {
    const detail::ContextRef& context = detail::context_slot();
    return context ? std::static_pointer_cast<const T>(context->find(id_)) : nullptr;
  }

  std::uint64_t id_ = detail::next_context_variable();
  std::string name_;
  std::optional<T> default_;
};

/// A shared handle of a context: copies mean the same one, `copy()` makes another.
class Context {
 public:
  /// A new context without values.
  Context() : state_(new detail::ContextState) {}
  explicit Context(detail::ContextRef state) noexcept : state_(std::move(state)) {}

  /// A new context with the same values.
  [[nodiscard]] Context copy() const { return Context(state_->copy()); }

  /// Calls `function()` in this context: what it sets stays here. Throws RuntimeError if the context is the
  /// present one already, or one from which a `run` led here.
  template <class Function>
  decltype(auto) run(Function&& function) const {
    const Entered entered(state_);
    return std::invoke(std::forward<Function>(function));
  }

  /// How many variables have a value here.
  [[nodiscard]] std::size_t size() const { return state_->size(); }
  template <class T>
  [[nodiscard]] bool contains(const ContextVar<T>& variable) const {
    return state_->find(variable.id_) != nullptr;
  }
  /// The value here; defaults do not count. Throws LookupError if it has none.
  template <class T>
  [[nodiscard]] T at(const ContextVar<T>& variable) const {
    const auto value = state_->find(variable.id_);
    if (!value) detail::throw_unset(variable.name_);
    return *static_cast<const T*>(value.get());
  }

  /// Whether both handles mean the same context.
  friend bool operator==(const Context&, const Context&) = default;

  [[nodiscard]] const detail::ContextRef& state() const noexcept { return state_; }

 private:
  class Entered {
   public:
    explicit Entered(const detail::ContextRef& context);
    Entered(const Entered&) = delete;
    Entered& operator=(const Entered&) = delete;
    ~Entered();

   private:
    detail::ContextRef outer_;
    bool outer_was_entered_;
    detail::ContextScope scope_;
  };

  detail::ContextRef state_;
};

/// A copy of the present context, as `contextvars.copy_context`.
[[nodiscard]] Context copy_context();

}  // namespace coweave
