/// A shield: several wait for a task, and the cancellation of one of them does not reach it.

#include <coweave/bench/power/historic/crew.hpp>
#include <coweave/bench/power/historic/historic.hpp>
#include <coweave/core/event.hpp>
#include <coweave/core/sleep.hpp>
#include <coweave/props/require.hpp>

#include <algorithm>
#include <memory>

namespace coweave::bench::historic {

namespace {

using namespace std::chrono_literals;

/// Each callback that is registered holds a share of this.
using Token = std::shared_ptr<int>;

/// `removes` is the fix: who goes takes its callback along.
Coro<void> wait_shielded(Task<> job, const Token& token, bool removes) {
  const Future<> ended = create_future();
  const std::uint32_t callback = job.add_done_callback([ended, token](const Future<>&) {
    if (!ended.done()) ended.set_result();
  });
  try {
    co_await ended;
  } catch (const CancelledError&) {
    if (removes) job.remove_done_callback(callback);
    throw;
  }
}

Coro<void> do_job(Event& go_on) { co_await go_on.wait(); }

/// As many callbacks as there are tasks that still wait.
Coro<void> two_wait(bool removes) {
  Event go_on("go on");
  const Token token = std::make_shared<int>(0);
  const Task<> job = create_task(do_job(go_on), {.name = "job"});
  Crew crew;
  for (int waiter = 0; waiter < 2; ++waiter) crew.start(wait_shielded(job, token, removes), "waiter");
  co_await sleep(1ms);
  const auto waiting = std::count_if(crew.tasks().begin(), crew.tasks().end(),
                                     [](const Task<>& waiter) { return !waiter.done(); });
  COWEAVE_REQUIRE(token.use_count() - 1 == waiting);
  go_on.set();
  co_await crew.ended();
  co_await job;
}

}  // namespace

std::vector<HistoricBug> shields() {
  using enum traces::VerdictKind;
  return {
      {"B44b/S56", "shield: cancelled, it leaves its callback with the task", [] { return two_wait(false); },
       [] { return two_wait(true); }, 1, assertion},
  };
}

}  // namespace coweave::bench::historic
