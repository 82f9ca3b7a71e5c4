#include <coweave/bench/power/historic/historic.hpp>

#include <iterator>
#include <utility>

namespace coweave::bench {

Options HistoricBug::options() const {
  return {.name = id, .policy = "portfolio", .steps_max = 10'000, .cancellations_max = cancellations};
}

std::vector<HistoricBug> historic_bugs() {
  using namespace historic;
  std::vector<HistoricBug> all;
  for (auto* bugs_of :
       {locks, semaphores, early_semaphores, weighted_semaphores, conditions, queues, bounded_queues, joins,
        events, barriers, wait_fors, timeouts, task_groups, gathers, shields}) {
    std::vector<HistoricBug> some = bugs_of();
    all.insert(all.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
  }
  return all;
}

}  // namespace coweave::bench
