#pragma once

/// What the examples have in common: code with a bug, the exploration that finds it, and the fix that
/// survives.

#include <coweave/coweave.hpp>

#include <cstddef>
#include <span>

namespace examples {

struct Example {
  const char* name;   ///< on the command line of the demo, and of its trace
  const char* story;  ///< what goes wrong, in a sentence
  coweave::Coro<void> (*buggy)();
  coweave::Coro<void> (*fixed)();
  coweave::traces::VerdictKind kind;  ///< of the failure
  std::size_t deviations;             ///< of the smallest failing schedule
  std::uint64_t runs;                 ///< budget that finds it from any seed
};

extern const Example bank;
extern const Example connection_pool;
extern const Example wait_for;
extern const Example philosophers;
extern const Example lost_wakeup;

/// All of them, in the order of the documentation.
std::span<const Example* const> all();

/// The options that an example is explored with.
coweave::Options options(const Example& example);

}  // namespace examples
