#include <coweave/tests/races/serial.hpp>

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <vector>

namespace coweave::tests {

namespace {

/// What a variable is: the write that it has from, and what was added since; each by number of the word.
struct Value {
  std::size_t base = 0;
  std::set<std::size_t> added = {};

  friend bool operator==(const Value&, const Value&) = default;
};

struct Effect {
  std::map<std::size_t, Value> found;  ///< by each word
  Value left;

  friend bool operator==(const Effect&, const Effect&) = default;
};

using Order = std::vector<std::size_t>;  // numbers of words, from 1

Effect effect_of(std::span<const Word> words, const Order& order) {
  Effect effect;
  for (const std::size_t number : order) {
    const char does = words[number - 1].does;
    if (does == 'w') {
      effect.left = {number};
      continue;
    }
    effect.found[number] = does == 'r' ? effect.left : Value{effect.left.base};
    if (does == 'u') effect.left.added.insert(number);
  }
  return effect;
}

/// The pieces of a task, in its order.
std::vector<Order> pieces_of(std::span<const Word> words, char task) {
  std::vector<Order> pieces;
  bool begun = false;
  for (std::size_t index = 0; index < words.size(); ++index) {
    if (words[index].task != task) continue;
    if (!begun) pieces.emplace_back();
    begun = begun || words[index].does != 'u';
    pieces.back().push_back(index + 1);
  }
  return pieces;
}

bool some_order_has(const Effect& effect, std::span<const Word> words,
                    const std::vector<std::vector<Order>>& tasks, std::vector<std::size_t>& done,
                    Order& order) {
  if (order.size() == words.size()) return effect_of(words, order) == effect;
  for (std::size_t task = 0; task < tasks.size(); ++task) {
    if (done[task] == tasks[task].size()) continue;
    const Order& piece = tasks[task][done[task]++];
    order.insert(order.end(), piece.begin(), piece.end());
    if (some_order_has(effect, words, tasks, done, order)) return true;
    order.resize(order.size() - piece.size());
    --done[task];
  }
  return false;
}

}  // namespace

bool is_serialisable(std::span<const Word> words) {
  std::vector<std::vector<Order>> tasks;
  std::set<char> known;
  Order as_it_was;
  for (std::size_t index = 0; index < words.size(); ++index) {
    as_it_was.push_back(index + 1);
    if (known.insert(words[index].task).second) tasks.push_back(pieces_of(words, words[index].task));
  }
  std::vector<std::size_t> done(tasks.size());
  Order order;
  return some_order_has(effect_of(words, as_it_was), words, tasks, done, order);
}

bool could_be_at_once(std::span<const Word> words) {
  const std::vector<Order> own = pieces_of(words, words.back().task);
  const Order& piece = own.back();
  Order as_it_was;
  Order others;
  for (std::size_t number = 1; number <= words.size(); ++number) {
    as_it_was.push_back(number);
    if (std::find(piece.begin(), piece.end(), number) == piece.end()) others.push_back(number);
  }
  const Effect effect = effect_of(words, as_it_was);
  for (std::size_t point = 0; point <= others.size(); ++point) {
    Order order = others;
    order.insert(order.begin() + static_cast<std::ptrdiff_t>(point), piece.begin(), piece.end());
    if (effect_of(words, order) == effect) return true;
  }
  return false;
}

}  // namespace coweave::tests
