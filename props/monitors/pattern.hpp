#pragma once

/// Patterns: which of the things that happen in a run are meant.
///
///     noted("ships").where("express")            notes `note("ships", "express")`
///     operation(Verb::acquire, "db").by("alice")  alice acquires what is called db
///     noted("commit") || noted("rollback")
///
/// Patterns are values; copying one is cheap.

#include <coweave/core/note.hpp>
#include <coweave/core/observer.hpp>
#include <coweave/props/monitors/key_value.hpp>
#include <coweave/props/monitors/occurrence.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace coweave::detail {

struct PatternNode;

/// What follows from the kind, label and verb of an occurrence alone.
enum class Match : std::uint8_t { no, maybe, yes };

}  // namespace coweave::detail

namespace coweave::monitors {

class Pattern {
 public:
  /// Those of these whose value number `index`, from 0, is `value`. A number is equal to a number, a text to
  /// a text.
  template <class Value>
    requires std::constructible_from<NoteValue, const Value&>
  [[nodiscard]] Pattern where(std::size_t index, const Value& value) const {
    return with_value(index, detail::KeyValue(NoteValue(value)));
  }
  /// The same of the first value.
  template <class Value>
    requires std::constructible_from<NoteValue, const Value&>
  [[nodiscard]] Pattern where(const Value& value) const {
    return where(0, value);
  }
  /// Those for which `condition` holds; `words` say that in reports. It must not depend on anything that
  /// differs between runs. Throws std::invalid_argument if it is empty.
  [[nodiscard]] Pattern where(std::string words, std::function<bool(const Occurrence&)> condition) const;
  /// Those of the task of that name, which is not empty.
  [[nodiscard]] Pattern by(std::string task_name) const;

  /// Whatever is meant by both, by any of them, or by neither.
  friend Pattern operator&&(const Pattern& one, const Pattern& other);
  friend Pattern operator||(const Pattern& one, const Pattern& other);
  friend Pattern operator!(const Pattern& pattern);

  [[nodiscard]] bool matches(const Occurrence& occurrence) const;
  /// What the pattern is called in reports: "ships('express')", "acquire db by alice".
  [[nodiscard]] std::string text() const;

  explicit Pattern(std::shared_ptr<const detail::PatternNode> node) : node_(std::move(node)) {}
  [[nodiscard]] const detail::PatternNode& node() const noexcept { return *node_; }

 private:
  [[nodiscard]] Pattern with_value(std::size_t index, detail::KeyValue value) const;

  std::shared_ptr<const detail::PatternNode> node_;
};

/// Notes with this label, which is not empty.
[[nodiscard]] Pattern noted(std::string label);
/// What primitives are used for: `verb` on what has that name (or, if it has none, is of that kind: "Lock");
/// without a name: on anything. An acquire or get happens when it is granted, a wait when the task comes to
/// wait.
[[nodiscard]] Pattern operation(Verb verb, std::string object = {});
/// A task is created; it has ended, however; its cancellation was requested. Also the root task, "main", is
/// created, before the first step: so what is said `per(task())` holds for it as for others.
[[nodiscard]] Pattern spawned();
[[nodiscard]] Pattern finished();
[[nodiscard]] Pattern cancel_requested();

}  // namespace coweave::monitors

namespace coweave::detail {

struct PatternNode {
  enum class Kind : std::uint8_t {
    note,
    operation,
    of_kind,
    value,
    condition,
    task,
    both,
    either,
    neither,
    nothing
  };
  Kind kind;
  std::string text = {};  ///< label, name of the object or the task, or the words of a condition
  Verb verb = Verb::read;
  monitors::Occurrence::Kind occurrence = monitors::Occurrence::Kind::note;
  std::size_t index = 0;
  KeyValue value = {};
  std::function<bool(const monitors::Occurrence&)> condition = {};
  std::shared_ptr<const PatternNode> one = {};
  std::shared_ptr<const PatternNode> other = {};
};

/// Of an occurrence of which only kind, label (null: one that no pattern names) and verb are known.
[[nodiscard]] Match may_match(const PatternNode& node, const monitors::Occurrence& known);
/// Calls `visit(label)` for the labels of notes that the pattern names.
void for_each_label(const PatternNode& node, const std::function<void(const std::string&)>& visit);

}  // namespace coweave::detail
