#include <coweave/traces/write.hpp>

#include <coweave/tests/approve.hpp>
#include <coweave/tests/traces/random_trace.hpp>
#include <coweave/tests/traces/samples.hpp>
#include <coweave/traces/check_trace.hpp>
#include <coweave/traces/read.hpp>

#include <doctest/doctest.h>

#include <limits>
#include <string>

using namespace coweave::traces;
using namespace coweave;

namespace {

/// Empty if `trace` comes back as it is, from its canonical bytes and with the same bytes again.
std::string trouble_with_round_trip(const Trace& trace) {
  if (const auto error = check_trace(trace)) return "not valid: " + to_string(*error);
  const std::string bytes = write_trace(trace);
  const ReadResult result = read_trace(bytes);
  if (!result) return "cannot be read back: " + to_string(result.error) + "\n" + bytes;
  if (!(*result.trace == trace)) return "comes back as another trace:\n" + bytes;
  if (write_trace(*result.trace) != bytes) return "is written in two ways:\n" + bytes;
  return "";
}

}  // namespace

TEST_CASE("write: the canonical bytes of every sample are the approved ones") {
  for (const tests::Sample& sample : tests::samples()) {
    const std::string path = std::string("traces/approved/") + sample.name + ".json";
    CHECK(tests::compare_with_approved(path, write_trace(sample.trace)) == "");
  }
}

TEST_CASE("write: every sample is read back as it was and written as it was") {
  for (const tests::Sample& sample : tests::samples()) {
    CAPTURE(sample.name);
    CHECK(trouble_with_round_trip(sample.trace) == "");
  }
}

TEST_CASE("write: random traces are read back as they were and written as they were") {
  for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
    CAPTURE(seed);
    REQUIRE(trouble_with_round_trip(tests::random_trace(seed)) == "");
  }
}

TEST_CASE("write: numbers above 2^53 - 1 and all seeds are texts") {
  Trace trace = tests::passed();
  trace.seed = 5;
  trace.run = (std::uint64_t{1} << 53U) - 1;
  trace.settings.steps_max = std::uint64_t{1} << 53U;
  trace.settings.time_max_ns = std::numeric_limits<std::int64_t>::max();
  const std::string bytes = write_trace(trace);
  CHECK(bytes.find("\"seed\": \"5\"") != std::string::npos);
  CHECK(bytes.find("\"run\": 9007199254740991,") != std::string::npos);
  CHECK(bytes.find("\"steps_max\": \"9007199254740992\"") != std::string::npos);
  CHECK(bytes.find("\"time_max_ns\": \"9223372036854775807\"") != std::string::npos);
}

TEST_CASE("write: text that is not UTF-8 is written with replacement characters") {
  Trace trace = tests::passed();
  trace.scenario = "caf\xE9 \xF0\x9F";
  const ReadResult result = read_trace(write_trace(trace));
  REQUIRE(result);
  CHECK(result.trace->scenario == "caf\uFFFD \uFFFD");
}

TEST_CASE("write: control characters and quotes are escaped in one way") {
  Trace trace = tests::passed();
  trace.scenario = std::string("\"\\/\b\f\n\r\t\x01\x1f\x7f", 11) + '\0';
  CHECK(write_trace(trace).find(R"("scenario": "\"\\/\b\f\n\r\t\u0001\u001f)"
                                "\x7f"
                                R"(\u0000")") != std::string::npos);
}
