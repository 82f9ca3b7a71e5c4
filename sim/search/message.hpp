#pragma once

/// What one copy of this process tells another. Both ends of a pipe are the same program, so a message is the
/// bytes of what it holds.

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace coweave::detail {

template <class Value>
  requires std::is_trivially_copyable_v<Value>
void put(std::string& message, const Value& value) {
  message.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <class Value>
void put_all(std::string& message, const std::vector<Value>& values) {
  put(message, values.size());
  static_assert(std::is_trivially_copyable_v<Value>);
  message.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(Value));
}

/// A list whose members are more than their bytes; `put_one(member)` puts each.
template <class Value, class Function>
void put_list(std::string& message, const std::vector<Value>& values, Function put_one) {
  put(message, values.size());
  for (const Value& value : values) put_one(value);
}

inline void put(std::string& message, std::string_view text) {
  put(message, text.size());
  message += text;
}

/// Takes what was put there next; `from` then stands behind it.
template <class Value>
Value get(const char*& from) {
  Value value{};
  std::memcpy(static_cast<void*>(&value), from, sizeof value);
  from += sizeof value;
  return value;
}

template <class Value>
void get_all(const char*& from, std::vector<Value>& values) {
  values.resize(get<std::size_t>(from));
  if (!values.empty()) std::memcpy(static_cast<void*>(values.data()), from, values.size() * sizeof(Value));
  from += values.size() * sizeof(Value);
}

/// `get_one(member)` takes each.
template <class Value, class Function>
void get_list(const char*& from, std::vector<Value>& values, Function get_one) {
  values.resize(get<std::size_t>(from));
  for (Value& value : values) get_one(value);
}

inline std::string get_text(const char*& from) {
  const auto size = get<std::size_t>(from);
  std::string text(from, size);
  from += size;
  return text;
}

}  // namespace coweave::detail
