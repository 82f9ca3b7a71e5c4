/// Searches that claim to have tried everything, held against each other on random programs: what a program
/// can do under every schedule it must do under some of those that `dpor` tries, in each mode of scheduling
/// points; and more scheduling points must not take anything away.

#include <coweave/coweave.hpp>
#include <coweave/sim/search/bounded_search.hpp>
#include <coweave/sim/search/dpor.hpp>
#include <coweave/traces/names.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

using namespace coweave;
using namespace std::chrono_literals;

namespace {

enum class Act : std::uint8_t {
  read,
  write,
  update,
  acquire,
  release,
  ask_lock,
  take_permit,
  give_permit,
  ask_semaphore,
  put,
  get,
  offer,
  poll,
  ask_queue,
  wait_condition,
  notify,
  notify_all,
  wait_event,
  set_event,
  clear_event,
  meet,
  yield,
};
constexpr Act every_act[] = {
    Act::read,        Act::write,       Act::update,         Act::acquire, Act::release,    Act::ask_lock,
    Act::take_permit, Act::give_permit, Act::ask_semaphore,  Act::put,     Act::get,        Act::offer,
    Act::poll,        Act::ask_queue,   Act::wait_condition, Act::notify,  Act::notify_all, Act::wait_event,
    Act::set_event,   Act::clear_event, Act::meet,           Act::yield};
constexpr const char* names[] = {"read",     "write",       "update",      "acquire",       "release",
                                 "ask lock", "take permit", "give permit", "ask semaphore", "put",
                                 "get",      "offer",       "poll",        "ask queue",     "wait condition",
                                 "notify",   "notify all",  "wait event",  "set event",     "clear event",
                                 "meet",     "yield"};
static_assert(std::size(every_act) == std::size(names));

using Body = std::vector<Act>;

struct Program {
  std::vector<Body> bodies;
  std::size_t awaited = 0;  ///< so many of their tasks `main` awaits
  std::size_t yields = 0;   ///< of `main`, after that
};

struct World {
  Shared<int> value{0, "value"};
  Lock lock{"lock"};
  Semaphore semaphore{1, "semaphore"};
  Queue<int> queue{1, "queue"};
  Condition condition{"condition"};
  Event event{"event"};
  Barrier barrier{2, "barrier"};
};

void increment(int& value) { ++value; }

/// What a task holds.
struct Held {
  bool lock = false;
  int permits = 0;
};

Coro<void> act(World& world, Act what, int me, Held& held, std::string& log) {
  switch (what) {
    case Act::read: {
      const int value = co_await world.value.read();
      log += std::to_string(value);
      break;
    }
    case Act::write:
      co_await world.value.write(me);
      break;
    case Act::update:
      co_await world.value.update(increment);
      break;
    case Act::acquire:
      if (held.lock) break;
      co_await world.lock.acquire();
      held.lock = true;
      break;
    case Act::release:
      if (held.lock) world.lock.release();
      held.lock = false;
      break;
    case Act::ask_lock:
      log += world.lock.locked() ? 'L' : 'l';
      break;
    case Act::take_permit:
      co_await world.semaphore.acquire();
      ++held.permits;
      break;
    case Act::give_permit:
      if (held.permits == 0) break;
      --held.permits;
      world.semaphore.release();
      break;
    case Act::ask_semaphore:
      log += world.semaphore.locked() ? 'S' : 's';
      break;
    case Act::put:
      co_await world.queue.put(me);
      break;
    case Act::get: {
      const int item = co_await world.queue.get();
      log += std::to_string(item);
      break;
    }
    case Act::offer:
      if (!world.queue.full()) world.queue.put_nowait(me);
      break;
    case Act::poll:
      if (!world.queue.empty()) log += std::to_string(world.queue.get_nowait());
      break;
    case Act::ask_queue:
      log += world.queue.full() ? 'Q' : 'q';
      break;
    case Act::wait_condition: {
      const auto guard = co_await world.condition.scoped();
      co_await world.condition.wait();
      break;
    }
    case Act::notify: {
      const auto guard = co_await world.condition.scoped();
      world.condition.notify();
      break;
    }
    case Act::notify_all: {
      const auto guard = co_await world.condition.scoped();
      world.condition.notify_all();
      break;
    }
    case Act::wait_event:
      co_await world.event.wait();
      break;
    case Act::set_event:
      world.event.set();
      break;
    case Act::clear_event:
      world.event.clear();
      break;
    case Act::meet: {
      const std::size_t place = co_await world.barrier.wait();
      log += std::to_string(place);
      break;
    }
    case Act::yield:
      co_await sleep(0s);
      break;
  }
  log += '.';
}

Coro<void> run_body(std::shared_ptr<World> world, const Body& body, int me, std::string& log) {
  Held held;
  try {
    for (const Act what : body) co_await act(*world, what, me, held, log);
    log += '!';
  } catch (const CancelledError&) {
    log += 'x';
  }
  if (held.lock) world->lock.release();
  while (held.permits-- > 0) world->semaphore.release();
}

Coro<void> run_program(const Program& program, std::vector<std::string>& logs) {
  const auto world = std::make_shared<World>();
  logs.assign(program.bodies.size(), "");
  std::vector<Task<>> tasks;
  for (std::size_t task = 0; task < program.bodies.size(); ++task)
    tasks.push_back(
        create_task(run_body(world, program.bodies[task], static_cast<int>(task) + 1, logs[task])));
  for (std::size_t task = 0; task < program.awaited; ++task) co_await tasks[task];
  for (std::size_t yield = 0; yield < program.yields; ++yield) co_await sleep(0s);
}

using Outcomes = std::set<std::string>;

struct Searched {
  Outcomes outcomes;      ///< what the program did in any run
  bool left_out = false;  ///< the search says that it left something out
};

/// None: the search has more than `runs_max` runs.
std::optional<Searched> searched(const Program& program, sim::Policy& search, SchedulingPoints points,
                                 bool leaks_allowed, std::uint64_t runs_max) {
  Options options{.scheduling_points = points};
  options.leaks_allowed = leaks_allowed;
  sim::Simulation simulation(options.settings());
  Searched result;
  std::vector<std::string> logs;
  for (std::uint64_t run = 1; search.begin_run(run); ++run) {
    if (run > runs_max) return std::nullopt;
    const sim::Failure* failure = simulation.run([&] { return run_program(program, logs); }, search);
    result.left_out = result.left_out || search.left_out();
    if (search.gave_up()) continue;
    std::string outcome = failure ? std::string(traces::to_string(failure->kind)) : "passed";
    for (const std::string& log : logs) outcome += " " + log;
    result.outcomes.insert(outcome);
  }
  return result;
}

/// A few kinds of acts only, so that they meet.
Program random_program(sim::Random& random, bool all_awaited) {
  Body kinds;
  for (std::uint32_t count = 2 + random.below(4); count > 0; --count) {
    const Act what = every_act[random.below(std::size(every_act))];
    kinds.push_back(what);
    if (what == Act::acquire) kinds.push_back(Act::release);
    if (what == Act::take_permit) kinds.push_back(Act::give_permit);
  }
  Program program;
  program.bodies.resize(2 + random.below(2));
  for (Body& body : program.bodies) {
    for (std::uint32_t length = 1 + random.below(3); length > 0; --length)
      body.push_back(kinds[random.below(static_cast<std::uint32_t>(kinds.size()))]);
  }
  program.awaited = program.bodies.size();
  if (all_awaited) return program;
  program.awaited = random.below(static_cast<std::uint32_t>(program.bodies.size()));
  program.yields = random.below(4);
  return program;
}

std::string listing(const Program& program) {
  std::string text =
      std::to_string(program.awaited) + " are awaited, then " + std::to_string(program.yields) + " yields\n";
  for (const Body& body : program.bodies) {
    text += "task:";
    for (const Act what : body) text += std::string(" ") + names[static_cast<std::size_t>(what)] + ",";
    text += '\n';
  }
  return text;
}

std::string difference(const Outcomes& all, const Outcomes& some) {
  std::vector<std::string> missed;
  std::set_difference(all.begin(), all.end(), some.begin(), some.end(), std::back_inserter(missed));
  std::string text;
  for (const std::string& outcome : missed) text += "missed: " + outcome + '\n';
  return text;
}

constexpr SchedulingPoints all_points[] = {SchedulingPoints::suspensions, SchedulingPoints::awaits,
                                           SchedulingPoints::accesses};

struct Compared {
  std::size_t proofs = 0;  ///< so many searches by dependence did not say that they left something out
  std::size_t others = 0;
  std::size_t missed = 0;  ///< so many of the others did not come by everything
};

Compared compare(std::uint64_t seed, std::size_t programs, bool all_awaited, bool leaks_allowed) {
  constexpr std::uint64_t runs_max = 1'000;
  sim::Random random(seed);
  Compared compared;
  for (std::size_t count = 0; count < programs; ++count) {
    const Program program = random_program(random, all_awaited);
    INFO(listing(program));
    Outcomes before;
    for (const SchedulingPoints points : all_points) {
      INFO("scheduling points: ", static_cast<int>(points));
      sim::BoundedSearch every_schedule;
      const auto all = searched(program, every_schedule, points, leaks_allowed, runs_max);
      if (!all || all->left_out) break;
      // How far those come whom main does not await depends on how many steps there are.
      if (all_awaited) CHECK(difference(before, all->outcomes) == "");
      before = all->outcomes;

      sim::Dpor by_dependence;
      const auto some = searched(program, by_dependence, points, leaks_allowed, runs_max);
      REQUIRE(some);
      CHECK(difference(some->outcomes, all->outcomes) == "");
      if (!some->left_out) {
        ++compared.proofs;
        CHECK(difference(all->outcomes, some->outcomes) == "");
      } else {
        ++compared.others;
        if (some->outcomes != all->outcomes) ++compared.missed;
      }
    }
  }
  return compared;
}

}  // namespace

TEST_CASE("outcomes: dpor comes by all that tasks can do whom main awaits") {
  const Compared compared = compare(1, 400, true, false);
  CHECK(compared.proofs > 800);
  CHECK(compared.others == 0);
}

TEST_CASE("outcomes: dpor comes by every leak, or says what it has left out") {
  const Compared compared = compare(2, 300, false, false);
  CHECK(compared.proofs > 100);
  CHECK(compared.missed * 20 < compared.others);
}

TEST_CASE("outcomes: dpor comes by all that tasks can do that outlive main, or says what it has left out") {
  const Compared compared = compare(3, 300, false, true);
  CHECK(compared.proofs > 100);
  CHECK(compared.missed * 20 < compared.others);
}
