#pragma once

/// Everything a user needs: the coroutine layer, simulation, exploration. (Not the adapters of test
/// frameworks,
/// `<coweave/props/doctest.hpp>`, nor generated properties, `<coweave/props/property.hpp>`.)

#include <coweave/core/as_completed.hpp>
#include <coweave/core/barrier.hpp>
#include <coweave/core/callback.hpp>
#include <coweave/core/condition.hpp>
#include <coweave/core/context.hpp>
#include <coweave/core/event.hpp>
#include <coweave/core/event_loop.hpp>
#include <coweave/core/exception_group.hpp>
#include <coweave/core/exception_text.hpp>
#include <coweave/core/executor.hpp>
#include <coweave/core/fault.hpp>
#include <coweave/core/foreign.hpp>
#include <coweave/core/gather.hpp>
#include <coweave/core/lifo_queue.hpp>
#include <coweave/core/lock.hpp>
#include <coweave/core/priority_queue.hpp>
#include <coweave/core/queue.hpp>
#include <coweave/core/run_coroutine_threadsafe.hpp>
#include <coweave/core/runner.hpp>
#include <coweave/core/semaphore.hpp>
#include <coweave/core/shared.hpp>
#include <coweave/core/shield.hpp>
#include <coweave/core/sleep.hpp>
#include <coweave/core/sometimes.hpp>
#include <coweave/core/spawn.hpp>
#include <coweave/core/staggered_race.hpp>
#include <coweave/core/task.hpp>
#include <coweave/core/task_group.hpp>
#include <coweave/core/timeout.hpp>
#include <coweave/core/to_thread.hpp>
#include <coweave/core/wait.hpp>
#include <coweave/core/wait_for.hpp>
#include <coweave/props/explore.hpp>
#include <coweave/props/linearizability/history.hpp>
#include <coweave/props/linearizability/models.hpp>
#include <coweave/props/linearizability/recorded.hpp>
#include <coweave/props/replay.hpp>
#include <coweave/props/require.hpp>
#include <coweave/props/sweep/sweep.hpp>
#include <coweave/sim/ambient.hpp>
