#include <coweave/props/one_run.hpp>

#include <bit>

namespace coweave::detail {

RunEnd OneRun::run(sim::Measure& policy, std::uint64_t run) {
  watch_.run_begins(run);
  RunEnd end;
  {
    const MarkCounter::Counting counting(marks_);
    simulation_.let_interrupt(over_);
    end.failure = simulation_.run(scenario_, policy);
    simulation_.let_interrupt({});
  }
  end.record = record_of(policy, simulation_.schedule(), simulation_.steps());
  if (simulation_.interrupted()) {
    end.kind = RunEnd::Kind::interrupted;
    return end;
  }
  if (end.failure) {
    end.kind = RunEnd::Kind::failed;
    end.schedule = simulation_.schedule();
  } else if (std::has_single_bit(run) && !policy.gave_up()) {
    // Runs 1, 2, 4, 8, … are done twice, to see that nothing but the choices decides.
    const sim::Schedule schedule = simulation_.schedule();
    if (!explainer_.repeat(schedule, end.record.steps, run)) {
      end.kind = RunEnd::Kind::another;
      end.schedule = schedule;
    }
  }
  if (end.kind == RunEnd::Kind::passed && !watch_.complaint().empty()) end.kind = RunEnd::Kind::blocked;
  return end;
}

}  // namespace coweave::detail
