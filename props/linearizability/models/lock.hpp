#pragma once

/// A lock.

#include <coweave/core/errors.hpp>
#include <coweave/props/linearizability/model.hpp>

#include <cstdint>

namespace coweave::models {

struct Lock {
  struct Operation {
    enum class Kind : std::uint8_t { acquire, release } kind;

    friend std::string to_string(const Operation& operation) {
      return operation.kind == Kind::acquire ? "acquire()" : "release()";
    }
  };
  using Response = Reply<>;

  /// Waits while the lock is held.
  [[nodiscard]] static Operation acquire() { return {Operation::Kind::acquire}; }
  /// Raises RuntimeError if the lock is free. Any task may release.
  [[nodiscard]] static Operation release() { return {Operation::Kind::release}; }

  bool held = false;

  std::optional<Response> apply(const Operation& operation) {
    if (operation.kind == Operation::Kind::acquire) {
      if (held) return std::nullopt;
      held = true;
      return Nothing{};
    }
    if (!held) return raised<RuntimeError>();
    held = false;
    return Nothing{};
  }
  auto operator<=>(const Lock&) const = default;
};

}  // namespace coweave::models
