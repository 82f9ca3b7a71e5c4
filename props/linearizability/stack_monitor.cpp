/// The monitor of stacks.
///
/// A value whose pop is called before its push has returned can come and go in one moment, and is left out.
/// Any other must be in the stack from when its push has returned until its pop is called. At a moment at
/// which none must be there, the stack is free to be empty (see `can_be_empty`), and the history falls into
/// two: a value goes left if its push has returned by then, else right. In a part without such a moment some
/// value lies at the bottom all the time: its push can come first of all in the part, and its pop last. Any
/// value that can is as good as any other, and is taken away; that may open new moments.
///
/// Parts are ranges of the values in the order in which their pushes returned, so that a part falls into a
/// left and a right range.

#include <coweave/props/linearizability/monitor_values.hpp>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace coweave::detail {

namespace {

constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min() / 2;

/// The largest of a range of numbers, and where it stands.
class Largest {
 public:
  explicit Largest(std::size_t size)
      : leaves_(std::bit_ceil(std::max<std::size_t>(size, 1))), tree_(2 * leaves_, lowest) {}
  void set(std::size_t index, std::int64_t value) {
    tree_[leaves_ + index] = value;
    for (std::size_t node = (leaves_ + index) / 2; node > 0; node /= 2)
      tree_[node] = std::max(tree_[2 * node], tree_[2 * node + 1]);
  }
  /// The index of the largest of [begin, end), and it; `lowest` if none was set.
  [[nodiscard]] std::pair<std::size_t, std::int64_t> of(std::size_t begin, std::size_t end) const {
    std::size_t best = leaves_ + begin;
    for (std::size_t left = leaves_ + begin, right = leaves_ + end; left < right; left /= 2, right /= 2) {
      if (left % 2 == 1) best = larger(best, left++);
      if (right % 2 == 1) best = larger(best, --right);
    }
    while (best < leaves_) best = tree_[2 * best] == tree_[best] ? 2 * best : 2 * best + 1;
    return {best - leaves_, tree_[best]};
  }

 private:
  [[nodiscard]] std::size_t larger(std::size_t one, std::size_t other) const {
    return tree_[other] > tree_[one] ? other : one;
  }

  std::size_t leaves_;
  std::vector<std::int64_t> tree_;
};

/// How many values must be there in each slot, and where none must.
class Coverage {
 public:
  explicit Coverage(std::size_t size)
      : leaves_(std::bit_ceil(size)), least_(2 * leaves_, 0), added_(2 * leaves_, 0) {}
  void add(std::size_t begin, std::size_t end, std::int32_t count) {
    if (begin < end) add(begin, end, count, 1, 0, leaves_);
  }
  /// A slot of [begin, end) in which nothing must be there; `end` if there is none.
  [[nodiscard]] std::size_t free(std::size_t begin, std::size_t end) const {
    return begin < end ? free(begin, end, 1, 0, leaves_, 0) : end;
  }

 private:
  void add(std::size_t begin, std::size_t end, std::int32_t count, std::size_t node, std::size_t from,
           std::size_t to) {
    if (end <= from || to <= begin) return;
    if (begin <= from && to <= end) {
      least_[node] += count;
      added_[node] += count;
      return;
    }
    const std::size_t middle = (from + to) / 2;
    add(begin, end, count, 2 * node, from, middle);
    add(begin, end, count, 2 * node + 1, middle, to);
    least_[node] = std::min(least_[2 * node], least_[2 * node + 1]) + added_[node];
  }
  [[nodiscard]] std::size_t free(std::size_t begin, std::size_t end, std::size_t node, std::size_t from,
                                 std::size_t to, std::int32_t above) const {
    if (end <= from || to <= begin || least_[node] + above > 0) return end;
    if (to - from == 1) return from;
    const std::size_t middle = (from + to) / 2;
    const std::size_t left = free(begin, end, 2 * node, from, middle, above + added_[node]);
    return left != end ? left : free(begin, end, 2 * node + 1, middle, to, above + added_[node]);
  }

  std::size_t leaves_;
  std::vector<std::int32_t> least_;  ///< of the slots below, without what was added above
  std::vector<std::int32_t> added_;
};

class StackMonitor {
 public:
  explicit StackMonitor(const MonitoredHistory& history)
      : items_(items_of(history)),
        coverage_(history.size + 3),
        last_begin_(items_.size()),
        waiting_(items_.size()),
        bottom_(items_.size()) {
    for (std::size_t index = 0; index < items_.size(); ++index) {
      const Item& item = items_[index];
      coverage_.add(item.push.end, item.pop.begin, 1);
      last_begin_.set(index, item.pop.begin);
      waiting_.set(index, -std::int64_t{item.push.begin});
    }
  }

  bool run() {
    std::vector<std::pair<std::size_t, std::size_t>> parts{{0, items_.size()}};
    while (!parts.empty()) {
      auto [begin, end] = parts.back();
      parts.pop_back();
      while (begin < end && items_[begin].gone) ++begin;
      while (begin < end && items_[end - 1].gone) --end;
      if (begin == end) continue;
      const std::size_t slot = coverage_.free(items_[begin].push.end, items_[end - 1].push.end);
      if (slot != items_[end - 1].push.end) {
        const auto right = std::partition_point(items_.begin() + static_cast<std::ptrdiff_t>(begin),
                                                items_.begin() + static_cast<std::ptrdiff_t>(end),
                                                [&](const Item& item) { return item.push.end <= slot; });
        parts.emplace_back(right - items_.begin(), end);
        parts.emplace_back(begin, right - items_.begin());
        continue;
      }
      if (!take_bottom(begin, end)) return false;
      parts.emplace_back(begin, end);
    }
    return true;
  }

 private:
  struct Item {
    Span push;
    Span pop;
    bool gone = false;
  };

  /// What is never popped might be, after all else.
  static std::vector<Item> items_of(const MonitoredHistory& history) {
    std::vector<Item> items;
    for (const ValueCalls& value : history.values) {
      const Span pop = value.remove.value_or(Span{history.size + 1, history.size + 2});
      if (value.insert && value.insert->end < pop.begin) items.push_back({*value.insert, pop});
    }
    std::sort(items.begin(), items.end(),
              [](const Item& one, const Item& other) { return one.push.end < other.push.end; });
    return items;
  }

  /// Takes a value away that can be pushed first and popped last of those in [begin, end). False: none can.
  bool take_bottom(std::size_t begin, std::size_t end) {
    // Whose push can come first of all once can for good: the first return of a part never comes earlier.
    for (;;) {
      const auto [index, negative_begin] = waiting_.of(begin, end);
      if (negative_begin == lowest || -negative_begin >= std::int64_t{items_[begin].push.end}) break;
      waiting_.set(index, lowest);
      bottom_.set(index, items_[index].pop.end);
    }
    const auto [index, pop_end] = bottom_.of(begin, end);
    if (pop_end <= last_begin_.of(begin, end).second) return false;
    Item& item = items_[index];
    item.gone = true;
    bottom_.set(index, lowest);
    last_begin_.set(index, lowest);
    coverage_.add(item.push.end, item.pop.begin, -1);
    return true;
  }

  std::vector<Item> items_;
  Coverage coverage_;
  Largest last_begin_;  ///< of the pop of a value that is not gone
  Largest waiting_;     ///< minus the beginning of the push, where it could not come first yet
  Largest bottom_;      ///< the end of the pop, where the push can come first
};

}  // namespace

bool stack_is_right(const MonitoredHistory& history) {
  return can_be_empty(history) && StackMonitor(history).run();
}

}  // namespace coweave::detail
