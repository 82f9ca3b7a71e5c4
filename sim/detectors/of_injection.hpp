#pragma once

/// Whether an end of the root task is what a sweep injected, and nobody caught.

#include <coweave/core/future.hpp>
#include <coweave/traces/trace.hpp>

namespace coweave::sim {

/// `done` is done. Cancelled after a cancellation; or it failed with a TimeoutError after a time-out, with
/// what `throw_point` throws after a fault, with std::bad_alloc for want of memory; or with a group of such.
[[nodiscard]] bool is_of_injection(traces::SweepKind sweep, const FutureBase& done);

}  // namespace coweave::sim
