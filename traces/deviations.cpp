#include <coweave/traces/deviations.hpp>

#include <cstddef>

namespace coweave::traces {

std::vector<Deviation> deviations(const Trace& trace) {
  const bool may_go_on = trace.settings.scheduling_points != SchedulingPoints::suspensions;
  std::vector<Deviation> all;
  all.reserve(trace.choices.size());
  const Event* last_run = nullptr;
  std::size_t next_event = 0;
  for (const Choice& choice : trace.choices) {
    for (; next_event < trace.events.size() && trace.events[next_event].step < choice.step; ++next_event) {
      if (trace.events[next_event].kind == EventKind::run) last_run = &trace.events[next_event];
    }
    const bool goes_on = may_go_on && choice.label == "next" && last_run && last_run->actor == choice.picked;
    if (!choice.preempted.empty()) {
      all.push_back(Deviation::preemption);
    } else {
      all.push_back(choice.taken == 0 || goes_on ? Deviation::none : Deviation::out_of_order);
    }
  }
  return all;
}

}  // namespace coweave::traces
