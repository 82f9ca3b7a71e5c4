#include <coweave/traces/scalars.hpp>

#include <coweave/traces/invalid.hpp>
#include <coweave/traces/limits.hpp>
#include <coweave/traces/printable.hpp>
#include <coweave/traces/site.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace coweave::traces {

namespace {

/// A decimal number without sign or leading zeros.
std::optional<std::uint64_t> parse_decimal(std::string_view text) {
  if (text.empty() || text.front() < '0' || text.front() > '9' || (text.size() > 1 && text.front() == '0'))
    return std::nullopt;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

void refuse_kind(const std::string& place, std::string_view expected, const Value& found) {
  throw Invalid(place, fmt::format("expected {}, found {}", expected, describe(found.kind)));
}

std::string read_text(const Value& value, const std::string& place) {
  if (value.kind != Value::Kind::text) refuse_kind(place, "a text", value);
  return value.text;
}

bool read_truth(const Value& value, const std::string& place) {
  if (value.kind != Value::Kind::boolean) refuse_kind(place, "true or false", value);
  return value.boolean;
}

std::uint64_t read_seed(const Value& value, const std::string& place) {
  if (value.kind != Value::Kind::text) refuse_kind(place, "a decimal number as a text", value);
  if (const auto seed = parse_decimal(value.text)) return *seed;
  throw Invalid(place, fmt::format("{} is no seed; a seed is a decimal number from 0 to {}",
                                   quoted(value.text), uint64_max));
}

std::uint64_t read_number(const Value& value, const std::string& place, std::uint64_t max) {
  const std::uint64_t number_max_here = std::min(max, number_max);
  if (value.kind == Value::Kind::natural) {
    if (value.natural <= number_max_here) return value.natural;
    if (value.natural <= max)
      throw Invalid(place, fmt::format("{} is more than 2^53 - 1; write it as a text", value.natural));
    throw Invalid(place, fmt::format("{} is more than {}", value.natural, max));
  }
  if (value.kind != Value::Kind::text || max == number_max_here)
    refuse_kind(place, fmt::format("a whole number from 0 to {}", max), value);
  const auto number = parse_decimal(value.text);
  if (!number || *number > max) {
    throw Invalid(place, fmt::format("{} is no whole number from 0 to {} without leading zeros",
                                     quoted(value.text), max));
  }
  if (*number <= number_max)
    throw Invalid(place, "not more than 2^53 - 1; write it as a number, not as a text");
  return *number;
}

Site read_site(const Value& value, const std::string& place) {
  const std::string text = read_text(value, place);
  if (const auto site = parse_site(text)) return *site;
  throw Invalid(place, fmt::format("{} is no site; write file:line, the file relative to the project and the "
                                   "line from 1, such as src/bank.cpp:12",
                                   quoted(text)));
}

}  // namespace coweave::traces
