#pragma once

/// Counts what the program takes from the global `operator new`, in the test binaries that this is linked
/// into.

#include <coweave/core/recycler.hpp>

#include <cstddef>

// Under AddressSanitizer the recycler steps aside, and every frame is an allocation: there is nothing to
// count.
#if COWEAVE_RECYCLES

namespace coweave::tests {

/// How many there have been so far.
[[nodiscard]] std::size_t allocations() noexcept;

}  // namespace coweave::tests

#endif
