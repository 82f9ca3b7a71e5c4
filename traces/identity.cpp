#include <coweave/traces/identity.hpp>

#include <algorithm>

namespace coweave::traces {

namespace {

bool is_digit(char character) { return character >= '0' && character <= '9'; }

/// Takes a number without leading zeros off the front.
bool take_number(std::string_view& text) {
  std::size_t length = 0;
  while (length < text.size() && is_digit(text[length])) ++length;
  if (length == 0 || (length > 1 && text.front() == '0')) return false;
  text.remove_prefix(length);
  return true;
}

bool is_role(std::string_view text) {
  const std::size_t hash = text.find('#');
  const std::string_view kind = text.substr(0, hash);
  const bool kind_is_good = !kind.empty() && std::all_of(kind.begin(), kind.end(), [](char character) {
    return (character >= 'a' && character <= 'z') || character == '_';
  });
  if (!kind_is_good || hash == std::string_view::npos) return kind_is_good;
  text.remove_prefix(hash + 1);
  return take_number(text) && text.empty();
}

}  // namespace

bool is_task_identity(std::string_view text) noexcept {
  if (!text.starts_with('0')) return false;
  text.remove_prefix(1);
  while (text.starts_with('.')) {
    text.remove_prefix(1);
    if (!take_number(text)) return false;
  }
  return text.empty();
}

bool is_identity(std::string_view text) noexcept {
  const std::string_view owner = owner_of(text);
  if (owner != "~" && !is_task_identity(owner)) return false;
  return owner.size() == text.size() || is_role(role_of(text));
}

std::string_view owner_of(std::string_view identity) noexcept {
  return identity.substr(0, identity.find('!'));
}

std::string_view role_of(std::string_view identity) noexcept {
  const std::size_t mark = identity.find('!');
  return mark == std::string_view::npos ? std::string_view() : identity.substr(mark + 1);
}

std::string_view parent_of(std::string_view task) noexcept {
  const std::size_t dot = task.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : task.substr(0, dot);
}

}  // namespace coweave::traces
