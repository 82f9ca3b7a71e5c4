#pragma once

/// The members of an object of JSON, by key.

#include <coweave/traces/invalid.hpp>
#include <coweave/traces/scalars.hpp>
#include <coweave/traces/trace.hpp>
#include <coweave/traces/value.hpp>

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace coweave::traces {

/// "a, b, c".
[[nodiscard]] std::string one_of(std::span<const std::string_view> names);

/// The members of an object that may have certain keys and no others. Every function throws Invalid, with a
/// place inside the object, for what is missing or is not what it should be. What ends in `_if_any` or
/// `_if_known` may be missing, and may not be empty: what is empty is left out of a trace.
class Members {
 public:
  /// `value` and `place`, its JSON pointer, must outlive this. Throws Invalid if it is no object or has a key
  /// that is not `known`.
  Members(const Value& value, const std::string& place, std::initializer_list<std::string_view> known);

  [[nodiscard]] std::string place(std::string_view key) const { return pointer(place_, key); }

  [[nodiscard]] const Value& required(std::string_view key) const;
  [[nodiscard]] std::string text(std::string_view key) const { return read_text(required(key), place(key)); }
  [[nodiscard]] bool truth(std::string_view key) const { return read_truth(required(key), place(key)); }
  [[nodiscard]] std::uint64_t number(std::string_view key, std::uint64_t max) const {
    return read_number(required(key), place(key), max);
  }
  [[nodiscard]] std::uint32_t number32(std::string_view key) const {
    return static_cast<std::uint32_t>(number(key, uint32_max));
  }
  [[nodiscard]] std::int64_t nanoseconds(std::string_view key) const {
    return static_cast<std::int64_t>(number(key, int64_max));
  }

  /// `usual` if the key is not there, and only then.
  [[nodiscard]] std::uint32_t number32_or(std::string_view key, std::uint32_t usual) const;
  /// 0 if the key is not there.
  [[nodiscard]] std::int64_t nanoseconds_if_any(std::string_view key) const;
  [[nodiscard]] std::string text_if_any(std::string_view key) const;
  /// The id of an object, 0 if the key is not there.
  [[nodiscard]] std::uint32_t object_if_any(std::string_view key) const;
  [[nodiscard]] Site site_if_known(std::string_view key) const;
  /// Each entry as `read(value, place)` gives it.
  template <class Read>
  [[nodiscard]] auto list_if_any(std::string_view key, Read read) const {
    std::vector<decltype(read(Value{}, std::string()))> result;
    const Value* value = value_.find(key);
    if (!value) return result;
    const std::string list = place(key);
    if (value->kind != Value::Kind::list) refuse_kind(list, "a list", *value);
    if (value->items.empty()) throw Invalid(list, "empty; leave the key out instead");
    result.reserve(value->items.size());
    for (const Value& item : value->items) result.push_back(read(item, pointer(list, result.size())));
    return result;
  }

 private:
  const Value& value_;
  const std::string& place_;
};

}  // namespace coweave::traces
