#include <coweave/tools/cli.hpp>

#include <coweave/tests/approve.hpp>
#include <coweave/tests/traces/samples.hpp>
#include <coweave/traces/file.hpp>
#include <coweave/traces/write.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <sstream>
#include <string>
#include <unistd.h>
#include <vector>

using namespace coweave;
namespace fs = std::filesystem;

namespace {

struct Outcome {
  int code;
  std::string out;
  std::string err;
};

Outcome run(std::vector<std::string> args, const std::string& input = "",
            const tools::Terminal& terminal = {}) {
  std::istringstream in(input);
  std::ostringstream out;
  std::ostringstream err;
  const int code = tools::run_cli(std::move(args), in, out, err, terminal);
  return {code, out.str(), err.str()};
}

std::string bytes_of(const char* sample) { return traces::write_trace(tests::sample(sample)); }

/// A sample in a file, which goes when the test does.
class SampleFile {
 public:
  explicit SampleFile(const char* sample)
      : path_(fs::temp_directory_path() /
              ("coweave_cli_test_" + std::to_string(::getpid()) + "_" + sample + ".json")) {
    if (traces::write_trace_file(tests::sample(sample), path_)) FAIL("cannot write " << path_.string());
  }
  ~SampleFile() { fs::remove(path_); }
  SampleFile(const SampleFile&) = delete;
  SampleFile& operator=(const SampleFile&) = delete;

  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  fs::path path_;
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("cli: the help of the program and of each command is the approved one") {
  std::string text;
  for (const std::vector<std::string>& args :
       {std::vector<std::string>{"--help"}, {"show", "--help"}, {"validate", "--help"}, {"diff", "--help"}}) {
    const Outcome outcome = run(args);
    CHECK(outcome.code == 0);
    CHECK(outcome.err == "");
    text +=
        "$ coweave " + args.front() + (args.size() > 1 ? " " + args.back() : "") + "\n" + outcome.out + "\n";
  }
  CHECK(tests::compare_with_approved("tools/approved/help.txt", text) == "");
}

TEST_CASE("cli: the version names the format of traces") {
  const Outcome outcome = run({"--version"});
  CHECK(outcome.code == 0);
  CHECK(outcome.out == "coweave 0.1.0, trace format coweave-trace version 1\n");
}

TEST_CASE("cli: show tells a trace from a file and ends with how to replay it") {
  const SampleFile file("lost_update");
  const Outcome outcome = run({"show", "--width", "100", file.path()});
  CHECK(outcome.code == 0);
  CHECK(outcome.err == "");
  const std::string told = tests::read_test_file("traces/approved/lost_update.txt");
  CHECK(outcome.out == told +
                           "\nTo replay it, run the program that recorded it with this in its environment:\n"
                           "  COWEAVE_REPLAY=" +
                           file.path() + "\n");
}

TEST_CASE("cli: show reads standard input as a dash") {
  const Outcome outcome = run({"show", "--width=100", "-"}, bytes_of("lost_update"));
  CHECK(outcome.code == 0);
  CHECK(outcome.out == tests::read_test_file("traces/approved/lost_update.txt"));
}

TEST_CASE("cli: show is as wide as the terminal and coloured only where that is welcome") {
  const std::string bytes = bytes_of("philosophers");
  const tools::Terminal plain{100, false};
  const tools::Terminal colored{100, true};
  CHECK(run({"show", "-"}, bytes, plain).out == run({"show", "--width", "100", "-"}, bytes).out);
  CHECK_FALSE(contains(run({"show", "-"}, bytes, plain).out, "\x1b"));
  CHECK(contains(run({"show", "-"}, bytes, colored).out, "\x1b[1;31m"));
  CHECK_FALSE(contains(run({"show", "--color", "never", "-"}, bytes, colored).out, "\x1b"));
  CHECK(contains(run({"show", "--color=always", "-"}, bytes, plain).out, "\x1b[1;31m"));
}

TEST_CASE("cli: show takes ASCII and all steps") {
  const std::string ascii = run({"show", "--ascii", "-"}, bytes_of("rude")).out;
  CHECK(ascii.find_first_not_of("\n !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`"
                                "abcdefghijklmnopqrstuvwxyz{|}~") == std::string::npos);
  CHECK(contains(run({"show", "-"}, bytes_of("livelock")).out, "the same"));
  CHECK_FALSE(contains(run({"show", "--all", "-"}, bytes_of("livelock")).out, "the same"));
}

TEST_CASE("cli: validate says of each trace whether it is valid, and ends with the worst") {
  const SampleFile good("lost_update");
  const SampleFile other("crowd");
  const Outcome valid = run({"validate", good.path(), other.path()});
  CHECK(valid.code == 0);
  CHECK(valid.out == good.path() + ": valid: 5 choices, 32 events, assertion\n" + other.path() +
                         ": valid: 29 choices, 404 events, exception\n");
  CHECK(valid.err == "");

  const Outcome invalid = run({"validate", "-", good.path()}, "[]");
  CHECK(invalid.code == 1);
  CHECK(invalid.out == good.path() + ": valid: 5 choices, 32 events, assertion\n");
  CHECK(invalid.err ==
        "coweave: standard input: document: a trace is a JSON object, and this is a list; is it the "
        "right file?\n");

  const Outcome unread = run({"validate", "/no/such.json", "-"}, "[]");
  CHECK(unread.code == 3);
  CHECK(contains(unread.err, "coweave: /no/such.json: there is no such file; check the path\n"));
  CHECK(contains(unread.err, "coweave: standard input: document: "));
}

TEST_CASE("cli: a trace that is not valid is refused with its place") {
  const std::string bytes = bytes_of("lost_update");
  for (const char* command : {"show", "validate"}) {
    const Outcome outcome = run({command, "-"}, bytes.substr(0, 100));
    CHECK(outcome.code == 1);
    CHECK(outcome.out == "");
    CHECK(outcome.err.starts_with("coweave: standard input: line 6, column "));
  }
}

TEST_CASE("cli: diff tells the first difference and equality by its exit code") {
  const SampleFile left("lost_update");
  const Outcome equal = run({"diff", left.path(), "-"}, bytes_of("lost_update"));
  CHECK(equal.code == 0);
  CHECK(equal.out == "Equal: 5 choices, 32 events, assertion.\n");
  const Outcome differ = run({"diff", left.path(), "-"}, bytes_of("choices_alone"));
  CHECK(differ.code == 1);
  CHECK(contains(differ.out, "The first difference is event 1:\n"));
  CHECK(contains(differ.out, "standard input"));
  CHECK(run({"diff", left.path(), "/no/such.json"}).code == 3);
  CHECK(run({"diff", "/no/such.json", left.path()}).code == 3);
  CHECK(run({"diff", left.path(), "-"}, "{").code == 1);
}

TEST_CASE("cli: standard input can be read once") {
  const Outcome diff = run({"diff", "-", "-"}, bytes_of("passed"));
  CHECK(diff.code == 2);
  CHECK(contains(diff.err, "standard input can be one of the two, not both"));
  const Outcome validate = run({"validate", "-", "-"}, bytes_of("passed"));
  CHECK(validate.code == 2);
  CHECK(contains(validate.err, "standard input can be one of them, once"));
}

TEST_CASE("cli: a directory and a file that is not there are named, with exit code 3") {
  for (const char* command : {"show", "validate"}) {
    const Outcome missing = run({command, "/no/such/trace.json"});
    CHECK(missing.code == 3);
    CHECK(missing.err == "coweave: /no/such/trace.json: there is no such file; check the path\n");
    const Outcome directory = run({command, "/"});
    CHECK(directory.code == 3);
    CHECK(directory.err == "coweave: /: this is a directory; name a file in it\n");
  }
}

TEST_CASE("cli: arguments that make no sense get exit code 2 and a way on") {
  struct Case {
    std::vector<std::string> args;
    const char* says;
  };
  for (const Case& each :
       {Case{{}, "A subcommand is required"}, Case{{"shwo", "x.json"}, "Did you mean show?\n"},
        Case{{"valdate", "x.json"}, "Did you mean validate?\n"},
        Case{{"show", "--widht", "80", "x.json"}, "Did you mean --width?\n"},
        Case{{"show", "--asci", "x.json"}, "Did you mean --ascii?\n"}, Case{{"show"}, "trace is required"},
        Case{{"diff", "x.json"}, "right is required"}, Case{{"show", "x.json", "y.json"}, "y.json"},
        Case{{"show", "--width", "10", "x.json"}, "60"},
        Case{{"show", "--width", "ten", "x.json"}, "--width"},
        Case{{"show", "--color", "red", "x.json"}, "--color"},
        Case{{"show", "--\x1b[2J", "x.json"}, "\\u{1b}[2J"}}) {
    const Outcome outcome = run(each.args);
    CAPTURE(each.says);
    CHECK(outcome.code == 2);
    CHECK(outcome.out == "");
    CHECK_MESSAGE(contains(outcome.err, each.says), outcome.err);
    CHECK_MESSAGE(contains(outcome.err, "--help'.\n"), outcome.err);
    CHECK(outcome.err.starts_with("coweave"));
    CHECK_FALSE(contains(outcome.err, "\x1b"));
  }
}

TEST_CASE("cli: output that cannot be written is an error of its own") {
  std::istringstream in(bytes_of("passed"));
  std::ostringstream out;
  std::ostringstream err;
  out.setstate(std::ios::badbit);
  CHECK(tools::run_cli({"show", "-"}, in, out, err) == 70);
  CHECK(err.str() == "coweave: the output cannot be written\n");
}
