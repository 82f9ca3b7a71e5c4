#pragma once

/// Where the candidates of a run are run that ended its process: each in one of its own, and a whole search
/// in one, as long as none of its runs ends that.

#include <coweave/props/counterexample/trial.hpp>
#include <coweave/props/workers/isolated.hpp>

#include <cstdint>
#include <string>

namespace coweave::detail {

class CrashTrial final : public Trial {
 public:
  /// Of a run that ended as `crash`. `isolated` must outlive it.
  CrashTrial(Isolated& isolated, const Attempt& crash) : isolated_(isolated), crash_(crash) {}

  Outcome run(sim::Policy& policy) override;
  Outcome look(sim::Policy& policy) override;
  Searched search(const Search& search) override;
  [[nodiscard]] const sim::Schedule& schedule() const override { return last_.schedule; }
  [[nodiscard]] const sim::Order& order() const override { return order_; }
  std::string who_takes(sim::Policy& policy, std::uint64_t step) override {
    return isolated_.who_takes(policy, step);
  }
  [[nodiscard]] sim::Simulation& simulation() noexcept override { return isolated_.simulation(); }

 private:
  Outcome take(Attempt attempt);
  [[nodiscard]] bool repeats(const sim::Schedule& schedule);

  Isolated& isolated_;
  Attempt crash_;
  Attempt last_;
  sim::Order order_;
};

}  // namespace coweave::detail
