#pragma once

/// Rules: what a clause of a monitor has seen of a run, and whether it still holds.

#include <coweave/core/task.hpp>
#include <coweave/props/monitors/key_value.hpp>
#include <coweave/props/monitors/monitor.hpp>
#include <coweave/props/monitors/run_view.hpp>

#include <memory>
#include <optional>
#include <source_location>
#include <span>
#include <string>

namespace coweave::detail {

class Rule {
 public:
  Rule(const Rule&) = delete;
  Rule& operator=(const Rule&) = delete;
  virtual ~Rule() = default;

  virtual void begin_run() = 0;
  /// Something occurs that matches the patterns of the clause whose bits are set in `roles`.
  virtual void seen(const monitors::Occurrence& now, unsigned roles) = 0;
  /// The run has come to its end, and nothing else occurs in it.
  virtual void run_ended() {}
  /// A time or step that it wanted to be woken at has passed.
  virtual void woken() {}

  [[nodiscard]] const Clause& clause() const noexcept { return clause_; }

 protected:
  /// Both must outlive it.
  Rule(const std::string& name, const Clause& clause, RunView& run)
      : name_(name), clause_(clause), run_(run) {}

  [[nodiscard]] RunView& run() const noexcept { return run_; }
  [[nodiscard]] std::string text_of(std::size_t pattern) const { return clause_.patterns[pattern].text(); }
  /// `at` is where it went wrong, if that is not `now`.
  void broken(const std::string& what, std::span<const Memo> memos, const monitors::Occurrence* now,
              std::source_location at = {}) const {
    const bool is_called_so = name_ == clause_.text;
    run_.fail({is_called_so ? name_ : name_ + ": " + clause_.text,
               "'" + name_ + "' is broken: " + what,
               is_called_so ? std::string() : "\nit says: " + clause_.text,
               {},
               at},
              memos, now);
  }

  /// Calls `use(value)` with what `now` is told apart by; or the run fails, because it has no such thing.
  template <class Use>
  void with_key(monitors::Key key, const monitors::Occurrence& now, Use use) const {
    if (key.kind == monitors::Key::Kind::value) {  // most often, and not copied
      if (const NoteValue* value = now.value(key.index)) return use(*value);
    }
    if (key.kind == monitors::Key::Kind::task) return use(NoteValue(now.task ? now.task->serial() : 0U));
    if (const std::optional<NoteValue> value = other_key_of(key, now)) use(*value);
  }
  /// A key in reports.
  [[nodiscard]] std::string key_text(monitors::Key key, const NoteValue& value) const;

 private:
  [[nodiscard]] std::optional<NoteValue> other_key_of(monitors::Key key,
                                                      const monitors::Occurrence& now) const;

  const std::string& name_;
  const Clause& clause_;
  RunView& run_;
};

/// A state for each key of the clause, or one for all occurrences.
template <class State>
class States {
 public:
  void clear() {
    all_.reset();
    of_keys_.clear();
  }
  /// Of a clause without a key.
  [[nodiscard]] State& of_all() noexcept { return all_; }
  [[nodiscard]] State& of(const NoteValue& key) { return of_keys_.at(key); }

  /// Calls `visit(key, state)` for each key, in the order in which they came; null: there are none.
  template <class Visit>
  void for_each(bool keyed, Visit visit) {
    if (!keyed) return visit(static_cast<const KeyValue*>(nullptr), all_);
    for (auto& entry : of_keys_) visit(static_cast<const KeyValue*>(&entry.key), entry.state);
  }

 private:
  State all_;
  KeyTable<State> of_keys_;
};

[[nodiscard]] std::unique_ptr<Rule> make_rule(const std::string& name, const Clause& clause, RunView& run);

// One for each room of rules.
[[nodiscard]] std::unique_ptr<Rule> make_order_rule(const std::string& name, const Clause& clause,
                                                    RunView& run);
[[nodiscard]] std::unique_ptr<Rule> make_waiting_rule(const std::string& name, const Clause& clause,
                                                      RunView& run);
[[nodiscard]] std::unique_ptr<Rule> make_fairness_rule(const std::string& name, const Clause& clause,
                                                       RunView& run);
[[nodiscard]] std::unique_ptr<Rule> make_causal_rule(const std::string& name, const Clause& clause,
                                                     RunView& run);

}  // namespace coweave::detail
