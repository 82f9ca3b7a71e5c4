#pragma once

/// What tests of sweeps share: two programs, and what came of an injection.

#include <coweave/coweave.hpp>

#include <string>

namespace coweave::tests {

/// Two transfers that hold a lock while they wait, and do not see to it that they give it back.
Coro<void> transfers();
/// The same with a guard.
Coro<void> guarded_transfers();

/// What was tried at the await of the task `name` for `what`, in this window; fails the test if there is
/// none.
const SweepEntry& entry(const Sweep& result, const std::string& name, const std::string& what,
                        SweepWindow window);
bool fails(const Sweep& result, const std::string& name, const std::string& what, SweepWindow window);

bool contains(const std::string& text, const std::string& part);

}  // namespace coweave::tests
