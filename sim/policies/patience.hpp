#pragma once

/// How long a policy lets one actor run while others could: code that spins until another task has done
/// something must not spin for ever because the policy prefers it.

#include <cstdint>

namespace coweave::sim {

class Patience {
 public:
  static constexpr std::uint32_t steps_max = 1'000;

  void begin_run() noexcept { steps_ = 0; }

  /// `actor` was picked among several. True if it was the last `steps_max` times too: then it has had its
  /// turn for now, and counting starts afresh.
  bool exhausted_by(std::uint32_t actor) noexcept {
    if (actor != actor_) steps_ = 0;
    actor_ = actor;
    if (++steps_ < steps_max) return false;
    steps_ = 0;
    return true;
  }

 private:
  std::uint32_t actor_ = 0;
  std::uint32_t steps_ = 0;
};

}  // namespace coweave::sim
