/// The differential test of the coroutine layer against CPython's asyncio.
///
/// Random programs run on both; the logs must be equal, line for line. The first difference is shrunk, shown
/// and written to a file. docs/conformance.md says what is compared and what is left out.

#include <coweave/tests/conformance/comparison.hpp>
#include <coweave/tests/conformance/listing.hpp>
#include <coweave/tests/conformance/program_json.hpp>
#include <coweave/tests/conformance/versions.hpp>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <rapidcheck.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <fstream>
#include <iterator>
#include <limits>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace coweave::conformance;

struct Arguments {
  std::uint64_t programs = 1000;
  std::uint64_t seed = 1;
  std::string python;
  std::string program;
  std::string out = "conformance-difference.json";
  unsigned jobs = std::max(1U, std::thread::hardware_concurrency());
  std::size_t differences = 1;
  bool coverage = false;
  bool must_cover = false;
  bool must_differ = false;
  std::size_t operations_max = std::numeric_limits<std::size_t>::max();
};

constexpr int exit_equal = 0;
constexpr int exit_difference = 1;
constexpr int exit_usage = 2;

/// The programs of a seed, shared by threads.
class Search {
 public:
  Search(const Arguments& arguments, PythonFound python)
      : arguments_(arguments), python_(std::move(python)), bound_(arguments.programs) {}

  void run() {
    std::vector<std::thread> threads;
    for (unsigned job = 0; job < arguments_.jobs; ++job) threads.emplace_back([this] { work(); });
    for (std::thread& thread : threads) thread.join();
    if (error_) std::rethrow_exception(error_);
  }

  /// The first programs that differ, as many as were asked for.
  [[nodiscard]] const std::vector<std::uint64_t>& differing() const { return differing_; }
  [[nodiscard]] std::uint64_t compared() const { return compared_; }
  /// Programs that do what the version of Python does otherwise.
  [[nodiscard]] std::uint64_t left_out() const { return left_out_; }
  [[nodiscard]] const Coverage& coverage() const { return coverage_; }

 private:
  void work() try {
    Comparison comparison(python_);
    for (std::uint64_t index = 0; (index = next_++) < bound_;) {
      const Program program = program_at(arguments_.seed, index).value();
      if (coweave::conformance::left_out(program, python_.version)) {
        ++left_out_;
        continue;
      }
      if (!comparison.run(program).equal()) note(index);
      ++compared_;
    }
    const std::lock_guard lock(mutex_);
    coverage_ += comparison.coverage();
  } catch (...) {
    const std::lock_guard lock(mutex_);
    error_ = std::current_exception();
    bound_ = 0;  // the others are to stop
  }

  void note(std::uint64_t index) {
    const std::lock_guard lock(mutex_);
    differing_.insert(std::ranges::lower_bound(differing_, index), index);
    if (differing_.size() < arguments_.differences) return;
    differing_.resize(arguments_.differences);
    bound_ = std::min<std::uint64_t>(bound_, differing_.back());
  }

  const Arguments& arguments_;
  PythonFound python_;
  std::atomic<std::uint64_t> next_ = 0;
  std::atomic<std::uint64_t> bound_;  ///< no program from here on is of interest
  std::atomic<std::uint64_t> compared_ = 0;
  std::atomic<std::uint64_t> left_out_ = 0;
  std::mutex mutex_;
  std::vector<std::uint64_t> differing_;
  Coverage coverage_;
  std::exception_ptr error_;
};

void show(const Program& program, const Logs& logs) {
  fmt::print("{}\n{}\n", listing(program), side_by_side(logs.ours, logs.pythons));
}

int run_file(const Arguments& arguments, const PythonFound& python) {
  std::ifstream file(arguments.program);
  if (!file) throw std::runtime_error("cannot read " + arguments.program);
  const Program program = program_from_json(std::string(std::istreambuf_iterator<char>(file), {}));
  if (const VersionRule* rule = left_out(program, python.version))
    fmt::print("Python {} does this program otherwise: {}\n\n", to_string(python.version), rule->reason);
  Comparison comparison(python);
  const Logs logs = comparison.run(program);
  show(program, logs);
  fmt::print("{}\n", logs.equal() ? "The logs are equal." : "The logs differ.");
  return logs.equal() ? exit_equal : exit_difference;
}

int report_difference(const Arguments& arguments, const PythonFound& python, std::uint64_t index) {
  Comparison comparison(python);
  const Program program = comparison.shrink(program_at(arguments.seed, index));
  const std::size_t size = count_operations(program);
  fmt::print("Program {} of seed {} differs. It was shrunk to {} operations:\n\n", index, arguments.seed,
             size);
  show(program, comparison.run(program));
  std::ofstream(arguments.out) << to_json(program) << "\n";
  fmt::print("Run it again with: ./dev conformance --program {}\n", arguments.out);
  if (!arguments.must_differ) return exit_difference;
  if (size <= arguments.operations_max) return exit_equal;
  fmt::print("It should have been shrunk to at most {} operations.\n", arguments.operations_max);
  return exit_difference;
}

int run_search(const Arguments& arguments, const PythonFound& python) {
  const auto start = std::chrono::steady_clock::now();
  Search search(arguments, python);
  search.run();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  fmt::print("{} programs of seed {} compared with Python {} in {:.1f} s.\n", search.compared(),
             arguments.seed, to_string(python.version), took.count());
  if (search.left_out() > 0) {
    fmt::print("{} programs were left out, because 3.13 changed what they do:\n", search.left_out());
    for (const VersionRule& rule : version_rules()) {
      if (python.version < Version{3, rule.since, 0}) fmt::print("  {}\n", rule.reason);
    }
  }
  if (!search.differing().empty()) {
    int exit_code = exit_equal;
    for (const std::uint64_t index : search.differing())
      exit_code = std::max(exit_code, report_difference(arguments, python, index));
    return exit_code;
  }
  if (arguments.coverage) fmt::print("\n{}\n", search.coverage().text());
  if (arguments.must_cover && search.left_out() > 0) {
    fmt::print("What the programs cover is not looked at, because some were left out.\n");
  } else if (arguments.must_cover) {
    const std::vector<std::string> gaps = search.coverage().gaps();
    for (const std::string& gap : gaps) fmt::print("not covered: {}\n", gap);
    if (!gaps.empty()) return exit_difference;
  }
  if (arguments.must_differ) {
    fmt::print("No difference, and there should have been one.\n");
    return exit_difference;
  }
  fmt::print("No difference.\n");
  return exit_equal;
}

}  // namespace

int main(int argc, char** argv) try {
  Arguments arguments;
  CLI::App app("Compares coweave's coroutine layer with CPython's asyncio by random programs.");
  app.add_option("--programs", arguments.programs, "how many")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--seed", arguments.seed, "which")->capture_default_str();
  app.add_option("--python", arguments.python, "the Python to compare with; 3.11 or later");
  app.add_option("--program", arguments.program, "runs this program only, and shows both logs");
  app.add_option("--out", arguments.out, "where a program that differs is written to")->capture_default_str();
  app.add_option("--jobs", arguments.jobs, "threads")->check(CLI::Range(1, 64))->capture_default_str();
  app.add_option("--differences", arguments.differences, "how many to look for and to shrink")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_flag("--coverage", arguments.coverage, "shows what the programs have done");
  app.add_flag("--must-cover", arguments.must_cover,
               "fails if an operation never ran, or was never cancelled");
  app.add_flag("--must-differ", arguments.must_differ, "fails if there is no difference: for planted faults");
  app.add_option("--operations-max", arguments.operations_max, "with --must-differ: the size to shrink to");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? exit_equal : exit_usage;
  }
  const PythonFound python = find_python(arguments.python);
  return arguments.program.empty() ? run_search(arguments, python) : run_file(arguments, python);
} catch (const std::exception& error) {
  fmt::print(stderr, "conformance: {}\n", error.what());
  return exit_usage;
}
