#include <coweave/bench/power/counts.hpp>

#include <coweave/bench/power/programs.hpp>
#include <coweave/bench/power/traced_programs.hpp>
#include <coweave/props/explore.hpp>
#include <coweave/sim/search/dpor.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <string>
#include <vector>

namespace coweave::bench {

namespace {

using namespace coweave::traced;
using Clock = std::chrono::steady_clock;

struct Executions {
  std::uint64_t complete = 0;
  std::uint64_t given_up = 0;  ///< they led to nothing new
};

/// All of `scenario`, also behind one that fails.
Executions exhaust(const sim::Scenario& scenario) {
  sim::Simulation simulation(Options{.scheduling_points = SchedulingPoints::accesses}.settings());
  sim::Dpor policy;
  Executions executions;
  for (std::uint64_t run = 1; policy.begin_run(run); ++run) {
    simulation.run(scenario, policy);
    ++(policy.gave_up() ? executions.given_up : executions.complete);
  }
  return executions;
}

struct Counted {
  std::string name;
  sim::Scenario scenario;
  std::uint64_t published;
};

/// Of GenMC's and Nidhugg's own tests the largest that take less than a minute or so.
std::vector<Counted> counted_programs() {
  return {
      {"readers(13)", program(0, 14, 1, read_or_write), 8'192},
      {"ainc(7)", program(0, 7, 1, bump_each<1>), 5'040},
      {"binc(4)", program(0, 4, 2, bump_each<2>), 576},
      {"cinc(4)", program(0, 4, 3, bump_each<3>), 13'824},
      {"inc(4)", program(0, 4, 1, read_then_write), 576},
      {"lockinc(7)", program(0, 7, 1, write_under_lock), 5'040},
      {"lock2inc(7)", program(0, 7, 2, write_two_under_lock), 5'040},
      {"cas(5)", program(0, 5, 1, swap_from_0), 5},
      {"casrot(9)", program(1, 9, 1, swap_from_last), 8'597},
      {"casw(5)", program(0, 5, 1, swap_and_store), 32'880},
      {"casrot(8)", program(1, 8, 1, swap_from_last), 2'048},
      {"lastzero(10)", program(0, 11, 11, last_zero<10>), 3'328},
      {"indexer(12)", program(0, 12, 128, index_words), 8},
      {"indexer(15)", program(0, 15, 128, index_words), 4'096},
      {"big0", program(0, 4, 4, read_four_write_two), 69'112},
      {"fib_bench",
       []() -> Coro<void> {
         Memory memory(2);
         for (auto& cell : memory.cells) co_await cell->write(1);
         std::vector<Task<>> all;
         for (int task = 0; task < 3; ++task) all.push_back(create_task(fibonacci(memory, task)));
         for (Task<>& task : all) co_await task;
       },
       218'243},
  };
}

/// Microseconds of the processor's time of a call, the mean of so many that they take a while: others at work
/// on the machine count less so.
template <class Call>
double time_us(Call call) {
  call();
  const std::clock_t begin = std::clock();
  std::clock_t passed = 0;
  std::uint64_t calls = 0;
  while (passed < CLOCKS_PER_SEC / 5) {
    call();
    ++calls;
    passed = std::clock() - begin;
  }
  return static_cast<double>(passed) * 1e6 / CLOCKS_PER_SEC / static_cast<double>(calls);
}

void print_time(const std::string& name, const sim::Scenario& scenario) {
  const Executions executions = exhaust(scenario);
  if (executions.complete > 50) return;
  const double search_us = time_us([&] { exhaust(scenario); });
  const Options options{
      .name = name, .policy = "dpor", .runs = 1'000'000, .scheduling_points = SchedulingPoints::accesses};
  const bool whole = detail::search(scenario, options).exhausted;
  fmt::print("{:<14} | {:>10} | {:>8} | {:>10.0f} | {:>10}\n", name, executions.complete, executions.given_up,
             search_us,
             whole ? fmt::format("{:.0f}", time_us([&] { detail::search(scenario, options); })) : "it fails");
  std::fflush(stdout);
}

/// Seconds that an exploration takes with no, one, two workers, the least of three. False: not all of them do
/// the same runs.
bool print_shared(const std::string& name, const std::string& policy, const sim::Scenario& scenario) {
  Options options{.name = name,
                  .policy = policy,
                  .runs = 10'000'000,
                  .scheduling_points = SchedulingPoints::accesses,
                  .progress = false};
  std::uint64_t runs = 0;
  bool same = true;
  std::string seconds;
  for (const std::uint32_t workers : {0U, 1U, 2U}) {
    options.workers = workers;
    double least = 0;
    for (int time = 0; time < 3; ++time) {
      const Clock::time_point begin = Clock::now();
      const std::uint64_t done = detail::search(scenario, options).runs;
      const double passed = std::chrono::duration<double>(Clock::now() - begin).count();
      least = time == 0 ? passed : std::min(least, passed);
      same = same && (runs == 0 || done == runs);
      runs = done;
    }
    seconds += fmt::format(" | {:>8.3f}", least);
  }
  fmt::print("{:<14} | {:<13} | {:>9}{}{}\n", name, policy, runs, seconds, same ? "" : "  WRONG");
  std::fflush(stdout);
  return same;
}

}  // namespace

bool compare_counts() {
  bool right = true;
  fmt::print("{:<14} | {:>10} | {:>10} | {:>8} | {:>8}\n", "program", "executions", "published", "given up",
             "seconds");
  for (const Counted& counted : counted_programs()) {
    const Clock::time_point begin = Clock::now();
    const Executions executions = exhaust(counted.scenario);
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    fmt::print("{:<14} | {:>10} | {:>10} | {:>8} | {:>8.2f}{}\n", counted.name, executions.complete,
               counted.published, executions.given_up, seconds,
               executions.complete == counted.published ? "" : "  WRONG");
    std::fflush(stdout);
    right = right && executions.complete == counted.published;
  }
  fmt::print(
      "\nProcessor's time to exhaust programs of at most 50 executions, in us: the search alone, and a whole "
      "call of "
      "explore()\n\n{:<14} | {:>10} | {:>8} | {:>10} | {:>10}\n",
      "program", "executions", "given up", "search", "explore()");
  for (const Program& program : programs()) {
    // Not the large ones: whether they are small is seen by exhausting them.
    constexpr const char* small[] = {"account",    "lazy",     "deadlock",     "carter",
                                     "token_ring", "twostage", "stringbuffer", "reorder_3"};
    for (const char* name : small) {
      if (program.name == name) print_time(program.name, program.scenario);
    }
  }
  print_time("readers(5)", program(0, 6, 1, read_or_write));
  print_time("lockinc(4)", program(0, 4, 1, write_under_lock));
  print_time("inc(3)", program(0, 3, 1, read_then_write));
  print_time("casrot(5)", program(1, 5, 1, swap_from_last));
  print_time("lastzero(4)", program(0, 5, 5, last_zero<4>));
  fmt::print(
      "\nSeconds of explore() without workers, with one and with two\n\n{:<14} | {:<13} | {:>9} | {:>8} | "
      "{:>8} | {:>8}\n",
      "program", "policy", "runs", "none", "one", "two");
  right = print_shared("lock2inc(7)", "dpor", program(0, 7, 2, write_two_under_lock)) && right;
  right = print_shared("casrot(9)", "dpor", program(1, 9, 1, swap_from_last)) && right;
  right = print_shared("big0", "dpor", program(0, 4, 4, read_four_write_two)) && right;
  right = print_shared("inc(4)", "preempt:3", program(0, 4, 1, read_then_write)) && right;
  right = print_shared("inc(7)", "delay-bound:4", program(0, 7, 1, read_then_write)) && right;
  return right;
}

}  // namespace coweave::bench
