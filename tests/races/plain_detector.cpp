#include <coweave/tests/races/plain_detector.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

namespace coweave::tests {

namespace {

constexpr std::size_t none = SIZE_MAX;

class History {
 public:
  explicit History(std::span<const Word> words) : words_(words) {
    std::map<char, std::set<std::size_t>> known;  // to each task
    std::map<char, std::set<std::size_t>> set;    // what whoever set an event first knew
    std::map<char, std::set<std::size_t>> given;  // what those knew who gave permits
    std::map<char, std::size_t> acquired;
    std::map<char, std::set<std::size_t>> released;
    for (std::size_t index = 0; index < words.size(); ++index) {
      const Word& word = words[index];
      std::set<std::size_t>& now = known[word.task];
      if (word.does == '?') now.insert(set[word.which].begin(), set[word.which].end());
      if (word.does == '-') now.insert(given[word.which].begin(), given[word.which].end());
      if (word.does == '[') {
        if (acquired.contains(word.which) && now.contains(acquired[word.which]))
          now.insert(released[word.which].begin(), released[word.which].end());
        acquired[word.which] = index;
        holds_.push_back({word.which, word.task, index});
      }
      if (word.does == ']') end_hold(word, index);
      now.insert(index);
      if (word.does == '!' && set[word.which].empty()) set[word.which] = now;
      if (word.does == '+') given[word.which].insert(now.begin(), now.end());
      if (word.does == ']') released[word.which] = now;
      before_.push_back(now);
    }
  }

  [[nodiscard]] bool does(std::size_t index, const char* verbs) const {
    return std::string_view(verbs).find(words_[index].does) != std::string_view::npos;
  }
  [[nodiscard]] bool same_task(std::size_t one, std::size_t other) const {
    return words_[one].task == words_[other].task;
  }
  /// By what is known, and not by luck.
  [[nodiscard]] bool ordered(std::size_t one, std::size_t other) const {
    return before_[other].contains(one);
  }
  /// Whether a lock was held at both, and released in between.
  [[nodiscard]] bool common_lock(std::size_t one, std::size_t other) const {
    return common_lock(one, one, other);
  }
  /// The same of the first and the third, if it was held at the second too.
  [[nodiscard]] bool common_lock(std::size_t one, std::size_t other, std::size_t third) const {
    for (const Hold& first : holds_) {
      for (const Hold& last : holds_) {
        if (first.lock != last.lock || &first == &last || !covers(first, one) || !covers(last, third))
          continue;
        if (std::any_of(holds_.begin(), holds_.end(),
                        [&](const Hold& hold) { return hold.lock == first.lock && covers(hold, other); }))
          return true;
      }
    }
    return false;
  }
  /// The last access of the task before `until` that does one of `verbs`.
  [[nodiscard]] std::size_t last_of(char task, std::size_t until, const char* verbs) const {
    while (until-- > 0) {
      if (words_[until].task == task && does(until, verbs)) return until;
    }
    return none;
  }
  /// The write that `index` finds, but for updates.
  [[nodiscard]] std::size_t base_of(std::size_t index) const {
    while (index-- > 0) {
      if (does(index, "w")) return index;
    }
    return none;
  }
  /// It is the last that its task has written before `until`.
  [[nodiscard]] bool is_last_write(std::size_t index, std::size_t until) const {
    return does(index, "wu") && last_of(words_[index].task, until, "wu") == index;
  }
  [[nodiscard]] bool decides(std::size_t index) const {
    return does(index, "w") || (does(index, "u") && last_of(words_[index].task, index, "r") != none);
  }

  std::span<const Word> words_;

 private:
  struct Hold {
    char lock;
    char task;
    std::size_t from;
    std::size_t to = none;
  };

  void end_hold(const Word& word, std::size_t index) {
    for (Hold& hold : holds_) {
      if (hold.lock == word.which && hold.to == none) hold.to = index;
    }
  }
  /// Whether the access is made while the lock is held, by who holds it or, as far as is known, for it.
  [[nodiscard]] bool covers(const Hold& hold, std::size_t access) const {
    if (access < hold.from || access > hold.to) return false;
    if (words_[access].task == hold.task) return true;
    return ordered(hold.from, access) && (hold.to == none || ordered(access, hold.to));
  }

  std::vector<std::set<std::size_t>> before_;
  std::vector<Hold> holds_;
};

}  // namespace

Told plainly_apart(std::span<const Word> words) {
  const History history(words);
  const std::size_t now = words.size() - 1;
  const char task = words[now].task;
  if (!history.does(now, "rwu")) return Told::nothing;
  const std::size_t last = history.last_of(task, now, "rw");
  if (last == none) return Told::nothing;
  const bool rests_on_read = history.does(last, "r");
  bool by_some = false;

  // A read of what the task had not written itself.
  bool has_read_others = false;
  for (std::size_t index = 0; index < now; ++index) {
    const std::size_t base = history.base_of(index);
    if (words[index].task == task && history.does(index, "r") && (base == none || words[base].task != task))
      has_read_others = true;
  }

  bool is_first_loose = true;
  for (std::size_t other = last + 1; other < now; ++other) {
    if (history.same_task(other, now) || !history.does(other, "wu")) continue;
    const bool after_last = history.ordered(last, other);
    const bool before_now = history.ordered(other, now);
    const bool common = history.common_lock(other, now);
    const bool stands = history.is_last_write(other, now);
    if (history.does(now, "r") && stands && !before_now && !common) return Told::by_all;
    if (history.does(now, "w") && (rests_on_read || has_read_others)) {
      if (rests_on_read && (!after_last || (stands && !before_now))) return Told::by_all;
      if (!rests_on_read && !common && stands && !before_now) return Told::by_all;
      if (!rests_on_read && !common && !after_last) {
        if (is_first_loose) return Told::by_all;
        by_some = true;
      }
    }
    if (history.does(now, "u") && history.decides(other)) {
      if (rests_on_read && !after_last) return Told::by_all;
      if (rests_on_read && !before_now) by_some = true;
      if (!rests_on_read && history.does(other, "w") && !before_now && !common) by_some = true;
    }
    if (!after_last) is_first_loose = false;
  }

  const std::size_t written = history.last_of(task, now, "w");
  if (written != none && history.does(now, "wu")) {
    for (std::size_t other = written + 1; other < now; ++other) {
      if (history.same_task(other, now) || history.base_of(other) != written) continue;
      if (!history.does(other, history.does(now, "w") ? "ru" : "r")) continue;
      if (history.common_lock(written, other, now)) continue;
      if (!history.ordered(written, other) || !history.ordered(other, now)) by_some = true;
    }
  }
  return by_some ? Told::by_some : Told::nothing;
}

bool plainly_unordered(std::span<const Word> words) {
  const History history(words);
  const std::size_t now = words.size() - 1;
  if (!history.does(now, "rwu")) return false;
  bool written_since = false;
  for (std::size_t other = now; other-- > 0;) {
    const bool concerns = history.does(other, "wu")
                              ? history.is_last_write(other, now)
                              : history.does(other, "r") && history.does(now, "wu") && !written_since &&
                                    history.last_of(words[other].task, now, "r") == other;
    if (concerns && !history.same_task(other, now) && !history.ordered(other, now) &&
        !history.common_lock(other, now))
      return true;
    written_since = written_since || history.does(other, "wu");
  }
  return false;
}

}  // namespace coweave::tests
