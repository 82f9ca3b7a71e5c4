#include <coweave/core/object.hpp>

#include <coweave/core/errors.hpp>

#include <string>

namespace coweave::detail {

void Object::report_in_use() const noexcept {
  Loop* loop = Loop::running();
  if (!loop) return;
  loop->report({Report::Kind::destroyed_in_use,
                title() + " was destroyed while tasks wait for it: they will never be woken",
                nullptr,
                loop->current_task(),
                {}});
}

void Object::throw_other_loop() const {
  throw RuntimeError(title() + " is bound to a different event loop: tasks of that loop wait for it");
}

std::string Object::title() const {
  return name_ ? std::string(kind_) + " '" + name_ + "'" : std::string(kind_);
}

}  // namespace coweave::detail
