#include <coweave/props/linearizability/search.hpp>

#include <coweave/props/linearizability/frontier.hpp>

#include <algorithm>
#include <cstddef>

namespace coweave::detail {

namespace {

/// The configurations that were seen: sets of calls, as bits, with a state each.
class Memo {
 public:
  explicit Memo(std::size_t calls) : words_((calls + 63) / 64), now_(words_, 0) {}

  [[nodiscard]] bool contains(std::uint32_t call) const noexcept {
    return ((now_[call / 64] >> (call % 64)) & 1U) != 0;
  }
  /// Adds or removes `call` from the present set.
  void flip(std::uint32_t call) noexcept {
    now_[call / 64] ^= std::uint64_t{1} << (call % 64);
    hash_ ^= mixed(call);
  }

  /// Whether the present set has not been seen with `state`. From now on it has.
  bool is_new(std::uint32_t state) {
    if (2 * (states_.size() + 1) > table_.size()) grow();
    const std::uint64_t hash = mixed(hash_ ^ (std::uint64_t{state} << 32U));
    std::size_t place = hash & (table_.size() - 1);
    for (; table_[place] != 0; place = (place + 1) & (table_.size() - 1)) {
      const std::size_t entry = table_[place] - 1;
      if (hashes_[entry] == hash && states_[entry] == state &&
          std::equal(now_.begin(), now_.end(), sets_.begin() + static_cast<std::ptrdiff_t>(entry * words_)))
        return false;
    }
    sets_.insert(sets_.end(), now_.begin(), now_.end());
    states_.push_back(state);
    hashes_.push_back(hash);
    table_[place] = static_cast<std::uint32_t>(states_.size());
    return true;
  }

 private:
  void grow() {
    table_.assign(std::max<std::size_t>(64, 2 * table_.size()), 0);
    for (std::size_t entry = 0; entry < hashes_.size(); ++entry) {
      std::size_t place = hashes_[entry] & (table_.size() - 1);
      while (table_[place] != 0) place = (place + 1) & (table_.size() - 1);
      table_[place] = static_cast<std::uint32_t>(entry + 1);
    }
  }

  std::size_t words_;
  std::vector<std::uint64_t> now_;
  std::uint64_t hash_ = 0;
  std::vector<std::uint64_t> sets_;  ///< `words_` words an entry
  std::vector<std::uint32_t> states_;
  std::vector<std::uint64_t> hashes_;
  std::vector<std::uint32_t> table_;  ///< numbers of entries, from 1
};

template <class Frontier>
class Search {
 public:
  Search(std::span<const Interval> calls, StateSpace& space, const SearchOptions& options)
      : calls_(calls),
        space_(space),
        options_(options),
        work_before_(space.work()),
        frontier_(calls),
        memo_(calls.size()) {
    left_ = static_cast<std::size_t>(
        std::count_if(calls.begin(), calls.end(), [](const Interval& call) { return !call.optional; }));
  }

  SearchResult run() {
    std::uint32_t place = frontier_.first();
    while (left_ > 0) {
      const Candidate candidate = frontier_.at(place);
      if (candidate.due) {
        if (candidate.call != unset && calls_[candidate.call].optional && leave_out(candidate.call)) {
          place = frontier_.first();
          continue;
        }
        keep_if_longest(candidate.call);
        if (!go_back(place)) return end(SearchResult::End::impossible);
        continue;
      }
      if (steps() >= options_.steps_max) return end(SearchResult::End::gave_up);
      ++tried_;
      place = attempt(candidate.call) ? frontier_.first() : frontier_.after(place);
    }
    tell();
    return end(SearchResult::End::found);
  }

 private:
  /// A call that has taken effect, or was left out.
  struct Frame {
    std::uint32_t call;
    std::uint32_t state;  ///< before
    bool left_out;        ///< because it could not wait: nothing else needs to be tried in its place
  };

  /// Lets `call` take effect, if the model allows it and that leads to something new.
  bool attempt(std::uint32_t call) {
    const std::uint32_t after = space_.next(state_, call, calls_[call].observed);
    if (after == StateSpace::none) return false;
    // One that may be left out, and makes no difference now, can wait.
    if (after == state_ && calls_[call].optional) return false;
    return advance({call, state_, false}, after);
  }

  /// The time of an optional call is over without an effect.
  bool leave_out(std::uint32_t call) { return advance({call, state_, true}, state_); }

  bool advance(const Frame& frame, std::uint32_t after) {
    memo_.flip(frame.call);
    if (options_.memoisation && !memo_.is_new(after)) {
      memo_.flip(frame.call);
      return false;
    }
    frames_.push_back(frame);
    if (!calls_[frame.call].optional) --left_;
    state_ = after;
    frontier_.lift(frame.call);
    return true;
  }

  /// Undoes the last call in whose place another may be tried, and sets `place` behind it.
  bool go_back(std::uint32_t& place) {
    for (;;) {
      if (frames_.empty()) return false;
      const Frame frame = frames_.back();
      frames_.pop_back();
      frontier_.put_back(frame.call);
      memo_.flip(frame.call);
      if (!calls_[frame.call].optional) ++left_;
      state_ = frame.state;
      if (frame.left_out) continue;
      place = frontier_.after(frontier_.place_of(frame.call));
      return true;
    }
  }

  void keep_if_longest(std::uint32_t misfit) {
    if (result_.misfit != unset && frames_.size() <= longest_) return;
    longest_ = frames_.size();
    result_.misfit = misfit;
    tell();
  }

  void tell() {
    result_.order.clear();
    for (const Frame& frame : frames_) {
      if (!frame.left_out) result_.order.push_back(frame.call);
    }
    result_.state = state_;
  }

  [[nodiscard]] std::uint64_t steps() const noexcept { return tried_ + (space_.work() - work_before_); }

  SearchResult end(SearchResult::End how) {
    result_.end = how;
    result_.steps = steps();
    if (how == SearchResult::End::found) result_.misfit = unset;
    return std::move(result_);
  }

  std::span<const Interval> calls_;
  StateSpace& space_;
  SearchOptions options_;
  std::uint64_t work_before_;
  Frontier frontier_;
  Memo memo_;
  std::vector<Frame> frames_;
  std::uint32_t state_ = 0;
  std::uint64_t tried_ = 0;  ///< calls in their places
  std::size_t left_ = 0;     ///< calls that must take effect and have not
  std::size_t longest_ = 0;
  SearchResult result_;
};

}  // namespace

SearchResult find_linearisation(std::span<const Interval> calls, StateSpace& space,
                                const SearchOptions& options) {
  if (options.order == CallOrder::program) return Search<ProgramFrontier>(calls, space, options).run();
  return Search<RealTimeFrontier>(calls, space, options).run();
}

}  // namespace coweave::detail
