#pragma once

#include <coweave/core/task.hpp>

#include <source_location>
#include <utility>

namespace coweave::tests {

/// Two coroutines as tasks, "ann" and "ben", until both are done; told to be spawned where this is called.
template <class One, class Other>
Coro<void> both(One one, Other other, std::source_location at = std::source_location::current()) {
  const auto first = create_task(std::move(one), {.name = "ann"}, at);
  const auto second = create_task(std::move(other), {.name = "ben"}, at);
  co_await first;
  co_await second;
}

}  // namespace coweave::tests
