#include <coweave/bench/power/historic/crew.hpp>

#include <coweave/props/require.hpp>
#include <coweave/sim/ambient.hpp>

#include <algorithm>
#include <utility>

namespace coweave::bench::historic {

const Task<>& Crew::start(Coro<void> work, const char* name) {
  tasks_.push_back(create_task(std::move(work), {.name = name}));
  sim::may_cancel(tasks_.back());
  return tasks_.back();
}

Coro<void> Crew::ended() {
  for (std::size_t index = 0; index < tasks_.size(); ++index) co_await historic::ended(tasks_[index]);
}

void Crew::require_obedience() const {
  for (const Task<>& task : tasks_) {
    const bool was_asked_to_stop = task.cancelling() > 0;
    COWEAVE_REQUIRE(task.cancelled() == was_asked_to_stop);
  }
}

std::size_t Crew::cancelled() const {
  return static_cast<std::size_t>(
      std::count_if(tasks_.begin(), tasks_.end(), [](const Task<>& task) { return task.cancelled(); }));
}

Coro<void> ended(Task<> task) {
  try {
    co_await task;
  } catch (const CancelledError&) {
  }
}

void Room::enter() {
  COWEAVE_REQUIRE(inside_ < places_);
  ++inside_;
}

}  // namespace coweave::bench::historic
