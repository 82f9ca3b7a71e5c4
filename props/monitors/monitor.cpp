#include <coweave/props/monitors/monitor.hpp>

#include <coweave/props/options.hpp>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <utility>

namespace coweave::monitors {

using detail::Clause;
using detail::Form;

namespace {

Clause make(Form form, const char* name, std::vector<Pattern> patterns, std::source_location at,
            const std::string& more = {}) {
  Clause clause{form, std::string(name) + "("};
  for (std::size_t index = 0; index < patterns.size(); ++index)
    clause.text += (index == 0 ? "" : ", ") + patterns[index].text();
  clause.text += more + ")";
  clause.patterns = std::move(patterns);
  clause.at = at;
  return clause;
}

std::string text_of(Key key) {
  switch (key.kind) {
    case Key::Kind::value:
      return "value(" + std::to_string(key.index) + ")";
    case Key::Kind::task:
      return "task()";
    case Key::Kind::object:
      return "object()";
    case Key::Kind::none:
      break;
  }
  return "Key{}";
}

bool is_same(Key one, Key other) { return one.kind == other.kind && one.index == other.index; }

[[noreturn]] void refuse(const std::string& what, const Clause& clause) {
  throw std::invalid_argument("a monitor's " + what + " does not go with " + clause.text);
}

/// Whether what `pattern` means never has such a key, or one of the things that it means has not.
bool lacks(Key key, const detail::PatternNode& pattern) {
  using Kind = detail::PatternNode::Kind;
  switch (pattern.kind) {
    case Kind::note:
      return key.kind == Key::Kind::object;
    case Kind::operation:
      return key.kind == Key::Kind::value;
    case Kind::of_kind:
      return key.kind == Key::Kind::value || key.kind == Key::Kind::object;
    case Kind::value:
    case Kind::condition:
    case Kind::task:
      return lacks(key, *pattern.one);
    case Kind::both:
    case Kind::either:
      return lacks(key, *pattern.one) || lacks(key, *pattern.other);
    case Kind::neither:
    case Kind::nothing:
      break;
  }
  return false;
}

void require_told_apart(Key key, const Clause& clause) {
  for (const Pattern& pattern : clause.patterns) {
    if (!lacks(key, pattern.node())) continue;
    throw std::invalid_argument(
        clause.text + ": '" + pattern.text() + "' has no " + text_of(key) +
        (key.kind == Key::Kind::value
             ? ", only notes have values; use task() or object(), or make a note of it"
             : ", only operations have objects; use value(…) of a note, or task()"));
  }
}

/// Writes `now` behind what stands there, instead of `before` if that is not empty.
void say(Clause& clause, const std::string& before, const std::string& now) {
  const bool is_called_so = clause.called == clause.text;
  const std::size_t found = before.empty() ? std::string::npos : clause.text.rfind(before);
  if (found == std::string::npos) {
    clause.text += now;
  } else {
    clause.text.replace(found, before.size(), now);
  }
  if (is_called_so) clause.called = clause.text;
}

std::string per_text(Key key) { return key.kind == Key::Kind::none ? "" : ".per(" + text_of(key) + ")"; }

void require_key(Key key, const char* what) {
  if (key.kind == Key::Kind::none)
    throw std::invalid_argument(std::string(what) +
                                " needs value(…), task() or object() to tell occurrences apart");
}

bool waits_for_an_end(const Clause& clause) {
  return clause.form == Form::eventually || clause.form == Form::leads_to;
}

}  // namespace

Monitor::Monitor(Clause clause) {
  clause.called = clause.text;
  clauses_.push_back(std::move(clause));
  join_names();
}

void Monitor::join_names() {
  name_.clear();
  for (const Clause& clause : clauses_) {
    if (!clause.called.empty()) name_ += (name_.empty() ? "" : " && ") + clause.called;
  }
}

Monitor Monitor::named(std::string name) const {
  if (name.empty()) throw std::invalid_argument("a monitor's name is empty; write what must hold");
  Monitor monitor = *this;
  for (Clause& clause : monitor.clauses_) clause.called.clear();
  monitor.clauses_.front().called = std::move(name);
  monitor.join_names();
  return monitor;
}

Monitor Monitor::per(Key key) const {
  require_key(key, "per()");
  Monitor monitor = *this;
  for (Clause& clause : monitor.clauses_) {
    if (clause.form == Form::never || clause.form == Form::eventually) refuse("per()", clause);
    require_told_apart(key, clause);
    say(clause, per_text(clause.per), per_text(key));
    clause.per = key;
  }
  monitor.join_names();
  return monitor;
}

Monitor Monitor::within(std::chrono::nanoseconds time) const {
  if (time < std::chrono::nanoseconds::zero())
    throw std::invalid_argument("a monitor's within() takes no negative time");
  Monitor monitor = *this;
  for (Clause& clause : monitor.clauses_) {
    if (!waits_for_an_end(clause)) refuse("within()", clause);
    const auto text = [](std::chrono::nanoseconds max) {
      return max == std::chrono::nanoseconds::max() ? "" : ".within(" + duration_text(max) + ")";
    };
    say(clause, text(clause.time_max), text(time));
    clause.time_max = time;
  }
  monitor.join_names();
  return monitor;
}

Monitor Monitor::within_steps(std::uint64_t steps) const {
  Monitor monitor = *this;
  for (Clause& clause : monitor.clauses_) {
    if (!waits_for_an_end(clause)) refuse("within_steps()", clause);
    const auto text = [](std::uint64_t max) {
      return max == std::numeric_limits<std::uint64_t>::max() ? ""
                                                              : ".within_steps(" + std::to_string(max) + ")";
    };
    say(clause, text(clause.steps_max), text(steps));
    clause.steps_max = steps;
  }
  monitor.join_names();
  return monitor;
}

Monitor Monitor::unless(const Pattern& exit) const {
  Monitor monitor = *this;
  for (Clause& clause : monitor.clauses_) {
    if (clause.form != Form::leads_to && clause.form != Form::bounded_wait) refuse("unless()", clause);
    if (clause.has_exit)
      throw std::invalid_argument("a monitor's unless() is given once; join patterns with ||");
    clause.patterns.push_back(exit);
    require_told_apart(clause.per, clause);
    require_told_apart(clause.who, clause);
    say(clause, "", ".unless(" + exit.text() + ")");
    clause.has_exit = true;
  }
  monitor.join_names();
  return monitor;
}

Monitor operator&&(Monitor one, const Monitor& other) {
  one.clauses_.insert(one.clauses_.end(), other.clauses_.begin(), other.clauses_.end());
  one.join_names();
  return one;
}

Monitor never(const Pattern& event, std::source_location at) {
  return Monitor(make(Form::never, "never", {event}, at));
}

Monitor always(const Pattern& event, const Pattern& good, std::source_location at) {
  Clause clause = make(Form::never, "always", {event, good}, at);
  clause.patterns = {event && !good};
  return Monitor(std::move(clause));
}

Monitor eventually(const Pattern& event, std::source_location at) {
  return Monitor(make(Form::eventually, "eventually", {event}, at));
}

Monitor leads_to(const Pattern& cause, const Pattern& effect, std::source_location at) {
  return Monitor(make(Form::leads_to, "leads_to", {cause, effect}, at));
}

Monitor precedes(const Pattern& earlier, const Pattern& later, std::source_location at) {
  return Monitor(make(Form::precedes, "precedes", {earlier, later}, at));
}

Monitor never_between(const Pattern& from, const Pattern& to, const Pattern& event, std::source_location at) {
  return Monitor(make(Form::never_between, "never_between", {from, to, event}, at));
}

Monitor exclusive(const Pattern& enter, const Pattern& leave, std::source_location at) {
  return Monitor(make(Form::exclusive, "exclusive", {enter, leave}, at));
}

Monitor fifo(const Pattern& put, const Pattern& get, Key item, std::source_location at) {
  require_key(item, "fifo()");
  const std::string more = is_same(item, value(0)) ? "" : ", " + text_of(item);
  Clause clause = make(Form::fifo, "fifo", {put, get}, at, more);
  require_told_apart(item, clause);
  clause.who = item;
  return Monitor(std::move(clause));
}

Monitor bounded_wait(const Pattern& request, const Pattern& grant, std::uint64_t overtakings_max, Key who,
                     std::source_location at) {
  require_key(who, "bounded_wait()");
  const std::string more =
      ", " + std::to_string(overtakings_max) + (is_same(who, task()) ? "" : ", " + text_of(who));
  Clause clause = make(Form::bounded_wait, "bounded_wait", {request, grant}, at, more);
  constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  clause.bound = static_cast<std::int64_t>(std::min(overtakings_max, most));
  require_told_apart(who, clause);
  clause.who = who;
  return Monitor(std::move(clause));
}

Monitor happens_before(const Pattern& earlier, const Pattern& later, std::source_location at) {
  return Monitor(make(Form::happens_before, "happens_before", {earlier, later}, at));
}

std::string Count::text() const {
  if (events_.empty()) return std::to_string(more_);
  const std::string text = "count(" + events_.front().text() + ")";
  return more_ == 0  ? text
         : more_ > 0 ? text + " + " + std::to_string(more_)
                     : text + " - " + std::to_string(-more_);
}

Monitor Count::compare(const Count& less, const Count& more, std::int64_t bound, std::string text) {
  if (less.events_.empty() && more.events_.empty())
    throw std::invalid_argument("a comparison without count(): " + text);
  bound += more.more_ - less.more_;
  if (bound < 0 && less.events_.empty())
    throw std::invalid_argument(
        text + ": a count only grows, so it cannot be large enough all along; use eventually(" +
        more.events_.front().text() + ")");
  if (bound < 0)
    throw std::invalid_argument(text + ": it does not hold from the beginning, where each count is 0");
  Clause clause{Form::count, std::move(text)};
  const Pattern nothing(
      std::make_shared<const detail::PatternNode>(detail::PatternNode{detail::PatternNode::Kind::nothing}));
  const auto pattern_of = [&](const Count& side) {
    return side.events_.empty() ? nothing : side.events_.front();
  };
  clause.patterns = {pattern_of(less), pattern_of(more)};
  clause.bound = bound;
  clause.at = less.events_.empty() ? more.at_ : less.at_;
  return Monitor(std::move(clause));
}

Monitor operator<=(const Count& less, const Count& more) {
  return Count::compare(less, more, 0, less.text() + " <= " + more.text());
}
Monitor operator<(const Count& less, const Count& more) {
  return Count::compare(less, more, -1, less.text() + " < " + more.text());
}
Monitor operator>=(const Count& more, const Count& less) {
  return Count::compare(less, more, 0, more.text() + " >= " + less.text());
}
Monitor operator>(const Count& more, const Count& less) {
  return Count::compare(less, more, -1, more.text() + " > " + less.text());
}

}  // namespace coweave::monitors
