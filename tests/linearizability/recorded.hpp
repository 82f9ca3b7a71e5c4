#pragma once

/// Histories that others recorded, with verdicts: see histories/README.md.

#include <coweave/props/linearizability/history.hpp>
#include <coweave/props/linearizability/models/register.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace coweave::tests {

/// A key-value store of texts, in which a key that was never put is empty.
struct KeyValueStore {
  struct Operation {
    enum class Kind : std::uint8_t { get, put, append } kind;
    std::string key;
    std::string value;  ///< to put or append

    friend std::string to_string(const Operation& operation);
  };
  using Response = Reply<std::string>;

  std::string value;  ///< of the one key that is looked at

  [[nodiscard]] std::string key(const Operation& operation) const { return operation.key; }
  Response apply(const Operation& operation);
  auto operator<=>(const KeyValueStore&) const = default;
};

/// A register that holds nothing at first.
using EtcdRegister = models::Register<std::optional<int>>;

/// A recorded history and what is known of it.
struct Recorded {
  std::string name;
  std::size_t calls = 0;
  bool linearizable = false;  ///< the verdict that came with it
  std::function<HistoryCheck(const CheckOptions&)> check;
};

/// All histories of the folder that its verdicts.tsv lists. Throws std::runtime_error that names the file and
/// line which it does not understand.
[[nodiscard]] std::vector<Recorded> recorded_histories(const std::filesystem::path& folder);

}  // namespace coweave::tests
