#pragma once

/// Where the candidates of a failure are run that is made small or explained: in this process, or, of one
/// that ends its process, in others. Whoever makes it small does not know which.

#include <coweave/props/deadline.hpp>
#include <coweave/sim/causality/order.hpp>
#include <coweave/sim/choice.hpp>
#include <coweave/sim/failure.hpp>
#include <coweave/sim/policy.hpp>
#include <coweave/sim/simulation.hpp>
#include <coweave/traces/trace.hpp>

#include <cstdint>
#include <functional>
#include <string>

namespace coweave {

/// Schedules that a policy tries one after the other, until one fails alike. All of it may be called in a
/// copy of this process, which then keeps to itself what has changed.
struct Search {
  sim::Policy& policy;
  /// Asked when the policy has begun run `run`: whether the search is given up before it.
  std::function<bool(std::uint64_t run)> over;
  /// Whether the policy has left out nothing so far of what comes before the present run.
  std::function<bool()> left_out_nothing;
};

/// What became of a search.
struct Searched {
  std::uint64_t runs = 0;
  bool found = false;     ///< the last of them failed alike
  bool complete = false;  ///< no schedule that comes before that, or before the end, was left out
};

class Trial {
 public:
  Trial() = default;
  Trial(const Trial&) = delete;
  Trial& operator=(const Trial&) = delete;
  virtual ~Trial() = default;

  enum class Outcome : std::uint8_t {
    passed,
    alike,      ///< it failed as the failure that is looked at
    otherwise,  ///< it failed in another way
    cut_short,  ///< it was ended by `EndingAt`
  };

  /// One run under `policy`, from its first run on. It may go on in a copy of `policy`.
  virtual Outcome run(sim::Policy& policy) = 0;
  /// The same, and takes down the order of the steps.
  virtual Outcome look(sim::Policy& policy) = 0;
  virtual Searched search(const Search& search) = 0;

  /// The choices of the last run; of a search, if that has found something.
  [[nodiscard]] virtual const sim::Schedule& schedule() const = 0;
  /// The steps of the last run that was looked at, if it passed or failed alike. Empty: they are not known.
  [[nodiscard]] virtual const sim::Order& order() const = 0;
  /// Who takes step `step`, from 1, of the run under `policy`, which passes, as traces name it. Empty: it is
  /// not known.
  virtual std::string who_takes(sim::Policy& policy, std::uint64_t step) = 0;

  /// Whose runs they are, in this process or in a copy of it.
  [[nodiscard]] virtual sim::Simulation& simulation() noexcept = 0;
};

/// Runs candidates in this process.
class TrialHere final : public Trial {
 public:
  /// Of `failure` of a run of `scenario`. `simulation` and `scenario` must outlive it.
  TrialHere(sim::Simulation& simulation, const sim::Scenario& scenario, const sim::Failure& failure)
      : simulation_(simulation), scenario_(scenario), kind_(failure.kind), signature_(failure.signature) {}

  Outcome run(sim::Policy& policy) override;
  Outcome look(sim::Policy& policy) override;
  Searched search(const Search& search) override;
  [[nodiscard]] const sim::Schedule& schedule() const override { return simulation_.schedule(); }
  [[nodiscard]] const sim::Order& order() const override { return order_; }
  std::string who_takes(sim::Policy& policy, std::uint64_t step) override;
  [[nodiscard]] sim::Simulation& simulation() noexcept override { return simulation_; }

 private:
  Outcome run_begun(sim::Policy& policy);

  sim::Simulation& simulation_;
  const sim::Scenario& scenario_;
  traces::VerdictKind kind_;
  std::string signature_;
  sim::Order order_;
};

namespace detail {

/// While it lives, runs of `simulation` end at `deadline`, and have then come to no end.
class EndingAt {
 public:
  EndingAt(sim::Simulation& simulation, const Deadline& deadline);
  EndingAt(const EndingAt&) = delete;
  EndingAt& operator=(const EndingAt&) = delete;
  ~EndingAt();

 private:
  sim::Simulation& simulation_;
};

/// Who takes step `step`, from 1, of the run of `scenario` under `policy`, as traces name it; empty if there
/// is no such step.
[[nodiscard]] std::string actor_of_step(sim::Simulation& simulation, const sim::Scenario& scenario,
                                        sim::Policy& policy, std::uint64_t step);

}  // namespace detail
}  // namespace coweave
