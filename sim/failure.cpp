#include <coweave/sim/failure.hpp>

#include <coweave/core/task.hpp>
#include <coweave/sim/detectors/wait_graph.hpp>
#include <coweave/sim/simulation.hpp>

#include <set>

namespace coweave::sim {

namespace {

/// The first line, with every number replaced: "item 7 of 12 is lost" is "item # of # is lost".
std::string without_numbers(const std::string& text) {
  std::string result;
  for (const char character : text.substr(0, text.find('\n'))) {
    const bool digit = character >= '0' && character <= '9';
    if (!digit) {
      result += character;
    } else if (!result.ends_with('#')) {
      result += '#';
    }
  }
  return result;
}

std::string place(const std::source_location& at) {
  return std::string(at.file_name()) + ":" + std::to_string(at.line());
}

}  // namespace

std::string signature_of(const Failure& failure, Simulation& simulation) {
  std::string text = place(failure.at);
  switch (failure.kind) {
    case traces::VerdictKind::exception:
    case traces::VerdictKind::never_retrieved:
      return text + " " + without_numbers(failure.message);
    case traces::VerdictKind::invariant:
      return failure.subject;
    case traces::VerdictKind::never_awaited:
      return text + " " + failure.hint;
    case traces::VerdictKind::deadlock:
      return text + " " + without_numbers(what_is_waited_for(simulation));
    case traces::VerdictKind::leaked_task: {
      std::set<std::string> spawned;
      simulation.for_each_task([&](TaskBase& task) { spawned.insert(place(task.spawned_at())); });
      for (const std::string& at : spawned) text += " " + at;
      return text;
    }
    default:
      return text;
  }
}

}  // namespace coweave::sim
