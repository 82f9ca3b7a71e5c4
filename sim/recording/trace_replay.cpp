#include <coweave/sim/recording/trace_replay.hpp>

#include <coweave/sim/recording/origin.hpp>
#include <coweave/sim/recording/recorder.hpp>
#include <coweave/sim/simulation.hpp>
#include <coweave/traces/site.hpp>

#include <algorithm>

namespace coweave::sim {

namespace {

constexpr std::uint32_t listed_max = 8;

std::string numbered(std::size_t position, const traces::Trace& trace) {
  return "choice " + std::to_string(position + 1) + " of " + std::to_string(trace.choices.size());
}

/// "'next', option 1 of 3, in step 12, picks 0.1 'bob' (…)".
std::string in_words(const traces::Choice& choice, const traces::Trace& trace) {
  std::string text = "'" + choice.label + "' in step " + std::to_string(choice.step) + ", option " +
                     std::to_string(choice.taken) + " of " + std::to_string(choice.options);
  if (!choice.picked.empty()) text += ": " + tell_origin(trace, choice.picked, choice.step);
  if (choice.at.known()) text += ", at " + traces::to_string(choice.at);
  return text;
}

/// The choice that is due, with all its options that are somebody.
std::string in_words(const ChoicePoint& point, const Recorder& recorder) {
  const std::uint64_t step = recorder.step_of(point);
  std::string text = "'" + label_of(point) + "' in step " + std::to_string(step) + " with " +
                     std::to_string(point.options) + " options";
  if (point.visit) text += ", at " + traces::to_string(to_site(point.visit->at));
  std::uint32_t listed = 0;
  const bool of_somebody =
      point.kind == ChoiceKind::next || point.kind == ChoiceKind::cancel || point.kind == ChoiceKind::expire;
  for (std::uint32_t option = 0; option < point.options && of_somebody; ++option) {
    const std::string identity = recorder.identity(point, option);
    if (identity.empty()) continue;
    if (++listed > listed_max) return text + "; …";
    text += (listed == 1 ? ": " : "; ") + std::to_string(option) + " is " +
            tell_origin(recorder.trace(), identity, step);
  }
  return text;
}

}  // namespace

bool TraceReplay::begin_run(std::uint64_t) {
  followed_ = 0;
  difference_.clear();
  return true;
}

std::uint32_t TraceReplay::pick(const ChoicePoint& point) {
  if (!difference_.empty() || followed_ == length_) return 0;
  if (followed_ == trace_.choices.size()) return stop(point, nullptr);
  const traces::Choice& expected = trace_.choices[followed_];
  const bool same = expected.label == label_of(point) && expected.options == point.options &&
                    expected.step == recorder_.step_of(point) &&
                    (expected.picked.empty() || expected.picked == recorder_.identity(point, expected.taken));
  if (!same) return stop(point, &expected);
  ++followed_;
  return expected.taken;
}

std::uint32_t TraceReplay::stop(const ChoicePoint& point, const traces::Choice* expected) {
  difference_ = expected
                    ? "at " + numbered(followed_, trace_) + " the trace has " + in_words(*expected, trace_)
                    : "the trace ends after " + std::to_string(followed_) + " choices";
  difference_ += "; the program has " + in_words(point, recorder_);
  Failure failure;
  failure.kind = traces::VerdictKind::nondeterminism;
  failure.message = "the run does not follow the trace: " + difference_;
  Simulation::running()->fail(std::move(failure));
  if (!in_step(point)) throw StopRun();
  return 0;
}

void TraceReplay::end_run(std::span<const Choice>) {
  const std::size_t length = std::min(length_, trace_.choices.size());
  if (!difference_.empty() || followed_ == length) return;
  difference_ = "at " + numbered(followed_, trace_) + " the trace has " +
                in_words(trace_.choices[followed_], trace_) + "; the program's run ended before, in step " +
                std::to_string(recorder_.trace().events.empty() ? 0 : recorder_.trace().events.back().step);
  const traces::Verdict& verdict = recorder_.trace().verdict;
  difference_ += verdict.kind == traces::VerdictKind::passed ? std::string(", and passed")
                                                             : ", with a failure: " + verdict.message;
}

}  // namespace coweave::sim
