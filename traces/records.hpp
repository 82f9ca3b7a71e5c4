#pragma once

/// Records of a document -> the parts of a Trace. Types, required and unknown keys, enumerators and what fits
/// into the fields are checked here; what the fields mean, by `check_trace`.

#include <coweave/traces/trace.hpp>
#include <coweave/traces/value.hpp>

#include <string>

namespace coweave::traces {

// Each throws Invalid with a place inside `place`, the JSON pointer of `value`.
[[nodiscard]] Settings read_settings(const Value& value, const std::string& place);
[[nodiscard]] Generated read_generated(const Value& value, const std::string& place);
[[nodiscard]] Task read_task(const Value& value, const std::string& place);
[[nodiscard]] Object read_object(const Value& value, const std::string& place);
[[nodiscard]] Choice read_choice(const Value& value, const std::string& place);
[[nodiscard]] Event read_event(const Value& value, const std::string& place);
[[nodiscard]] Verdict read_verdict(const Value& value, const std::string& place);

}  // namespace coweave::traces
