#pragma once

/// Records of a document -> the parts of a Trace. Types, required and unknown keys, enumerators and what fits
/// into the fields are checked here; what the fields mean, by `check_trace`.

#include <coweave/traces/trace.hpp>
#include <coweave/traces/value.hpp>

#include <string>

namespace coweave::traces {

// Each throws Invalid with a place inside `place`, the JSON pointer of `value`.
[[nodiscard]] std::string read_text(const Value& value, const std::string& place);
/// A seed: a decimal string.
[[nodiscard]] std::uint64_t read_seed(const Value& value, const std::string& place);
/// A whole number up to `max`: a number up to 2^53 - 1, a decimal string above.
[[nodiscard]] std::uint64_t read_number(const Value& value, const std::string& place, std::uint64_t max);
[[nodiscard]] Settings read_settings(const Value& value, const std::string& place);
[[nodiscard]] Generated read_generated(const Value& value, const std::string& place);
[[nodiscard]] Task read_task(const Value& value, const std::string& place);
[[nodiscard]] Object read_object(const Value& value, const std::string& place);
[[nodiscard]] Choice read_choice(const Value& value, const std::string& place);
[[nodiscard]] Event read_event(const Value& value, const std::string& place);
[[nodiscard]] Verdict read_verdict(const Value& value, const std::string& place);

}  // namespace coweave::traces
