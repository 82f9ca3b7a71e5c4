#pragma once

/// What the tests of every framework explore.

#include <coweave/coweave.hpp>
#include <coweave/props/property.hpp>

inline coweave::Coro<void> passes() { co_await coweave::sleep(std::chrono::seconds(1)); }

inline coweave::Coro<void> fails() {
  co_await coweave::sleep(std::chrono::seconds(1));
  COWEAVE_REQUIRE(1 + 1 == 3);
}

/// Fails for 10 and above.
inline coweave::Coro<void> small(unsigned number) {
  co_await coweave::sleep(std::chrono::seconds(1));
  COWEAVE_REQUIRE(number < 10);
}
