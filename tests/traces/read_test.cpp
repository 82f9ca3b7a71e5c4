#include <coweave/traces/read.hpp>

#include <coweave/tests/traces/samples.hpp>
#include <coweave/traces/write.hpp>

#include <doctest/doctest.h>

#include <sstream>
#include <stdexcept>
#include <string>

using namespace coweave::traces;
using namespace coweave;

namespace {

/// The canonical bytes of a sample, with the first `old_text` in them replaced.
std::string edited(const char* sample, const std::string& old_text, const std::string& new_text) {
  std::string bytes = write_trace(tests::sample(sample));
  const std::size_t at = bytes.find(old_text);
  if (at == std::string::npos) throw std::invalid_argument("the sample does not hold: " + old_text);
  return bytes.replace(at, old_text.size(), new_text);
}

/// "place: message" of what is wrong with `bytes`.
std::string complaint(const std::string& bytes) {
  const ReadResult result = read_trace(bytes);
  return result ? "nothing" : to_string(result.error);
}

std::string complaint(const char* sample, const std::string& old_text, const std::string& new_text) {
  return complaint(edited(sample, old_text, new_text));
}

const std::string cut_off = "; if the file was cut off or edited by hand, record the trace again";

}  // namespace

TEST_CASE("read: the order of keys, white space and a byte order mark do not matter") {
  const Trace& trace = tests::sample("passed");
  std::string bytes = write_trace(trace);
  for (char& character : bytes) {
    if (character == '\n') character = '\t';
  }
  const std::string head = "\"format\": \"coweave-trace\",\t  \"version\": 1,";
  REQUIRE(bytes.find(head) != std::string::npos);
  bytes.replace(bytes.find(head), head.size(), "\"version\":1,\"format\":\"coweave\\u002dtrace\",");
  const ReadResult result = read_trace("\xEF\xBB\xBF" + bytes + " \r\n");
  CHECK(to_string(result.error) == ": ");
  REQUIRE(result);
  CHECK(*result.trace == trace);
}

TEST_CASE("read: a stream is read to its end") {
  std::stringstream stream(write_trace(tests::sample("crowd")));
  const ReadResult result = read_trace(stream);
  REQUIRE(result);
  CHECK(*result.trace == tests::sample("crowd"));
}

TEST_CASE("read: text that is not JSON is refused with line and column") {
  CHECK(complaint("") == "line 1, column 1: the document is empty; record the trace again");
  const std::string cut = write_trace(tests::sample("passed")).substr(0, 40);
  CHECK(complaint(cut) ==
        "line 3, column 10: this is not JSON: syntax error while parsing object key - invalid string: "
        "missing closing "
        "quote; last read: '\"versio'; expected string literal; if the file was cut off or edited by hand, "
        "record the "
        "trace again");
  CHECK(complaint(cut).ends_with(cut_off));
  CHECK(complaint("{\n \"format\": coweave}").starts_with("line 2, column 12: this is not JSON: "));
  CHECK(complaint("passed", "\"nothing happens\"", "\"nothing\xFFhappens\"")
            .starts_with("line 4, column 23: this is not JSON: "));
  CHECK(
      complaint("passed", "\"run\": 7", "\"run\": 007").starts_with("line 7, column 11: this is not JSON: "));
  CHECK(complaint(write_trace(tests::sample("passed")) + "{}").find("this is not JSON") != std::string::npos);
  CHECK(complaint(std::string("{\0}", 3)).starts_with("line 1, column 2: this is not JSON: "));
}

TEST_CASE("read: what is JSON and no object is refused") {
  CHECK(complaint("[]") == "document: a trace is a JSON object, and this is a list; is it the right file?");
  CHECK(complaint("null") == "document: a trace is a JSON object, and this is null; is it the right file?");
  CHECK(complaint("17") ==
        "document: a trace is a JSON object, and this is a whole number; is it the right file?");
  CHECK(complaint("\"x\"") ==
        "document: a trace is a JSON object, and this is a text; is it the right file?");
}

TEST_CASE("read: other formats and versions are refused as such, whatever else they hold") {
  CHECK(complaint("{}") == "document: the key 'format' is missing; is this a trace of coweave?");
  CHECK(complaint("passed", "coweave-trace", "pcap") ==
        "/format: 'pcap' is not 'coweave-trace'; is this a trace of coweave?");
  const std::string newer =
      "/version: this is a trace of version 2, and this build reads version 1 alone; read it with a newer "
      "coweave";
  CHECK(complaint("passed", "\"version\": 1", "\"version\": 2") == newer);
  CHECK(complaint("{\"format\": \"coweave-trace\", \"new\": [1, {}], \"version\": 2, \"more\": ") == newer);
  CHECK(complaint("passed", "\"version\": 1", "\"version\": 0") ==
        "/version: this is a trace of version 0, and this build reads version 1 alone; read it with an older "
        "coweave, "
        "or record it again");
  CHECK(complaint("passed", "\"version\": 1", "\"version\": \"1\"") ==
        "/version: expected a whole number, found a text; this build reads version 1");
  CHECK(complaint("passed", "\"version\": 1", "\"version\": 1.0") ==
        "/version: expected a whole number, found a number with a fraction, an exponent or too many digits; "
        "this build "
        "reads version 1");
}

TEST_CASE("read: unknown, missing and repeated keys are refused") {
  CHECK(complaint("passed", "\"policy\"", "\"politics\"") ==
        "/politics: unknown key; a trace of version 1 has none of that name");
  CHECK(complaint("passed", "\"policy\": \"random\",", "") ==
        "document: the key 'policy' is missing; is this a trace of coweave?");
  CHECK(complaint("passed", "\"policy\"", "\"scenario\"") ==
        "/scenario: this key stands here twice; remove one");
  CHECK(complaint("lost_update", "\"taken\": 0", "\"took\": 0") ==
        "/choices/0/took: unknown key; the keys here are step, label, options, taken, picked, preempted, at");
  CHECK(complaint("lost_update", ", \"taken\": 0", "") == "/choices/0: the key 'taken' is missing");
  CHECK(complaint("lost_update", "\"taken\": 0", "\"taken\": 0, \"taken\": 0") ==
        "/choices/0/taken: this key stands here twice; remove one");
  CHECK(
      complaint("passed", "\"leaks_allowed\": false", "\"leaks_allowed\": false, \"a/b~\\n\": 1") ==
      "/settings/a~1b~0\\n: unknown key; the keys here are steps_max, time_max_ns, tasks_max, step_cost_ns, "
      "cancellations_max, leaks_allowed, jitter_ns, scheduling_points, faults_max, fault_labels, "
      "sweep, may_be_held");
}

TEST_CASE("read: a place stays short and printable whatever the keys are") {
  const ReadResult result = read_trace("{\"\\u001b" + std::string(100'000, 'k') + "\": 1}");
  CHECK(result.error.place.size() < 250);
  CHECK(result.error.place.starts_with("/\\u{1b}kkk"));
}

TEST_CASE("read: values of another type are refused") {
  CHECK(complaint("passed", "\"nothing happens\"", "17") ==
        "/scenario: expected a text, found a whole number");
  CHECK(complaint("passed", "\"seed\": \"42\"", "\"seed\": 42") ==
        "/seed: expected a decimal number as a text, found a whole number");
  CHECK(complaint("passed", "\"run\": 7", "\"run\": 7.0") ==
        "/run: expected a whole number from 0 to 18446744073709551615, found a number with a fraction, an "
        "exponent or "
        "too many digits");
  CHECK(complaint("passed", "\"run\": 7", "\"run\": -7") ==
        "/run: expected a whole number from 0 to 18446744073709551615, found a negative number");
  CHECK(complaint("passed", "\"run\": 7", "\"run\": 18446744073709551616")
            .starts_with("/run: expected a whole number"));
  CHECK(complaint("passed", "false", "null") ==
        "/settings/leaks_allowed: expected true or false, found null");
  CHECK(complaint("passed", "\"choices\": []", "\"choices\": {}") ==
        "/choices: expected a list, found an object");
  CHECK(complaint("passed", "\"choices\": []", "\"choices\": [[]]") ==
        "/choices/0: expected an object, found a list");
  CHECK(complaint("passed", "\"choices\": []", "\"choices\": [true]") ==
        "/choices/0: expected an object, found true or false");
  CHECK(complaint("passed", "\"settings\": {", "\"settings\": [], \"x\": {") ==
        "/settings: expected an object, found a list");
}

TEST_CASE("read: numbers lie in their ranges and have one spelling") {
  CHECK(complaint("lost_update", "\"options\": 2", "\"options\": 4294967296") ==
        "/choices/0/options: 4294967296 is more than 4294967295");
  CHECK(complaint("passed", "\"run\": 7", "\"run\": 9007199254740992") ==
        "/run: 9007199254740992 is more than 2^53 - 1; write it as a text");
  CHECK(complaint("passed", "\"run\": 7", "\"run\": \"7\"") ==
        "/run: not more than 2^53 - 1; write it as a number, not as a text");
  CHECK(complaint("passed", "\"run\": 7", "\"run\": \"x\"") ==
        "/run: 'x' is no whole number from 0 to 18446744073709551615 without leading zeros");
  CHECK(
      complaint("passed", "\"run\": 7", "\"run\": \"18446744073709551616\"") ==
      "/run: '18446744073709551616' is no whole number from 0 to 18446744073709551615 without leading zeros");
  CHECK(complaint("passed", "\"run\": 7", "\"run\": \"18446744073709551615\"") == "nothing");
  CHECK(complaint("passed", "\"seed\": \"42\"", "\"seed\": \"042\"") ==
        "/seed: '042' is no seed; a seed is a decimal number from 0 to 18446744073709551615");
  CHECK(complaint("passed", "\"step_cost_ns\": 0", "\"step_cost_ns\": \"9223372036854775808\"") ==
        "/settings/step_cost_ns: '9223372036854775808' is no whole number from 0 to 9223372036854775807 "
        "without "
        "leading zeros");
}

TEST_CASE("read: what is empty or unknown is left out, not written") {
  CHECK(complaint("passed", "\"choices\": []", "\"choices\": [], \"objects\": []") ==
        "/objects: empty; leave the key out instead");
  CHECK(complaint("lost_update", "\"picked\": \"0.0\"", "\"picked\": \"\"") ==
        "/choices/0/picked: empty; leave the key out instead");
  CHECK(complaint("philosophers", "\"name\": \"fork 0\"", "\"name\": \"\"") ==
        "/objects/0/name: empty; leave the key out instead");
  CHECK(complaint("lost_update", "\"spawned\": \"examples/bank.cpp:41\"", "\"spawned\": \"?\"") ==
        "/tasks/1/spawned: not known; leave the key out instead");
  CHECK(complaint("philosophers", "\"held_by\": [\"0.1\"]", "\"held_by\": []") ==
        "/verdict/waits/1/held_by: empty; leave the key out instead");
  CHECK(complaint("philosophers", "\"object\": 1", "\"object\": 0") ==
        "/events/11/object: objects count from 1; leave the key out if there is none");
}

TEST_CASE("read: names and sites that there are not are refused with those that there are") {
  CHECK(complaint("passed", "\"kind\": \"spawn\"", "\"kind\": \"fork\"") ==
        "/events/0/kind: 'fork' is none of run, operation, await, wake, spawn, cancel, inject, note, finish, "
        "clock, fail");
  CHECK(
      complaint("lost_update", "\"kind\": \"assertion\"", "\"kind\": \"ASSERTION\"") ==
      "/verdict/kind: 'ASSERTION' is none of passed, assertion, exception, deadlock, livelock, leaked_task, "
      "never_awaited, never_retrieved, nondeterminism, task_bound, "
      "non_linearizable, invariant, crash, still_held");
  CHECK(complaint("lost_update", "\"at\": \"examples/bank.cpp:41\"", "\"at\": \"/home/me/bank.cpp:41\"") ==
        "/events/3/at: '/home/me/bank.cpp:41' is no site; write file:line, the file relative to the project "
        "and the "
        "line from 1, such as src/bank.cpp:12");
}

TEST_CASE("read: what check_trace refuses the reader refuses") {
  CHECK(complaint("lost_update", "\"taken\": 0", "\"taken\": 2") ==
        "/choices/0/taken: option 2 of 2; the options are 0 to 1");
  CHECK(complaint("passed", "\"run\": 7", "\"run\": 0") == "/run: runs count from 1");
}
