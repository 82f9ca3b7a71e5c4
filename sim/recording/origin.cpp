#include <coweave/sim/recording/origin.hpp>

#include <coweave/traces/identity.hpp>
#include <coweave/traces/site.hpp>

#include <algorithm>

namespace coweave::sim {

namespace {

/// Where `task` was suspended last before `step`; unknown if it was not.
traces::Site standing_at(const traces::Trace& trace, std::string_view task, std::uint64_t step) {
  traces::Site at;
  for (const traces::Event& event : trace.events) {
    if (event.step >= step) break;
    if (event.kind == traces::EventKind::await && event.actor == task) at = event.at;
  }
  return at;
}

}  // namespace

std::string tell_origin(const traces::Trace& trace, std::string_view identity, std::uint64_t step) {
  std::string text(identity);
  const std::string_view owner = traces::owner_of(identity);
  const auto task = std::find_if(trace.tasks.begin(), trace.tasks.end(),
                                 [owner](const traces::Task& listed) { return listed.id == owner; });
  if (task == trace.tasks.end()) return text;
  text += (owner == identity ? " '" : " of '") + task->name + "'";
  std::string places;
  if (task->spawned.known()) places = "spawned at " + traces::to_string(task->spawned);
  const traces::Site at = standing_at(trace, owner, step);
  if (at.known()) places += (places.empty() ? "stands at " : ", stands at ") + traces::to_string(at);
  return places.empty() ? text : text + " (" + places + ")";
}

}  // namespace coweave::sim
