#pragma once

/// A set.

#include <coweave/props/linearizability/model.hpp>
#include <coweave/props/linearizability/monitors.hpp>

#include <cstdint>
#include <set>

namespace coweave::models {

template <class T>
struct Set {
  struct Operation {
    enum class Kind : std::uint8_t { add, remove, contains } kind;
    T value{};

    friend std::string to_string(const Operation& operation) {
      constexpr const char* names[] = {"add", "remove", "contains"};
      return names[static_cast<std::size_t>(operation.kind)] + ("(" + detail::show(operation.value) + ")");
    }
  };
  using Response = Reply<bool>;

  /// Gives whether the value was not there.
  [[nodiscard]] static Operation add(T value) { return {Operation::Kind::add, std::move(value)}; }
  /// Gives whether the value was there.
  [[nodiscard]] static Operation remove(T value) { return {Operation::Kind::remove, std::move(value)}; }
  [[nodiscard]] static Operation contains(T value) { return {Operation::Kind::contains, std::move(value)}; }

  std::set<T> values{};

  [[nodiscard]] T key(const Operation& operation) const { return operation.value; }
  Response apply(const Operation& operation) {
    switch (operation.kind) {
      case Operation::Kind::add:
        return values.insert(operation.value).second;
      case Operation::Kind::remove:
        return values.erase(operation.value) > 0;
      case Operation::Kind::contains:
        break;
    }
    return values.contains(operation.value);
  }
  auto operator<=>(const Set&) const = default;

  static constexpr MonitorKind monitor_kind = MonitorKind::set;
  using Monitored = coweave::Monitored<T>;
  [[nodiscard]] std::optional<Monitored> monitored(const Operation& operation,
                                                   const Response* response) const {
    if (!values.empty()) return std::nullopt;
    if (!response) {
      if (operation.kind == Operation::Kind::remove) return std::nullopt;
      return Monitored{operation.kind == Operation::Kind::add ? Role::insert : Role::nothing,
                       operation.value};
    }
    const bool* yes = std::get_if<bool>(response);
    if (!yes) return std::nullopt;
    switch (operation.kind) {
      case Operation::Kind::add:
        return Monitored{*yes ? Role::insert : Role::see, operation.value};
      case Operation::Kind::remove:
        return Monitored{*yes ? Role::remove : Role::miss, operation.value};
      case Operation::Kind::contains:
        break;
    }
    return Monitored{*yes ? Role::see : Role::miss, operation.value};
  }
  [[nodiscard]] std::optional<T> monitored_initially() const { return std::nullopt; }
};

}  // namespace coweave::models
