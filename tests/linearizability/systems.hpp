#pragma once

/// Systems to test with commands: each broken and mended.

#include <coweave/coweave.hpp>

#include <array>
#include <map>
#include <optional>
#include <set>

namespace coweave::tests {

/// A cache in front of a slow store. A `get` that misses puts what it loaded into the cache. The broken one
/// does so also if another value was put while it loaded.
template <bool mended>
class Cache {
 public:
  Coro<std::optional<int>> get(int key) {
    if (const auto cached = cache_.find(key); cached != cache_.end()) co_return cached->second;
    const std::uint64_t changes = changes_;
    const std::optional<int> loaded = find(key);
    co_await sleep(Duration::zero());
    if (loaded && (!mended || changes == changes_)) cache_[key] = *loaded;
    co_return loaded;
  }
  Coro<void> put(int key, int value) {
    co_await sleep(Duration::zero());
    store_[key] = value;
    forget(key);
  }
  Coro<bool> erase(int key) {
    co_await sleep(Duration::zero());
    forget(key);
    co_return store_.erase(key) > 0;
  }

 private:
  void forget(int key) {
    ++changes_;
    cache_.erase(key);
  }
  [[nodiscard]] std::optional<int> find(int key) const {
    const auto found = store_.find(key);
    return found == store_.end() ? std::nullopt : std::optional(found->second);
  }

  std::map<int, int> store_;
  std::map<int, int> cache_;
  std::uint64_t changes_ = 0;
};

/// Names of processes, as Erlang's registry has them. A name stands for one process that lives, and a process
/// has one name; a process that dies loses it.
struct Registry {
  struct Operation {
    enum class Kind : std::uint8_t { reg, unreg, whereis, kill } kind;
    int name = 0;
    std::size_t process = 0;

    friend std::string to_string(const Operation& operation) {
      const std::string called = detail::show(operation.name);
      const std::string who = detail::show(operation.process);
      switch (operation.kind) {
        case Kind::reg:
          return "reg(" + called + ", " + who + ")";
        case Kind::unreg:
          return "unreg(" + called + ")";
        case Kind::whereis:
          return "whereis(" + called + ")";
        case Kind::kill:
          break;
      }
      return "kill(" + who + ")";
    }
  };
  using Response = Reply<std::optional<std::size_t>>;

  static constexpr std::size_t processes = 3;
  std::array<bool, processes> dead{};
  std::map<int, std::size_t> names{};

  [[nodiscard]] bool may_register(int name, std::size_t process) const {
    bool named = false;
    for (const auto& [other, owner] : names) named = named || owner == process;
    return !dead[process] && !named && !names.contains(name);
  }
  Response apply(const Operation& operation) {
    switch (operation.kind) {
      case Operation::Kind::reg:
        if (!may_register(operation.name, operation.process)) return raised<ValueError>();
        names[operation.name] = operation.process;
        return Nothing{};
      case Operation::Kind::unreg:
        if (names.erase(operation.name) == 0) return raised<ValueError>();
        return Nothing{};
      case Operation::Kind::whereis: {
        const auto found = names.find(operation.name);
        return found == names.end() ? std::nullopt : std::optional(found->second);
      }
      case Operation::Kind::kill:
        break;
    }
    dead[operation.process] = true;
    std::erase_if(names, [&](const auto& entry) { return entry.second == operation.process; });
    return Nothing{};
  }
  auto operator<=>(const Registry&) const = default;
};

/// Its server in the style of Erlang's first one: the client looks whether it may register, and then asks the
/// server to. The mended server looks itself.
template <bool mended>
class RegistryServer {
 public:
  Coro<Registry::Response> call(Registry::Operation operation) {
    const bool registers = operation.kind == Registry::Operation::Kind::reg;
    if (registers && !mended && !state_.may_register(operation.name, operation.process))
      throw ValueError("badarg");
    co_await sleep(Duration::zero());  // to the server
    if (registers && !mended) {
      state_.names[operation.name] = operation.process;
      co_return Nothing{};
    }
    const Registry::Response response = state_.apply(operation);
    if (std::holds_alternative<Raised>(response)) throw ValueError("badarg");
    co_return response;
  }

 private:
  Registry state_;
};

}  // namespace coweave::tests
