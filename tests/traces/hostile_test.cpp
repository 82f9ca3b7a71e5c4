/// Documents that mean harm. The reader must name what is wrong with them, at no more cost than `limits.hpp`
/// allows, and what it lets through must be fit for every rendering.

#include <coweave/tests/traces/memory_meter.hpp>
#include <coweave/tests/traces/mutator.hpp>
#include <coweave/tests/traces/samples.hpp>
#include <coweave/traces/check_trace.hpp>
#include <coweave/traces/diff_traces.hpp>
#include <coweave/traces/limits.hpp>
#include <coweave/traces/printable.hpp>
#include <coweave/traces/read.hpp>
#include <coweave/traces/render_choices.hpp>
#include <coweave/traces/render_header.hpp>
#include <coweave/traces/render_table.hpp>
#include <coweave/traces/render_verdict.hpp>
#include <coweave/traces/text_width.hpp>
#include <coweave/traces/write.hpp>

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

using namespace coweave::traces;
using namespace coweave;

namespace {

std::vector<std::string> documents() {
  std::vector<std::string> result;
  for (const tests::Sample& sample : tests::samples()) result.push_back(write_trace(sample.trace));
  return result;
}

/// Of an error: empty if it names the place and what is wrong in a way that is fit to be shown.
std::string trouble_with(const ReadError& error) {
  if (error.kind != ReadError::Kind::document) return "not of kind document";
  if (error.place.empty() || error.message.empty()) return "says nothing";
  if (printable(error.place) != error.place || printable(error.message) != error.message)
    return "not printable";
  if (error.place.size() > 1'000 || error.message.size() > 1'000) return "too long";
  return "";
}

/// Of a rendering: empty if each line is printable and fits the width.
std::string trouble_with(const std::string& rendering, std::size_t width) {
  if (rendering.empty() || rendering.back() != '\n') return "does not end with a line break";
  for (std::string_view rest = rendering; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    if (printable(line) != line) return "not printable: " + std::string(line);
    if (width_of(line) > width) return "too wide: " + std::string(line);
    rest.remove_prefix(line.size() + 1);
  }
  return "";
}

/// Of a trace that was let through: empty if it is good and everything can be done with it.
std::string trouble_with(const Trace& trace) {
  if (const auto error = check_trace(trace)) return to_string(*error);
  const ReadResult again = read_trace(write_trace(trace));
  if (!again || !(*again.trace == trace)) return "does not come back from its canonical bytes";
  RenderOptions options;
  options.width = 80;
  for (const std::string& rendering : {render_header(trace, options), render_choices(trace, options),
                                       render_table(trace, options), render_verdict(trace, options)}) {
    if (std::string trouble = trouble_with(rendering, 80); !trouble.empty()) return trouble;
  }
  return trouble_with(diff_traces(trace, tests::sample("lost_update")), 100'000);
}

}  // namespace

TEST_CASE(
    "hostile: 10000 mutated and truncated traces are read as good traces or refused with place and message") {
  tests::Mutator mutator(documents(), 2026);
  std::size_t good = 0;
  std::size_t bad = 0;
  for (int number = 0; number < 10'000; ++number) {
    const std::string bytes = mutator.next();
    const tests::MemoryMeter meter;
    const ReadResult result = read_trace(bytes);
    const std::size_t peak_bytes = meter.peak_bytes();
    CAPTURE(number);
    // The densest records, events and values take about that; nlohmann's buffers and errors come on top.
    REQUIRE(peak_bytes <= 40 * bytes.size() + 20'000);
    const std::string trouble = result ? trouble_with(*result.trace) : trouble_with(result.error);
    if (!trouble.empty()) FAIL(trouble << "\n" << to_string(result.error) << "\n" << bytes.substr(0, 20'000));
    ++(result ? good : bad);
  }
  CHECK(good > 300);  // both happen, or the test proves nothing
  CHECK(bad > 5'000);
}

TEST_CASE("hostile: every beginning of a trace is refused, with the line and column of its end") {
  for (const char* name : {"rude", "choices_alone"}) {
    const std::string bytes = write_trace(tests::sample(name));
    std::size_t line = 1;
    for (std::size_t size = 1; size + 1 < bytes.size(); ++size) {
      if (bytes[size - 1] == '\n') ++line;
      const ReadResult result = read_trace(std::string_view(bytes).substr(0, size));
      CAPTURE(size);
      REQUIRE_FALSE(result);
      REQUIRE(trouble_with(result.error) == "");
      REQUIRE(result.error.place.starts_with("line " + std::to_string(line) + ", column "));
    }
  }
}

namespace {

std::string repeated(std::string_view text, std::size_t count) {
  std::string result;
  result.reserve(text.size() * count);
  for (std::size_t index = 0; index < count; ++index) result += text;
  return result;
}

/// "place: message" for a good trace with `value` as the value of its key `choices`, or `key`.
std::string refusal(const std::string& value, const std::string& key = "choices") {
  const std::string bytes = "{\"" + key + "\": " + value;
  const tests::MemoryMeter meter;
  const ReadResult result = read_trace(bytes);
  CHECK(meter.peak_bytes() <= std::size_t{1} << 30U);
  REQUIRE_FALSE(result);
  CHECK(trouble_with(result.error) == "");
  return to_string(result.error);
}

}  // namespace

TEST_CASE("hostile: depth is bounded") {
  CHECK(refusal(repeated("[", 1'000'000)) ==
        "/choices/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0: nested deeper than 16 levels");
  CHECK(refusal(repeated("{\"a\":", 1'000'000), "verdict") ==
        "/verdict/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a: nested deeper than 16 levels");
}

TEST_CASE("hostile: the entries of a list, the values of a record and its keys are bounded") {
  const std::string choice = R"({"step":1,"label":"next","options":2,"taken":0},)";
  CHECK(refusal("[" + repeated(choice, entries_max + 1)) == "/choices: more than 1000000 entries");
  CHECK(refusal("[[" + repeated("[],", values_per_record_max + 1)) ==
        "/choices/0: more than 1000000 values in one record");
  std::string keys = "{";
  for (int number = 0; number < 40; ++number) keys += "\"k" + std::to_string(number) + "\": 1, ";
  CHECK(refusal(keys, "verdict") == "/verdict: more than 32 keys; no object of a trace has so many");
}

TEST_CASE("hostile: a document is bounded, also as a stream that does not end") {
  const ReadResult result = read_trace(std::string(document_size_max_bytes + 1, ' '));
  CHECK(to_string(result.error) == "document: more than 67108864 bytes, which is the most that a trace has");
}

TEST_CASE("hostile: the largest texts cost no more than a few times their size") {
  std::string bytes = write_trace(tests::sample("passed"));
  const std::string name = "nothing happens";
  bytes.replace(bytes.find(name), name.size(), std::string(std::size_t{20} << 20U, 'x'));
  const tests::MemoryMeter meter;
  const ReadResult result = read_trace(bytes);
  CHECK(result);
  CHECK(meter.peak_bytes() <= 6 * bytes.size());
}
