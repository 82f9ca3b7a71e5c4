#pragma once

/// Monitors: what must hold in every run of an exploration, of the order in which things happen.
///
///     using namespace coweave::monitors;
///     explore(scenario, {.monitors = {precedes(noted("open"), noted("use")).per(value(0)),
///                                     exclusive(noted("enter"), noted("leave")).named("one at a time"),
///                                     count(noted("sent")) <= count(noted("acknowledged")) + 3}});
///
/// They are looked at while a run goes on, and fail it at the step that breaks one, as a failure of kind
/// `invariant` that shows the occurrences concerned. One that holds makes no choice and no event: the run is
/// the same with and without it. docs/monitors.md shows each with a failure.
///
/// Where an occurrence can be two things that a form speaks of, the form says which it is first.

#include <coweave/props/monitors/pattern.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <source_location>
#include <string>
#include <vector>

namespace coweave::monitors {

/// What tells occurrences apart.
struct Key {
  enum class Kind : std::uint8_t { none, value, task, object };
  Kind kind = Kind::none;
  std::size_t index = 0;
};
/// A value of the note, from 0.
[[nodiscard]] constexpr Key value(std::size_t index) noexcept { return {Key::Kind::value, index}; }
/// The task of the occurrence.
[[nodiscard]] constexpr Key task() noexcept { return {Key::Kind::task}; }
/// The object of the operation.
[[nodiscard]] constexpr Key object() noexcept { return {Key::Kind::object}; }

}  // namespace coweave::monitors

namespace coweave::detail {

enum class Form : std::uint8_t {
  never,
  eventually,
  leads_to,
  precedes,
  never_between,
  exclusive,
  fifo,
  bounded_wait,
  count,
  happens_before,
};

/// One form, with all that it was given.
struct Clause {
  Form form;
  std::string text;  ///< how it was written: "precedes(open, use)"
  std::vector<monitors::Pattern> patterns = {};
  monitors::Key per = {};  ///< which occurrences belong together; none: all
  monitors::Key who = {};  ///< of fifo the item, of bounded_wait who waits
  std::int64_t bound = 0;  ///< of bounded_wait; of count the most by which the first is above the second
  std::chrono::nanoseconds time_max = std::chrono::nanoseconds::max();
  std::uint64_t steps_max = std::numeric_limits<std::uint64_t>::max();
  bool has_exit = false;         ///< the last pattern ends what the form waits for
  std::source_location at = {};  ///< where it was written
  /// Its part of the monitor's name; empty if the part of the one before it was given to both.
  std::string called = {};
};

}  // namespace coweave::detail

namespace coweave::monitors {

class Monitor {
 public:
  /// The same under a name, which reports and the signature of the failure carry. Without one it is called as
  /// it was written: "precedes(open, use)". Throws std::invalid_argument for an empty one.
  [[nodiscard]] Monitor named(std::string name) const;
  /// The same for each key on its own: of occurrences with another key it knows nothing. An occurrence that
  /// lacks the key breaks it. A second key takes the place of the first. Throws std::invalid_argument for
  /// `never`, `always` and `eventually`, where it would say nothing, and for patterns that have no such key:
  /// only notes have values, and only operations objects.
  [[nodiscard]] Monitor per(Key key) const;
  /// Of `eventually` and `leads_to`: so soon, at least 0. Time is virtual. Counted from the beginning of the
  /// run or the occurrence that calls for it, or from the last fault, cancellation or time-out that was
  /// injected, whichever is later. Throws std::invalid_argument for others.
  [[nodiscard]] Monitor within(std::chrono::nanoseconds time) const;
  [[nodiscard]] Monitor within_steps(std::uint64_t steps) const;
  /// Of `leads_to` and `bounded_wait`: `exit`, of the same key and whoever waits, ends the wait as well.
  /// Throws std::invalid_argument for others.
  [[nodiscard]] Monitor unless(const Pattern& exit) const;

  /// Both as one invariant. Its name is that of both, joined; `named` gives it another. What is said of it
  /// afterwards (`per`, `within`, `unless`) is said of both.
  friend Monitor operator&&(Monitor one, const Monitor& other);

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] const std::vector<detail::Clause>& clauses() const noexcept { return clauses_; }

  explicit Monitor(detail::Clause clause);

 private:
  void join_names();

  std::string name_;
  std::vector<detail::Clause> clauses_;
};

// `at`, of each, is where the monitor is told to be if nothing that occurs is what is wrong.

/// `event` does not occur.
[[nodiscard]] Monitor never(const Pattern& event, std::source_location at = std::source_location::current());
/// Every `event` is one of `good` too.
[[nodiscard]] Monitor always(const Pattern& event, const Pattern& good,
                             std::source_location at = std::source_location::current());
/// `event` occurs before the run ends.
[[nodiscard]] Monitor eventually(const Pattern& event,
                                 std::source_location at = std::source_location::current());
/// After each `cause` there is an `effect` before the run ends. One effect is enough for all causes before
/// it. What is both is an effect first.
[[nodiscard]] Monitor leads_to(const Pattern& cause, const Pattern& effect,
                               std::source_location at = std::source_location::current());
/// There is no `later` before the first `earlier`. What is both is an earlier one first.
[[nodiscard]] Monitor precedes(const Pattern& earlier, const Pattern& later,
                               std::source_location at = std::source_location::current());
/// After each `from`, and until the next `to`, there is no `event`. What is an event and an end is an end
/// first, and what is an event and a beginning an event first.
[[nodiscard]] Monitor never_between(const Pattern& from, const Pattern& to, const Pattern& event,
                                    std::source_location at = std::source_location::current());
/// After each `enter` there is a `leave` before the next `enter`. What is both is a leave first.
[[nodiscard]] Monitor exclusive(const Pattern& enter, const Pattern& leave,
                                std::source_location at = std::source_location::current());
/// Items come out in the order in which they went in, each once; not all have to. The item is `item` of both.
/// What is both goes in first. Throws std::invalid_argument for patterns that have no such key.
[[nodiscard]] Monitor fifo(const Pattern& put, const Pattern& get, Key item = value(0),
                           std::source_location at = std::source_location::current());
/// Whoever has made a `request` is passed over at most `overtakings_max` times before its own `grant`: by a
/// grant to one that came later, or did not ask. Who that is says `who`. What is both is a grant first.
/// Throws std::invalid_argument for patterns that have no such key.
[[nodiscard]] Monitor bounded_wait(const Pattern& request, const Pattern& grant,
                                   std::uint64_t overtakings_max, Key who = task(),
                                   std::source_location at = std::source_location::current());
/// Wherever `later` occurs, `earlier` has occurred, and each time it did, the synchronisation orders it
/// before: not only in this schedule, but in all that synchronise alike. So it fails runs in which the order
/// was right by chance. What orders is in docs/monitors.md.
[[nodiscard]] Monitor happens_before(const Pattern& earlier, const Pattern& later,
                                     std::source_location at = std::source_location::current());

/// How often something has occurred, and a number more: for comparisons, which are monitors.
class Count {
 public:
  Count(const Pattern& event, std::source_location at) : events_{event}, at_(at) {}
  Count(std::int64_t number) : more_(number) {}

  friend Count operator+(Count count, std::int64_t more) {
    count.more_ += more;
    return count;
  }
  friend Count operator-(Count count, std::int64_t less) {
    count.more_ -= less;
    return count;
  }

  /// The comparison holds after each occurrence. Throws std::invalid_argument if no side counts anything, and
  /// if it does not hold from the beginning, where each count is 0.
  friend Monitor operator<=(const Count& less, const Count& more);
  friend Monitor operator<(const Count& less, const Count& more);
  friend Monitor operator>=(const Count& more, const Count& less);
  friend Monitor operator>(const Count& more, const Count& less);

 private:
  [[nodiscard]] std::string text() const;
  /// `less` is at most `bound` above `more`; `text` is how that was written.
  [[nodiscard]] static Monitor compare(const Count& less, const Count& more, std::int64_t bound,
                                       std::string text);

  std::vector<Pattern> events_;  // one, or none
  std::int64_t more_ = 0;
  std::source_location at_ = {};
};
[[nodiscard]] inline Count count(const Pattern& event,
                                 std::source_location at = std::source_location::current()) {
  return Count(event, at);
}

}  // namespace coweave::monitors
