#include <coweave/props/monitors/occurrence.hpp>

#include <coweave/core/task.hpp>
#include <coweave/traces/printable.hpp>

namespace coweave::monitors {

namespace {

std::string what_of(const Occurrence& occurrence) {
  switch (occurrence.kind) {
    case Occurrence::Kind::note:
      return to_string(Note{occurrence.label, occurrence.values, occurrence.at});
    case Occurrence::Kind::operation: {
      std::string text = std::string(to_string(occurrence.verb)) + " on " + occurrence.object.kind;
      if (occurrence.object.name) text += std::string(" '") + occurrence.object.name + "'";
      return text;
    }
    case Occurrence::Kind::spawned:
      return "spawned";
    case Occurrence::Kind::finished:
      return "finished";
    case Occurrence::Kind::cancel_requested:
      return "asked to cancel";
  }
  return {};
}

}  // namespace

std::string to_string(const Occurrence& occurrence) {
  const std::string who = occurrence.task        ? occurrence.task->name()
                          : occurrence.in_thread ? "a thread"
                                                 : "a callback";
  return traces::printable(who + ": " + what_of(occurrence));
}

}  // namespace coweave::monitors
