#pragma once

/// The examples as the demo and the tests use them: each is a program of its own, with the code that has a
/// bug, the exploration that finds it, and the fix that survives the same exploration.

#include <coweave/coweave.hpp>

#include <cstddef>
#include <span>

namespace bank {
coweave::Coro<void> buggy();
coweave::Coro<void> fixed();
}  // namespace bank
namespace connection_pool {
coweave::Coro<void> buggy();
coweave::Coro<void> fixed();
}  // namespace connection_pool
namespace wait_for {
coweave::Coro<void> buggy();
coweave::Coro<void> fixed();
}  // namespace wait_for
namespace philosophers {
coweave::Coro<void> buggy();
coweave::Coro<void> fixed();
}  // namespace philosophers
namespace lost_wakeup {
coweave::Coro<void> buggy();
coweave::Coro<void> fixed();
}  // namespace lost_wakeup

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

/// All of them, in the order of the documentation.
std::span<const Example> all();

/// The options that an example is explored with.
coweave::Options options(const Example& example);

}  // namespace examples
