#pragma once

/// What the plans of all searches have in common: a list of pieces in their order, in which those that are
/// left of a piece come to stand behind it.

#include <coweave/core/check.hpp>
#include <coweave/sim/search/search.hpp>

#include <algorithm>
#include <iterator>
#include <list>
#include <map>
#include <utility>

namespace coweave::sim {

/// `Task` says what is to be done in a piece, `Outcome` what follows from it when its turn has come.
template <class Task, class Outcome>
class OrderedPlan : public Plan {
 public:
  std::optional<Piece> take() final {
    for (Entry& entry : entries_) {
      if (entry.state != State::waiting) continue;
      std::optional<std::string> task = message(entry.task);
      if (!task) continue;
      entry.state = State::taken;
      return Piece{entry.number, entry.first_run, std::move(*task)};
    }
    return std::nullopt;
  }

  void done(std::uint64_t number, std::uint64_t runs, std::string_view left) final {
    const auto found = by_number_.find(number);
    if (found == by_number_.end()) return;
    Entry& entry = *found->second;
    COWEAVE_INTERNAL_CHECK(entry.state == State::taken, "only what was taken can be done");
    entry.state = State::done;
    place_ = std::next(found->second);
    next_run_ = entry.first_run + runs;
    entry.outcome = unfold(entry.task, left);
    entry.runs = runs;
  }

  void cut_behind(std::uint64_t number) final {
    const auto found = by_number_.find(number);
    if (found == by_number_.end()) return;
    for (auto entry = std::next(found->second); entry != entries_.end(); entry = entries_.erase(entry))
      by_number_.erase(entry->number);
  }

  [[nodiscard]] bool wants(std::uint64_t number) const final { return by_number_.count(number) > 0; }

  [[nodiscard]] std::optional<std::uint64_t> due() const final {
    if (entries_.empty()) return std::nullopt;
    return entries_.front().number;
  }

  void counted() final {
    COWEAVE_INTERNAL_CHECK(!entries_.empty() && entries_.front().state == State::done,
                           "only what is done can be counted");
    const Entry entry = std::move(entries_.front());
    by_number_.erase(entry.number);
    entries_.pop_front();
    runs_ += entry.runs;
    next_run_ = runs_ + 1;
    place_ = entries_.end();
    follow(entry.outcome);
  }

 protected:
  /// What a process must be told of `task`. None: too little is known yet.
  virtual std::optional<std::string> message(Task& task) = 0;
  /// Adds what `left` says is left of a piece, and returns what follows when its turn has come.
  virtual Outcome unfold(Task& task, std::string_view left) = 0;
  /// The turn of a piece has come, which was the first.
  virtual void follow(const Outcome& outcome) = 0;

  /// Adds a piece: behind the one that is unfolded, and those added since; when a turn has come, at the end.
  void add(Task task) { insert(place_, std::move(task)); }
  /// Adds a piece before the first for which `is_behind` holds.
  template <class IsBehind>
  void add_before(Task task, IsBehind is_behind) {
    insert(std::find_if(entries_.begin(), entries_.end(),
                        [&](const Entry& entry) { return is_behind(entry.task); }),
           std::move(task));
  }
  [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }

 private:
  enum class State : std::uint8_t { waiting, taken, done };
  struct Entry {
    std::uint64_t number;
    std::uint64_t first_run;
    std::uint64_t runs;
    State state;
    Task task;
    Outcome outcome;
  };
  using Entries = std::list<Entry>;

  void insert(typename Entries::iterator place, Task task) {
    const auto entry =
        entries_.insert(place, Entry{numbers_, next_run_, 0, State::waiting, std::move(task), Outcome{}});
    by_number_.emplace(numbers_++, entry);
  }

  Entries entries_;
  std::map<std::uint64_t, typename Entries::iterator> by_number_;
  typename Entries::iterator place_ = entries_.end();  // of the next that is added
  std::uint64_t next_run_ = 1;                         // of the next that is added
  std::uint64_t runs_ = 0;                             // that were counted
  std::uint64_t numbers_ = 0;                          // that were given
};

}  // namespace coweave::sim
