/// What holds from one process to another: bytes, traces in files, the environment.

#include <coweave/tests/folder.hpp>
#include <coweave/tests/subprocess.hpp>
#include <coweave/traces/file.hpp>
#include <coweave/traces/trace.hpp>

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <string>

using namespace coweave;
using namespace coweave::tests;

namespace {

const std::string subject = COWEAVE_SUBJECT;

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// The program, with something before its name, such as variables of the environment.
Ended run_subject(const std::string& before, const std::string& scenario) {
  return run_command(before + (before.empty() ? "" : " ") + subject + " " + scenario);
}

}  // namespace

TEST_CASE("process: the same seed gives the same bytes in every process, at whatever addresses") {
  const Ended one = run_subject("COWEAVE_SEED=7", "trace");
  REQUIRE(one.exit_code == 0);
  CHECK(contains(one.output, "\"coweave-trace\""));
  CHECK(run_subject("COWEAVE_SEED=7", "trace").output == one.output);
  // Without address randomisation, and with another size of the environment, which moves the stack.
  CHECK(run_subject("PADDING=" + std::string(5000, 'x') + " COWEAVE_SEED=7", "trace").output == one.output);
  if (run_command("setarch -R true").exit_code == 0)
    CHECK(run_subject("COWEAVE_SEED=7 setarch -R", "trace").output == one.output);
  else
    CHECK(run_subject("COWEAVE_SEED=7 MALLOC_PERTURB_=170", "trace").output == one.output);
}

TEST_CASE("process: different seeds give different schedules") {
  const std::string one = run_subject("COWEAVE_SEED=1", "trace").output;
  const std::string two = run_subject("COWEAVE_SEED=2", "trace").output;
  const auto choices = [](const std::string& trace) {
    const std::size_t begin = trace.find("\"choices\"");
    return trace.substr(begin, trace.find("\"events\"") - begin);
  };
  CHECK(!choices(one).empty());
  CHECK(choices(one) != choices(two));
}

TEST_CASE("process: a failure writes its trace, and the command of its report replays it to the same bytes") {
  const Folder directory;
  const Ended found = run_subject("COWEAVE_TRACE_DIR=" + directory.path(), "lost-update");
  CHECK(found.exit_code == 1);
  const std::string trace = directory / "lost-update.json";
  const std::string command = "COWEAVE_REPLAY=" + trace + " " + subject + " lost-update";
  CHECK(contains(found.output, "Replay it:\n  " + command + "\n"));
  const Ended replayed = run_command("COWEAVE_TRACE_DIR=" + directory / "again" + " " + command);
  CHECK(replayed.exit_code == 1);
  CHECK(contains(replayed.output, "FAILED: lost update: assertion, as the recorded schedule was replayed\n"));
  CHECK(bytes_of(directory / "again/lost-update.json") == bytes_of(trace));
}

TEST_CASE("process: the trace of a property is replayed with its arguments") {
  const Folder directory;
  const Ended found = run_subject("COWEAVE_TRACE_DIR=" + directory.path(), "sums");
  CHECK(found.exit_code == 1);
  const std::string trace = directory / "sums.json";
  const traces::ReadResult read = traces::read_trace_file(trace);
  REQUIRE(read);
  REQUIRE(read.trace->generated.size() == 1);
  REQUIRE(read.trace->generated[0].arguments.size() == 1);
  const std::string with = "  with std::vector<int> " + read.trace->generated[0].arguments[0].value + "\n";
  CHECK(contains(found.output, with));
  for (const std::string mode : {"strict", "tolerant", "continue"}) {
    CAPTURE(mode);
    const Ended replayed = run_subject(
        "COWEAVE_REPLAY=" + trace + " COWEAVE_REPLAY_MODE=" + mode + " COWEAVE_TRACE_DIR=" + directory / mode,
        "sums");
    CAPTURE(replayed.output);
    CHECK(replayed.exit_code == 1);
    CHECK(contains(replayed.output, with));
    if (mode != "continue") CHECK(bytes_of(directory / mode + "/sums.json") == bytes_of(trace));
  }
}

TEST_CASE("process: the trace of a property whose generators make other arguments is refused") {
  const Folder directory;
  REQUIRE(run_subject("COWEAVE_TRACE_DIR=" + directory.path(), "sums").exit_code == 1);
  const std::string trace = directory / "sums.json";
  std::string bytes = bytes_of(trace);
  const std::size_t size = bytes.find("\"size\": ");
  REQUIRE(size != std::string::npos);
  bytes.replace(size, 8, "\"size\": 9");
  std::ofstream(trace, std::ios::binary) << bytes;
  const Ended refused = run_subject("COWEAVE_REPLAY=" + trace, "sums");
  CHECK(refused.exit_code == 2);
  CHECK(contains(refused.output, "the generators no longer make the arguments of the trace of 'sums'"));
}

TEST_CASE("process: a trace that cannot be read is a loud error") {
  const Ended missing = run_subject("COWEAVE_REPLAY=/nowhere/x.json", "lost-update");
  CHECK(missing.exit_code == 2);
  CHECK(contains(missing.output, "the trace to replay, /nowhere/x.json, cannot be used: "));
  const Folder directory;
  std::ofstream(directory / "broken.json") << "{]";
  CHECK(run_subject("COWEAVE_REPLAY=" + directory / "broken.json", "lost-update").exit_code == 2);
}

TEST_CASE("process: the trace of another scenario is not replayed, and the report says so") {
  const Folder directory;
  REQUIRE(run_subject("COWEAVE_TRACE_DIR=" + directory.path(), "sums").exit_code == 1);
  const Ended other = run_subject("COWEAVE_REPLAY=" + directory / "sums.json", "lost-update");
  CHECK(other.exit_code == 1);
  CHECK(contains(other.output, "FAILED: lost update: assertion, found by run "));
  CHECK(contains(other.output, "note: the trace " + directory / "sums.json" +
                                   " is of an exploration of 'sums', and was not replayed"));
}

TEST_CASE("process: a trace that nothing in the process is of is told at its end") {
  const Folder directory;
  static_cast<void>(run_subject("COWEAVE_TRACE_DIR=" + directory.path(), "lost"));
  const std::string trace = directory / "lost-update.json";
  const Ended other = run_subject("COWEAVE_REPLAY=" + trace, "block");
  CHECK(contains(
      other.output,
      "coweave: the trace " + trace +
          " was not replayed: it is of an exploration of 'lost update', and none of that name was run\n"));
}

TEST_CASE("process: a malformed variable ends the program with an error that names it") {
  const Ended refused = run_subject("COWEAVE_SEED=one", "lost-update");
  CHECK(refused.exit_code == 2);
  CHECK(refused.output ==
        "subject: environment variable COWEAVE_SEED='one' is wrong: it takes a whole number below 2^64, "
        "decimal or "
        "0x…\n");
}

TEST_CASE("process: a step that never comes back is told, with its choices so far, and the process aborted") {
  const Ended ended = run_subject("COWEAVE_SEED=3 COWEAVE_POLICY=exhaustive", "hang");
  CHECK(ended.exit_code == 134);  // SIGABRT
  CHECK(contains(
      ended.output,
      "coweave: a step does not come back: scenario 'hang', policy exhaustive, seed 3, step 2 of run 2, "
      "has run for more than 400ms of real time.\n"));
  CHECK(contains(ended.output, "Its choices so far, options taken of options: 1/2\n"));
}

TEST_CASE("process: a step that blocks and comes back ends the exploration, which has not passed") {
  const Ended ended = run_subject("", "block");
  CHECK(ended.exit_code == 1);
  CHECK(ended.output ==
        "FAILED: block: step 2 of run 1 took more than 200ms of real time: code under simulation must not "
        "block. "
        "The exploration ended there\n");
}
