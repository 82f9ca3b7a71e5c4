#pragma once

/// A counter.

#include <coweave/props/linearizability/model.hpp>

#include <cstdint>

namespace coweave::models {

struct Counter {
  struct Operation {
    enum class Kind : std::uint8_t { add, read } kind;
    std::int64_t amount = 0;

    friend std::string to_string(const Operation& operation) {
      return operation.kind == Kind::read ? "read()" : "add(" + detail::show(operation.amount) + ")";
    }
  };
  using Response = Reply<std::int64_t>;

  /// Adds, and gives the sum.
  [[nodiscard]] static Operation add(std::int64_t amount = 1) { return {Operation::Kind::add, amount}; }
  [[nodiscard]] static Operation read() { return {Operation::Kind::read}; }

  std::int64_t value = 0;

  Response apply(const Operation& operation) { return value += operation.amount; }
  auto operator<=>(const Counter&) const = default;
};

}  // namespace coweave::models
