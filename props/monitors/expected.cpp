#include <coweave/props/monitors/expected.hpp>

#include <coweave/sim/recording/recorder.hpp>
#include <coweave/traces/site.hpp>

#include <algorithm>
#include <memory>

namespace coweave::detail {

using monitors::Monitor;
using monitors::Pattern;

namespace {

using Node = std::shared_ptr<const PatternNode>;

bool narrows(const PatternNode& node) {
  return node.kind == PatternNode::Kind::value || node.kind == PatternNode::Kind::condition ||
         node.kind == PatternNode::Kind::task;
}

/// Of a pattern whose absence is wanted: what has to occur for that to mean anything.
void add_narrowed_by(const PatternNode& node, std::vector<Pattern>& all) {
  if (node.kind == PatternNode::Kind::both) {
    for (const Node& part : {node.one, node.other}) {
      if (part->kind != PatternNode::Kind::neither) all.emplace_back(part);
    }
  } else if (node.kind == PatternNode::Kind::either) {
    add_narrowed_by(*node.one, all);
    add_narrowed_by(*node.other, all);
  } else if (narrows(node)) {
    Node narrowed = node.one;
    while (narrows(*narrowed)) narrowed = narrowed->one;
    all.emplace_back(std::move(narrowed));
  }
}

}  // namespace

std::vector<Pattern> patterns_expected_by(const Clause& clause) {
  std::vector<Pattern> all;
  switch (clause.form) {
    case Form::eventually:  // fails if it does not occur
      break;
    case Form::never:
      add_narrowed_by(clause.patterns[0].node(), all);
      break;
    case Form::count:
      if (clause.patterns[0].node().kind == PatternNode::Kind::nothing) {
        all = {clause.patterns[1]};
      } else if (clause.patterns[1].node().kind != PatternNode::Kind::nothing) {
        all = clause.patterns;
      } else if (clause.bound > 0) {
        all = {clause.patterns[0]};
      } else {
        add_narrowed_by(clause.patterns[0].node(), all);
      }
      break;
    case Form::never_between:
      all = {clause.patterns[0], clause.patterns[1]};
      add_narrowed_by(clause.patterns[2].node(), all);
      break;
    default:
      all = {clause.patterns[0], clause.patterns[1]};
      break;
  }
  return all;
}

std::vector<ExpectedPattern> patterns_expected_by(const std::vector<Monitor>& monitors) {
  std::vector<ExpectedPattern> all;
  for (const Monitor& monitor : monitors) {
    for (const Clause& clause : monitor.clauses()) {
      for (const Pattern& pattern : patterns_expected_by(clause))
        all.push_back({monitor.name(), pattern.text(), sim::to_site(clause.at)});
    }
  }
  return all;
}

bool all_occurred(const std::vector<ExpectedPattern>& patterns) {
  return std::all_of(patterns.begin(), patterns.end(),
                     [](const ExpectedPattern& pattern) { return pattern.occurred; });
}

std::string in_words(const std::vector<ExpectedPattern>& patterns) {
  std::string text;
  for (const ExpectedPattern& pattern : patterns) {
    if (pattern.occurred) continue;
    text += "never occurred: '" + pattern.text + "', which the monitor '" + pattern.monitor + "'";
    if (pattern.at.known()) text += " at " + traces::to_string(pattern.at);
    text += " speaks of\n";
  }
  return text;
}

}  // namespace coweave::detail
