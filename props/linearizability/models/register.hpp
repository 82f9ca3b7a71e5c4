#pragma once

/// A register: it keeps the value that was written last.

#include <coweave/props/linearizability/model.hpp>
#include <coweave/props/linearizability/monitors.hpp>

#include <cstdint>
#include <type_traits>

namespace coweave::models {

template <class T>
struct Register {
  struct Operation {
    enum class Kind : std::uint8_t { read, write, compare_and_set } kind;
    T value{};     ///< to write
    T expected{};  ///< of a compare_and_set

    friend std::string to_string(const Operation& operation) {
      switch (operation.kind) {
        case Kind::read:
          return "read()";
        case Kind::write:
          return "write(" + detail::show(operation.value) + ")";
        case Kind::compare_and_set:
          break;
      }
      return "compare_and_set(" + detail::show(operation.expected) + ", " + detail::show(operation.value) +
             ")";
    }
  };
  using Response = std::conditional_t<std::is_same_v<T, bool>, Reply<bool>, Reply<T, bool>>;

  [[nodiscard]] static Operation read() { return {Operation::Kind::read}; }
  [[nodiscard]] static Operation write(T value) { return {Operation::Kind::write, std::move(value)}; }
  /// Writes `value` if the register holds `expected`, and gives whether it did.
  [[nodiscard]] static Operation compare_and_set(T expected, T value) {
    return {Operation::Kind::compare_and_set, std::move(value), std::move(expected)};
  }

  T value{};

  Response apply(const Operation& operation) {
    if (operation.kind == Operation::Kind::read) return value;
    const bool writes = operation.kind == Operation::Kind::write || value == operation.expected;
    if (writes) value = operation.value;
    if (operation.kind == Operation::Kind::write) return Nothing{};
    return writes;
  }
  auto operator<=>(const Register&) const = default;

  static constexpr MonitorKind monitor_kind = MonitorKind::register_;
  using Monitored = coweave::Monitored<T>;
  [[nodiscard]] std::optional<Monitored> monitored(const Operation& operation,
                                                   const Response* response) const {
    if (operation.kind == Operation::Kind::compare_and_set) return std::nullopt;
    if (operation.kind == Operation::Kind::write) {
      if (response && *response != Response(Nothing{})) return std::nullopt;
      return Monitored{Role::insert, operation.value};
    }
    if (!response) return Monitored{Role::nothing, value};
    if (const T* seen = std::get_if<T>(response)) return Monitored{Role::see, *seen};
    return std::nullopt;
  }
  [[nodiscard]] std::optional<T> monitored_initially() const { return value; }
};

}  // namespace coweave::models
