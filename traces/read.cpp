#include <coweave/traces/read.hpp>

#include <coweave/traces/check_trace.hpp>
#include <coweave/traces/document_parser.hpp>
#include <coweave/traces/find_version.hpp>
#include <coweave/traces/invalid.hpp>
#include <coweave/traces/limits.hpp>
#include <coweave/traces/printable.hpp>
#include <coweave/traces/records.hpp>
#include <coweave/traces/scalars.hpp>

#include <fmt/format.h>

#include <array>
#include <istream>
#include <set>

namespace coweave::traces {

namespace {

struct Key {
  std::string_view name;
  bool is_list;
  bool is_required;
};

constexpr std::array<Key, 13> keys = {{
    {"format", false, true},
    {"version", false, true},
    {"scenario", false, true},
    {"policy", false, true},
    {"seed", false, true},
    {"run", false, true},
    {"settings", false, true},
    {"generated", true, false},
    {"tasks", true, false},
    {"objects", true, false},
    {"choices", true, true},
    {"events", true, false},
    {"verdict", false, true},
}};

void check_version(const Value& version) {
  if (version.kind != Value::Kind::natural) {
    throw Invalid("/version", fmt::format("expected a whole number, found {}; this build reads version {}",
                                          describe(version.kind), trace_version));
  }
  if (version.natural != trace_version) {
    throw Invalid(
        "/version",
        fmt::format("this is a trace of version {}, and this build reads version {} alone; {}",
                    version.natural, trace_version,
                    version.natural > trace_version ? "read it with a newer coweave"
                                                    : "read it with an older coweave, or record it again"));
  }
}

void check_format(const std::string& format) {
  if (format == trace_format) return;
  throw Invalid("/format",
                fmt::format("{} is not '{}'; is this a trace of coweave?", quoted(format), trace_format));
}

/// A Trace in the making.
class Builder {
 public:
  bool begin(const std::string& key) {
    for (const Key& known : keys) {
      if (known.name != key) continue;
      seen_.insert(known.name);
      return known.is_list;
    }
    throw Invalid(pointer("", key), "unknown key; a trace of version " + std::to_string(trace_version) +
                                        " has none of that name");
  }

  void record(const RecordPlace& at, const Value& value) {
    const std::string place = at.pointer();
    if (at.key == "format") return check_format(read_text(value, place));
    if (at.key == "version") return check_version(value);
    if (at.key == "scenario") return static_cast<void>(trace_.scenario = read_text(value, place));
    if (at.key == "policy") return static_cast<void>(trace_.policy = read_text(value, place));
    if (at.key == "seed") return static_cast<void>(trace_.seed = read_seed(value, place));
    if (at.key == "run") return static_cast<void>(trace_.run = read_number(value, place, uint64_max));
    if (at.key == "settings") return static_cast<void>(trace_.settings = read_settings(value, place));
    if (at.key == "generated") return trace_.generated.push_back(read_generated(value, place));
    if (at.key == "tasks") return trace_.tasks.push_back(read_task(value, place));
    if (at.key == "objects") return trace_.objects.push_back(read_object(value, place));
    if (at.key == "choices") return trace_.choices.push_back(read_choice(value, place));
    if (at.key == "events") return trace_.events.push_back(read_event(value, place));
    trace_.verdict = read_verdict(value, place);
  }

  Trace finish() {
    for (const Key& key : keys) {
      if (key.is_required && !seen_.contains(key.name))
        throw Invalid("document",
                      fmt::format("the key '{}' is missing; is this a trace of coweave?", key.name));
    }
    refuse_empty("generated", trace_.generated.empty());
    refuse_empty("tasks", trace_.tasks.empty());
    refuse_empty("objects", trace_.objects.empty());
    refuse_empty("events", trace_.events.empty());
    return std::move(trace_);
  }

 private:
  void refuse_empty(std::string_view key, bool empty) const {
    if (empty && seen_.contains(key)) throw Invalid(pointer("", key), "empty; leave the key out instead");
  }

  Trace trace_;
  std::set<std::string_view> seen_;
};

Trace build(std::string_view bytes) {
  if (bytes.size() > document_size_max_bytes) {
    throw Invalid("document", fmt::format("more than {} bytes, which is the most that a trace has",
                                          document_size_max_bytes));
  }
  if (bytes.empty()) throw Invalid("line 1, column 1", "the document is empty; record the trace again");
  Builder builder;
  const DocumentHandler handler{
      [&](const std::string& key) { return builder.begin(key); },
      [&](const RecordPlace& place, const Value& value) { builder.record(place, value); }};
  parse_document(bytes, handler);
  Trace trace = builder.finish();
  if (const auto error = check_trace(trace)) throw Invalid(error->place, error->message);
  return trace;
}

}  // namespace

ReadResult read_trace(std::istream& stream) {
  // As much as a trace can have, and a little more, so that what is too large can be told.
  constexpr std::size_t piece_size_bytes = std::size_t{1} << 16U;
  std::string bytes;
  while (stream && bytes.size() <= document_size_max_bytes) {
    const std::size_t size_before = bytes.size();
    bytes.resize(size_before + piece_size_bytes);
    stream.read(bytes.data() + size_before, static_cast<std::streamsize>(piece_size_bytes));
    bytes.resize(size_before + static_cast<std::size_t>(stream.gcount()));
  }
  return read_trace(std::string_view(bytes));
}

ReadResult read_trace(std::string_view bytes) {
  ReadResult result;
  try {
    result.trace = build(bytes);
  } catch (const Invalid& invalid) {
    result.error = invalid.error;
  }
  if (result || bytes.size() > document_size_max_bytes) return result;
  // What is wrong with a document of another version is its version, not that it differs from this one.
  try {
    if (const auto version = find_version(bytes)) check_version(*version);
  } catch (const Invalid& invalid) {
    result.error = invalid.error;
  }
  return result;
}

}  // namespace coweave::traces
