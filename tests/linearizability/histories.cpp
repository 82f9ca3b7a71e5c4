/// Checks recorded histories, compares with their verdicts, and with a plain depth-first search.
///
///     coweave_histories <folder> [steps of the plain search]
///
/// The folder has a verdicts.tsv. Prints a line for each history and the sums, and exits with 1 if a verdict
/// is another. The plain search asks the model as often as is said, at most; 1,000,000 if nothing is said.

#include <coweave/tests/linearizability/recorded.hpp>

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <string>

using namespace coweave;

namespace {

using Milliseconds = std::chrono::duration<double, std::milli>;

struct Timed {
  HistoryCheck checked;
  Milliseconds time;
};

Timed timed(const tests::Recorded& recorded, const CheckOptions& options) {
  const auto begin = std::chrono::steady_clock::now();
  HistoryCheck checked = recorded.check(options);
  return {std::move(checked), std::chrono::steady_clock::now() - begin};
}

const char* in_words(Decision decision) {
  switch (decision) {
    case Decision::holds:
      return "linearizable";
    case Decision::violated:
      return "not linearizable";
    case Decision::undecided:
      break;
  }
  return "undecided";
}

int compare(const std::string& folder, std::uint64_t plain_steps) {
  Milliseconds all{};
  Milliseconds plain_all{};
  std::size_t wrong = 0;
  std::size_t undecided = 0;
  const auto histories = tests::recorded_histories(folder);
  fmt::print("{:<16} {:>5}  {:<16} {:>9} {:>9}   {:<16} {:>9} {:>9}\n", "history", "calls", "verdict",
             "steps", "ms", "plain search", "steps", "ms");
  for (const tests::Recorded& recorded : histories) {
    const Timed ours = timed(recorded, {.explain = false});
    const Timed plain = timed(recorded, {.steps_max = plain_steps, .memoisation = false, .explain = false});
    const bool right =
        ours.checked.decision == (recorded.linearizable ? Decision::holds : Decision::violated);
    wrong += right ? 0U : 1U;
    undecided += plain.checked.decision == Decision::undecided ? 1U : 0U;
    all += ours.time;
    plain_all += plain.time;
    fmt::print("{:<16} {:>5}  {:<16} {:>9} {:>9.2f}   {:<16} {:>9} {:>9.2f}{}\n", recorded.name,
               recorded.calls, in_words(ours.checked.decision), ours.checked.steps, ours.time.count(),
               in_words(plain.checked.decision), plain.checked.steps, plain.time.count(),
               right ? "" : "  WRONG");
  }
  fmt::print("{} histories, {} wrong: {:.1f} ms; the plain search left {} undecided: {:.1f} ms\n",
             histories.size(), wrong, all.count(), undecided, plain_all.count());
  return wrong == 0 ? 0 : 1;
}

}  // namespace

int main(int argument_count, char** arguments) {
  if (argument_count < 2 || argument_count > 3) {
    std::fputs("usage: coweave_histories <folder> [steps of the plain search]\n", stderr);
    return 2;
  }
  try {
    return compare(arguments[1], argument_count == 3 ? std::stoull(arguments[2]) : 1'000'000);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "coweave_histories: %s\n", error.what());
    return 2;
  }
}
