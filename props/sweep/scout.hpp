#pragma once

/// The policies of a sweep: one that looks where something can be injected, and one that injects it there.

#include <coweave/sim/passing_policy.hpp>
#include <coweave/traces/trace.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace coweave::sim {
class Recorder;
class Simulation;
}  // namespace coweave::sim

namespace coweave::detail {

/// The choices of `schedule` that nobody injects anything by.
[[nodiscard]] sim::Schedule without_injections(std::span<const sim::Choice> schedule);

/// A choice at which something could have been injected.
struct Offer {
  std::size_t choice = 0;  ///< which choice of the run, from 0
  std::uint64_t step = 0;  ///< the step that it decides about
  sim::ChoiceKind kind = sim::ChoiceKind::cancel;
  std::vector<std::uint32_t> tasks;  ///< of a cancellation: the serial number that each option but 0 reaches
  std::vector<std::string> timers;   ///< of a time-out: the identities that they reach
  std::uint32_t task = 0;            ///< of a fault: the task that comes by it, 0: none
  std::string label;                 ///< and what it is called
  traces::Site at;                   ///< and where it stands
  std::size_t events = 0;            ///< of the trace, before it
};

/// Goes as another policy does, injects nothing, and takes down where it could have. The run is recorded.
class Scout final : public sim::PassingPolicy {
 public:
  Scout(sim::Policy& order, const sim::Simulation& simulation, const sim::Recorder& recorder)
      : PassingPolicy(order), simulation_(simulation), recorder_(recorder) {}

  bool begin_run(std::uint64_t run) override;
  std::uint32_t pick(const sim::ChoicePoint& point) override;
  void end_run(std::span<const sim::Choice> schedule) override;

  /// The tasks that the program gave to `sim::may_cancel`, by serial number.
  [[nodiscard]] const std::vector<std::uint32_t>& marked() const noexcept;
  [[nodiscard]] const std::vector<Offer>& offers() const noexcept { return offers_; }

 private:
  const sim::Simulation& simulation_;
  const sim::Recorder& recorder_;
  std::size_t choices_ = 0;
  std::vector<Offer> offers_;
};

/// Follows a schedule, and takes another option at one of its choices. Behind it another policy decides; or
/// it goes on in the order of the rest of the schedule, as far as that can be told: the n-th choice of the
/// next handle after it is as the n-th was.
class Injecting final : public sim::Policy {
 public:
  Injecting(const sim::Schedule& base, std::size_t choice, std::uint32_t option,
            sim::Policy* behind = nullptr) noexcept
      : base_(base), choice_(choice), option_(option), behind_(behind) {}

  [[nodiscard]] std::string_view name() const override { return "sweep"; }
  bool begin_run(std::uint64_t run) override;
  std::uint32_t pick(const sim::ChoicePoint& point) override;
  void end_run(std::span<const sim::Choice> schedule) override;

  /// Whether the run was another than the one of the schedule before the injection.
  [[nodiscard]] bool strayed() const noexcept { return strayed_ || position_ <= choice_; }

 private:
  const sim::Schedule& base_;
  std::size_t choice_;
  std::uint32_t option_;
  sim::Policy* behind_;
  std::size_t position_ = 0;
  std::size_t rest_ = 0;
  bool strayed_ = false;
};

}  // namespace coweave::detail
