#pragma once

/// Strict replay: follows the choices of a trace, and stops at the first difference.
///
/// A choice is the same if its step, its label, the number of its options and the identity of what it picked
/// are. The identities come from the recorder, so the run must be recorded.

#include <coweave/sim/policy.hpp>
#include <coweave/traces/trace.hpp>

#include <cstddef>
#include <limits>
#include <string>

namespace coweave::sim {

class Recorder;

class TraceReplay final : public Policy {
 public:
  static constexpr std::size_t whole = std::numeric_limits<std::size_t>::max();

  /// Follows the first `length` choices and takes 0 behind them; of a `whole` trace the run may make no more
  /// choices than it. `trace`, and `recorder`, which records the run, must outlive the policy.
  TraceReplay(const traces::Trace& trace, const Recorder& recorder, std::size_t length = whole) noexcept
      : trace_(trace), recorder_(recorder), length_(length) {}

  [[nodiscard]] std::string_view name() const override { return "replay"; }
  bool begin_run(std::uint64_t run) override;
  /// At the first difference the run fails with it, as `nondeterminism`, and ends: before the step that is
  /// due, or with the step that draws a number.
  std::uint32_t pick(const ChoicePoint& point) override;
  void end_run(std::span<const Choice> schedule) override;

  /// What was expected, what stands there, and where both came from; empty if the run followed the trace.
  [[nodiscard]] const std::string& difference() const noexcept { return difference_; }
  /// How many choices were as in the trace.
  [[nodiscard]] std::size_t followed() const noexcept { return followed_; }

 private:
  std::uint32_t stop(const ChoicePoint& point, const traces::Choice* expected);

  const traces::Trace& trace_;
  const Recorder& recorder_;
  std::size_t length_;
  std::size_t followed_ = 0;
  std::string difference_;
};

}  // namespace coweave::sim
