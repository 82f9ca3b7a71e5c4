#pragma once

/// Queues as those of the layer: first in, first out; last in, first out; smallest first. Without a bound or
/// with one.

#include <coweave/core/errors.hpp>
#include <coweave/props/linearizability/model.hpp>
#include <coweave/props/linearizability/monitors.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace coweave::models {

enum class QueueOrder : std::uint8_t { first_in, last_in, smallest };

template <class T, QueueOrder order>
struct BasicQueue {
  struct Operation {
    enum class Kind : std::uint8_t { put, get, put_nowait, get_nowait, qsize, shutdown } kind;
    T item{};  ///< to put

    friend std::string to_string(const Operation& operation) {
      constexpr const char* names[] = {"put", "get", "put_nowait", "get_nowait", "qsize", "shutdown"};
      const bool puts = operation.kind == Kind::put || operation.kind == Kind::put_nowait;
      return names[static_cast<std::size_t>(operation.kind)] +
             ("(" + (puts ? detail::show(operation.item) : std::string()) + ")");
    }
  };
  using Response = std::conditional_t<std::is_same_v<T, std::size_t>, Reply<T>, Reply<T, std::size_t>>;

  /// Waits while the queue is full; raises QueueShutDown.
  [[nodiscard]] static Operation put(T item) { return {Operation::Kind::put, std::move(item)}; }
  /// Waits while the queue is empty; raises QueueShutDown.
  [[nodiscard]] static Operation get() { return {Operation::Kind::get}; }
  /// Raises QueueFull, QueueShutDown.
  [[nodiscard]] static Operation put_nowait(T item) { return {Operation::Kind::put_nowait, std::move(item)}; }
  /// Raises QueueEmpty, QueueShutDown.
  [[nodiscard]] static Operation get_nowait() { return {Operation::Kind::get_nowait}; }
  [[nodiscard]] static Operation qsize() { return {Operation::Kind::qsize}; }
  [[nodiscard]] static Operation shutdown() { return {Operation::Kind::shutdown}; }

  std::size_t maxsize = 0;  ///< 0: no bound
  std::vector<T> items{};   ///< the next one comes last
  bool shut_down = false;
  /// Of `smallest`: for each item that was taken, nobody knows which of those that are equally small, one of
  /// these.
  std::vector<T> taken{};

  /// What a queue may answer. Of several items that are equally small, one that is.
  std::optional<Response> apply(const Operation& operation) {
    using Kind = typename Operation::Kind;
    switch (operation.kind) {
      case Kind::put:
      case Kind::put_nowait:
        if (shut_down) return raised<QueueShutDown>();
        if (maxsize != 0 && size() >= maxsize) {
          if (operation.kind == Kind::put) return std::nullopt;
          return raised<QueueFull>();
        }
        store(operation.item);
        return Nothing{};
      case Kind::get:
      case Kind::get_nowait: {
        if (items.empty()) {
          if (shut_down) return raised<QueueShutDown>();
          if (operation.kind == Kind::get) return std::nullopt;
          return raised<QueueEmpty>();
        }
        T item = std::move(items.back());
        items.pop_back();
        return item;
      }
      case Kind::qsize:
        return size();
      case Kind::shutdown:
        break;
    }
    shut_down = true;
    return Nothing{};
  }
  /// As a heap, of items that are equally small a queue may give any.
  bool apply(const Operation& operation, const Response* response)
    requires(order == QueueOrder::smallest)
  {
    using Kind = typename Operation::Kind;
    const bool gets = operation.kind == Kind::get || operation.kind == Kind::get_nowait;
    if (!gets || items.empty()) {
      const std::optional<Response> answer = apply(operation);
      return answer && (!response || *response == *answer);
    }
    if (!response) return take(nullptr);
    const T* item = std::get_if<T>(response);
    return item && take(item);
  }
  auto operator<=>(const BasicQueue&) const = default;

  static constexpr MonitorKind monitor_kind = order == QueueOrder::first_in  ? MonitorKind::queue
                                              : order == QueueOrder::last_in ? MonitorKind::stack
                                                                             : MonitorKind::priority_queue;
  using Monitored = coweave::Monitored<T>;
  [[nodiscard]] std::optional<Monitored> monitored(const Operation& operation,
                                                   const Response* response) const {
    using Kind = typename Operation::Kind;
    if (maxsize != 0 || !items.empty() || shut_down) return std::nullopt;
    switch (operation.kind) {
      case Kind::put:
      case Kind::put_nowait:
        if (response && *response != Response(Nothing{})) return std::nullopt;
        return Monitored{Role::insert, operation.item};
      case Kind::get:
      case Kind::get_nowait:
        if (!response) return std::nullopt;
        if (const T* item = std::get_if<T>(response)) return Monitored{Role::remove, *item};
        if (operation.kind == Kind::get_nowait && *response == Response(raised<QueueEmpty>()))
          return Monitored{Role::find_empty, operation.item};
        return std::nullopt;
      case Kind::qsize:
      case Kind::shutdown:
        break;
    }
    return std::nullopt;
  }
  [[nodiscard]] std::optional<T> monitored_initially() const { return std::nullopt; }

 private:
  [[nodiscard]] std::size_t size() const { return items.size() - taken.size(); }

  /// Takes `item`, which must be among the smallest, or if it is null any of these.
  bool take(const T* item) {
    const auto equally_small = [smallest = items.back()](const T& other) { return !(smallest < other); };
    const auto first = std::find_if(items.begin(), items.end(), equally_small);
    if (item) {
      const auto found = std::find(first, items.end(), *item);
      if (found == items.end()) return false;
      items.erase(found);
    } else if (std::count(first, items.end(), items.back()) == items.end() - first) {
      items.pop_back();
    } else {
      taken.push_back(items.back());
    }
    if (std::count_if(taken.begin(), taken.end(), equally_small) ==
        std::count_if(items.begin(), items.end(), equally_small)) {
      std::erase_if(items, equally_small);
      std::erase_if(taken, equally_small);
    }
    return true;
  }

  void store(const T& item) {
    if constexpr (order == QueueOrder::first_in) {
      items.insert(items.begin(), item);
    } else if constexpr (order == QueueOrder::last_in) {
      items.push_back(item);
    } else {
      items.insert(std::lower_bound(items.begin(), items.end(), item,
                                    [](const T& one, const T& other) { return other < one; }),
                   item);
    }
  }
};

template <class T>
using Queue = BasicQueue<T, QueueOrder::first_in>;
/// `BoundedQueue<int>{.maxsize = 2}`.
template <class T>
using BoundedQueue = Queue<T>;
template <class T>
using Stack = BasicQueue<T, QueueOrder::last_in>;
template <class T>
using PriorityQueue = BasicQueue<T, QueueOrder::smallest>;

}  // namespace coweave::models
