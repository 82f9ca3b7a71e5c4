#pragma once

/// Asks happens_before about programs that note "before" and "after".

#include <coweave/core/task.hpp>
#include <coweave/sim/simulation.hpp>

#include <cstdint>
#include <utility>

namespace coweave::tests {

/// Whether "before" happens before "after" in all runs of `scenario` that were tried.
[[nodiscard]] bool ordered(const sim::Scenario& scenario, const char* policy = "random",
                           std::uint64_t runs = 1'000);

/// In asyncio's own order, in which "before" does come first.
[[nodiscard]] bool ordered_in_one_run(const sim::Scenario& scenario);

/// What both give, as tasks, until both are done.
template <class One, class Other>
Coro<void> run_both(One one, Other other) {
  const auto first = create_task(one());
  const auto second = create_task(other());
  co_await first;
  co_await second;
}

}  // namespace coweave::tests
