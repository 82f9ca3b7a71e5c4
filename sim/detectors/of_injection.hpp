#pragma once

/// Whether an exception, or an end of the root task that nobody caught, is what was injected.

#include <coweave/core/future.hpp>
#include <coweave/traces/trace.hpp>

#include <exception>

namespace coweave::sim {

/// Whether `throw_point` throws it.
[[nodiscard]] bool is_injected_fault(const std::exception_ptr& exception);

/// `done` is done. Cancelled after a cancellation; or it failed with a TimeoutError after a time-out, with
/// what `throw_point` throws after a fault, with std::bad_alloc for want of memory; or with a group of such.
[[nodiscard]] bool is_of_injection(traces::SweepKind sweep, const FutureBase& done);

}  // namespace coweave::sim
