#include <coweave/traces/members.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace coweave::traces {

std::string one_of(std::span<const std::string_view> names) {
  return fmt::format("{}", fmt::join(names, ", "));
}

Members::Members(const Value& value, const std::string& place, std::initializer_list<std::string_view> known)
    : value_(value), place_(place) {
  if (value.kind != Value::Kind::object) refuse_kind(place, "an object", value);
  for (const auto& [key, member] : value.members) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    throw Invalid(pointer(place, key), fmt::format("unknown key; the keys here are {}", one_of(known)));
  }
}

const Value& Members::required(std::string_view key) const {
  if (const Value* value = value_.find(key)) return *value;
  throw Invalid(place_, fmt::format("the key '{}' is missing", key));
}

std::string Members::text_if_any(std::string_view key) const {
  const Value* value = value_.find(key);
  if (!value) return {};
  std::string text = read_text(*value, place(key));
  if (text.empty()) throw Invalid(place(key), "empty; leave the key out instead");
  return text;
}

std::uint32_t Members::number32_or(std::string_view key, std::uint32_t usual) const {
  if (!value_.find(key)) return usual;
  const std::uint32_t value = number32(key);
  if (value == usual) throw Invalid(place(key), fmt::format("{}; leave the key out instead", usual));
  return value;
}

std::int64_t Members::nanoseconds_if_any(std::string_view key) const {
  if (!value_.find(key)) return 0;
  const std::int64_t time = nanoseconds(key);
  if (time == 0) throw Invalid(place(key), "0; leave the key out instead");
  return time;
}

std::uint32_t Members::object_if_any(std::string_view key) const {
  if (!value_.find(key)) return 0;
  const std::uint32_t id = number32(key);
  if (id == 0) throw Invalid(place(key), "objects count from 1; leave the key out if there is none");
  return id;
}

Site Members::site_if_known(std::string_view key) const {
  const Value* value = value_.find(key);
  if (!value) return {};
  const Site site = read_site(*value, place(key));
  if (!site.known()) throw Invalid(place(key), "not known; leave the key out instead");
  return site;
}

}  // namespace coweave::traces
