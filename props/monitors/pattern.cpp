#include <coweave/props/monitors/pattern.hpp>

#include <coweave/core/task.hpp>
#include <coweave/traces/printable.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace coweave::detail {

using monitors::Occurrence;

namespace {

/// Texts are short and mostly differ in the first character: to find out how long the other is would take
/// longer than the look.
[[gnu::always_inline]] inline bool is_text(const PatternNode& node, const char* other) noexcept {
  const char* mine = node.text.c_str();
  for (; *mine == *other; ++mine, ++other) {
    if (*mine == '\0') return true;
  }
  return false;
}

bool is_object(const PatternNode& node, const ObjectRef& object) {
  return node.text.empty() || is_text(node, object.name ? object.name : object.kind);
}

bool matches(const PatternNode& node, const Occurrence& occurrence) {
  switch (node.kind) {
    case PatternNode::Kind::note:
      return occurrence.kind == Occurrence::Kind::note && is_text(node, occurrence.label);
    case PatternNode::Kind::operation:
      return occurrence.kind == Occurrence::Kind::operation && occurrence.verb == node.verb &&
             is_object(node, occurrence.object);
    case PatternNode::Kind::of_kind:
      return occurrence.kind == node.occurrence;
    case PatternNode::Kind::value: {
      const NoteValue* value = occurrence.value(node.index);
      return value && node.value.equals(*value) && matches(*node.one, occurrence);
    }
    case PatternNode::Kind::condition:
      return matches(*node.one, occurrence) && node.condition(occurrence);
    case PatternNode::Kind::task:
      return matches(*node.one, occurrence) && occurrence.task && occurrence.task->is_named(node.text);
    case PatternNode::Kind::both:
      return matches(*node.one, occurrence) && matches(*node.other, occurrence);
    case PatternNode::Kind::either:
      return matches(*node.one, occurrence) || matches(*node.other, occurrence);
    case PatternNode::Kind::neither:
      return !matches(*node.one, occurrence);
    case PatternNode::Kind::nothing:
      break;
  }
  return false;
}

std::string text_of(const PatternNode& node) {
  switch (node.kind) {
    case PatternNode::Kind::note:
      return node.text;
    case PatternNode::Kind::operation:
      return std::string(to_string(node.verb)) + (node.text.empty() ? "" : " " + node.text);
    case PatternNode::Kind::of_kind:
      return node.occurrence == Occurrence::Kind::spawned    ? "spawned"
             : node.occurrence == Occurrence::Kind::finished ? "finished"
                                                             : "cancel requested";
    case PatternNode::Kind::value: {
      std::string values;
      for (std::size_t index = 0; index < node.index; ++index) values += "_, ";
      return text_of(*node.one) + "(" + values + to_string(node.value.view()) + ")";
    }
    case PatternNode::Kind::condition:
      return text_of(*node.one) + " where " + node.text;
    case PatternNode::Kind::task:
      return text_of(*node.one) + " by " + node.text;
    case PatternNode::Kind::both:
      return "(" + text_of(*node.one) + " and " + text_of(*node.other) + ")";
    case PatternNode::Kind::either:
      return "(" + text_of(*node.one) + " or " + text_of(*node.other) + ")";
    case PatternNode::Kind::neither:
      return "not " + text_of(*node.one);
    case PatternNode::Kind::nothing:
      return "nothing";
  }
  return {};
}

Match at_most_maybe(Match match) { return match == Match::no ? Match::no : Match::maybe; }

monitors::Pattern make(PatternNode node) {
  return monitors::Pattern(std::make_shared<const PatternNode>(std::move(node)));
}

}  // namespace

Match may_match(const PatternNode& node, const Occurrence& known) {
  const auto when = [](bool condition) { return condition ? Match::yes : Match::no; };
  switch (node.kind) {
    case PatternNode::Kind::note:
      return when(known.kind == Occurrence::Kind::note && known.label && node.text == known.label);
    case PatternNode::Kind::operation: {
      const Match match = when(known.kind == Occurrence::Kind::operation && known.verb == node.verb);
      return node.text.empty() ? match : at_most_maybe(match);
    }
    case PatternNode::Kind::of_kind:
      return when(known.kind == node.occurrence);
    case PatternNode::Kind::value:
      if (known.kind != Occurrence::Kind::note) return Match::no;
      return at_most_maybe(may_match(*node.one, known));
    case PatternNode::Kind::condition:
    case PatternNode::Kind::task:
      return at_most_maybe(may_match(*node.one, known));
    case PatternNode::Kind::both:
      return std::min(may_match(*node.one, known), may_match(*node.other, known));
    case PatternNode::Kind::either:
      return std::max(may_match(*node.one, known), may_match(*node.other, known));
    case PatternNode::Kind::neither: {
      const Match match = may_match(*node.one, known);
      return match == Match::yes ? Match::no : match == Match::no ? Match::yes : Match::maybe;
    }
    case PatternNode::Kind::nothing:
      break;
  }
  return Match::no;
}

void for_each_label(const PatternNode& node, const std::function<void(const std::string&)>& visit) {
  if (node.kind == PatternNode::Kind::note) visit(node.text);
  if (node.one) for_each_label(*node.one, visit);
  if (node.other) for_each_label(*node.other, visit);
}

}  // namespace coweave::detail

namespace coweave::monitors {

using detail::PatternNode;

bool Pattern::matches(const Occurrence& occurrence) const { return detail::matches(*node_, occurrence); }

std::string Pattern::text() const { return traces::printable(detail::text_of(*node_)); }

Pattern Pattern::with_value(std::size_t index, detail::KeyValue value) const {
  PatternNode node{PatternNode::Kind::value};
  node.index = index;
  node.value = std::move(value);
  node.one = node_;
  return detail::make(std::move(node));
}

Pattern Pattern::where(std::string words, std::function<bool(const Occurrence&)> condition) const {
  if (!condition) throw std::invalid_argument("a pattern's where() needs a condition: '" + words + "'");
  PatternNode node{PatternNode::Kind::condition, std::move(words)};
  node.condition = std::move(condition);
  node.one = node_;
  return detail::make(std::move(node));
}

Pattern Pattern::by(std::string task_name) const {
  if (task_name.empty()) throw std::invalid_argument("a pattern's by() needs the name of a task");
  PatternNode node{PatternNode::Kind::task, std::move(task_name)};
  node.one = node_;
  return detail::make(std::move(node));
}

Pattern operator&&(const Pattern& one, const Pattern& other) {
  PatternNode node{PatternNode::Kind::both};
  node.one = one.node_;
  node.other = other.node_;
  return detail::make(std::move(node));
}

Pattern operator||(const Pattern& one, const Pattern& other) {
  PatternNode node{PatternNode::Kind::either};
  node.one = one.node_;
  node.other = other.node_;
  return detail::make(std::move(node));
}

Pattern operator!(const Pattern& pattern) {
  PatternNode node{PatternNode::Kind::neither};
  node.one = pattern.node_;
  return detail::make(std::move(node));
}

Pattern noted(std::string label) {
  if (label.empty()) throw std::invalid_argument("noted() needs the label of a note");
  return detail::make({PatternNode::Kind::note, std::move(label)});
}

Pattern operation(Verb verb, std::string object) {
  return detail::make({PatternNode::Kind::operation, std::move(object), verb});
}

namespace {

Pattern of_kind(Occurrence::Kind kind) {
  PatternNode node{PatternNode::Kind::of_kind};
  node.occurrence = kind;
  return detail::make(std::move(node));
}

}  // namespace

Pattern spawned() { return of_kind(Occurrence::Kind::spawned); }
Pattern finished() { return of_kind(Occurrence::Kind::finished); }
Pattern cancel_requested() { return of_kind(Occurrence::Kind::cancel_requested); }

}  // namespace coweave::monitors
