#include <coweave/core/object.hpp>

#include <string>

namespace coweave::detail {

void Object::report_in_use() const noexcept {
  Loop* loop = Loop::running();
  if (!loop) return;
  std::string message = kind_;
  if (name_) message += std::string(" '") + name_ + "'";
  message += " was destroyed while tasks wait for it: they will never be woken";
  loop->report({Report::Kind::destroyed_in_use, std::move(message), nullptr, loop->current_task(), {}});
}

}  // namespace coweave::detail
