#pragma once

/// A value of JSON, as the reader of traces holds it for a moment: one record of the document at a time.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coweave::traces {

struct Member;

struct Value {
  enum class Kind : std::uint8_t { null, boolean, natural, negative, fraction, text, list, object };

  Kind kind = Kind::null;
  bool boolean = false;
  std::uint64_t natural = 0;  ///< of a whole number from 0 to 2^64 - 1; any other number has only its kind
  std::string text;
  std::vector<Value> items;     ///< of a list
  std::vector<Member> members;  ///< of an object, in order, each key once

  /// Null if there is no such key.
  [[nodiscard]] const Value* find(std::string_view key) const noexcept;
};

struct Member {
  std::string first;  ///< the key
  Value second;
};

inline const Value* Value::find(std::string_view key) const noexcept {
  for (const auto& [name, value] : members) {
    if (name == key) return &value;
  }
  return nullptr;
}

/// "a whole number", "a list", …
[[nodiscard]] std::string_view describe(Value::Kind kind) noexcept;

}  // namespace coweave::traces
