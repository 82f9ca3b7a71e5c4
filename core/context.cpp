#include <coweave/core/context.hpp>

#include <coweave/core/errors.hpp>
#include <coweave/core/task.hpp>

#include <algorithm>
#include <atomic>

namespace coweave {

namespace detail {

void ContextState::observe_shared(Access access) {
  if (Observer* observer = Loop::observed(heard::uses)) [[unlikely]]
    observer->touched(access, {});
}

ContextValue ContextState::find(std::uint64_t variable) const {
  observe(Access::read);
  if (!table_) return nullptr;
  const auto binding = std::find_if(table_->begin(), table_->end(),
                                    [&](const Binding& each) { return each.variable == variable; });
  return binding == table_->end() ? nullptr : binding->value;
}

ContextValue ContextState::assign(std::uint64_t variable, ContextValue value) {
  observe(Access::write);
  // A table that others share is copied, which leaves theirs as it is.
  if (!table_) {
    table_ = std::make_shared<std::vector<Binding>>();
  } else if (table_.use_count() == 1) {
    // After whatever another thread read through its copy: to drop a copy acquires. (A fence would do, but
    // ThreadSanitizer does not know fences.)
    static_cast<void>(std::shared_ptr(table_));
  } else {
    table_ = std::make_shared<std::vector<Binding>>(*table_);
  }
  const auto binding = std::find_if(table_->begin(), table_->end(),
                                    [&](const Binding& each) { return each.variable == variable; });
  if (binding == table_->end()) {
    if (value) table_->push_back({variable, std::move(value)});
    return nullptr;
  }
  ContextValue old = std::exchange(binding->value, std::move(value));
  if (!binding->value) table_->erase(binding);
  return old;
}

ContextRef ContextState::copy() const {
  observe(Access::read);
  ContextRef copy(new ContextState);
  copy->table_ = table_;
  return copy;
}

namespace {
thread_local ContextRef outside_loops;
std::atomic<std::uint64_t> last_variable = 0;
}  // namespace

ContextRef& context_slot() noexcept {
  Loop* loop = Loop::running();
  return loop ? loop->context_slot() : outside_loops;
}

ContextState& present_context() {
  ContextRef& slot = context_slot();
  if (!slot) slot = ContextRef(new ContextState);
  return *slot;
}

bool is_entered(const ContextRef& context) noexcept { return context->entered || context == context_slot(); }

ContextRef inherited_context() {
  const ContextRef& slot = context_slot();
  return slot && slot->size() > 0 ? slot->copy() : ContextRef();
}

std::uint64_t next_context_variable() noexcept { return ++last_variable; }

void throw_unset(const std::string& variable) {
  throw LookupError("the context variable '" + variable + "' has no value here and no default");
}

void require_token(const ContextRef& context, std::uint64_t of, std::uint64_t variable,
                   const std::string& name) {
  if (!context) throw RuntimeError("the token of '" + name + "' has already been used once");
  if (of != variable)
    throw ValueError("the token given to '" + name + "' was created by a different ContextVar");
  if (context != context_slot())
    throw ValueError("the token of '" + name + "' was created in a different Context");
}

}  // namespace detail

namespace {

const detail::ContextRef& not_entered(const detail::ContextRef& context) {
  if (detail::is_entered(context)) throw RuntimeError("cannot enter context: it is already entered");
  return context;
}

}  // namespace

Context::Entered::Entered(const detail::ContextRef& context)
    : outer_(detail::context_slot()),
      outer_was_entered_(outer_ && outer_->entered),
      scope_(not_entered(context)) {
  if (outer_) outer_->entered = true;
}

Context::Entered::~Entered() {
  if (outer_) outer_->entered = outer_was_entered_;
}

Context copy_context() {
  const detail::ContextRef& slot = detail::context_slot();
  return slot ? Context(slot->copy()) : Context();
}

}  // namespace coweave
