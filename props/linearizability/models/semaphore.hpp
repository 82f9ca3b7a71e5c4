#pragma once

/// A semaphore, without a bound or with one.

#include <coweave/core/errors.hpp>
#include <coweave/props/linearizability/model.hpp>

#include <cstdint>
#include <limits>

namespace coweave::models {

struct Semaphore {
  struct Operation {
    enum class Kind : std::uint8_t { acquire, release, value } kind;

    friend std::string to_string(const Operation& operation) {
      constexpr const char* names[] = {"acquire()", "release()", "value()"};
      return names[static_cast<std::size_t>(operation.kind)];
    }
  };
  using Response = Reply<std::int64_t>;

  /// Waits while no permit is free.
  [[nodiscard]] static Operation acquire() { return {Operation::Kind::acquire}; }
  /// Raises ValueError if as many permits as the bound says are free.
  [[nodiscard]] static Operation release() { return {Operation::Kind::release}; }
  /// Gives the permits that are free.
  [[nodiscard]] static Operation value() { return {Operation::Kind::value}; }

  std::int64_t permits = 1;
  std::int64_t bound = std::numeric_limits<std::int64_t>::max();

  std::optional<Response> apply(const Operation& operation) {
    switch (operation.kind) {
      case Operation::Kind::acquire:
        if (permits == 0) return std::nullopt;
        --permits;
        return Nothing{};
      case Operation::Kind::release:
        if (permits >= bound) return raised<ValueError>();
        ++permits;
        return Nothing{};
      case Operation::Kind::value:
        break;
    }
    return permits;
  }
  auto operator<=>(const Semaphore&) const = default;
};

}  // namespace coweave::models
