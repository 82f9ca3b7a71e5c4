#pragma once

/// A map. Its keys are checked apart.

#include <coweave/props/linearizability/model.hpp>

#include <cstdint>
#include <map>

namespace coweave::models {

template <class K, class V>
struct Map {
  struct Operation {
    enum class Kind : std::uint8_t { get, put, erase } kind;
    K key{};
    V value{};  ///< to put

    friend std::string to_string(const Operation& operation) {
      switch (operation.kind) {
        case Kind::get:
          return "get(" + detail::show(operation.key) + ")";
        case Kind::put:
          return "put(" + detail::show(operation.key) + ", " + detail::show(operation.value) + ")";
        case Kind::erase:
          break;
      }
      return "erase(" + detail::show(operation.key) + ")";
    }
  };
  using Response = Reply<std::optional<V>, bool>;

  /// Gives the value, or nothing.
  [[nodiscard]] static Operation get(K key) { return {Operation::Kind::get, std::move(key)}; }
  [[nodiscard]] static Operation put(K key, V value) {
    return {Operation::Kind::put, std::move(key), std::move(value)};
  }
  /// Gives whether the key was there.
  [[nodiscard]] static Operation erase(K key) { return {Operation::Kind::erase, std::move(key)}; }

  std::map<K, V> values{};

  [[nodiscard]] K key(const Operation& operation) const { return operation.key; }
  Response apply(const Operation& operation) {
    switch (operation.kind) {
      case Operation::Kind::get: {
        const auto found = values.find(operation.key);
        return found == values.end() ? std::optional<V>() : std::optional<V>(found->second);
      }
      case Operation::Kind::put:
        values.insert_or_assign(operation.key, operation.value);
        return Nothing{};
      case Operation::Kind::erase:
        break;
    }
    return values.erase(operation.key) > 0;
  }
  auto operator<=>(const Map&) const = default;
};

}  // namespace coweave::models
