/// A program under test, for the tests of what happens across processes: `subject <scenario>`. Prints the
/// report and ends with 1 if something was found, with 2 if it could not explore.

#include <coweave/coweave.hpp>
#include <coweave/props/property.hpp>
#include <coweave/traces/write.hpp>

#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

using namespace coweave;
using namespace std::chrono_literals;

namespace {

Coro<void> add(int& total, int value) {
  const int read = total;
  co_await sleep(0s);
  total = read + value;
}

Coro<void> late_add(int& total, int value) {
  co_await sleep(0s);
  co_await sleep(0s);
  co_await add(total, value);
}

Coro<void> lost_update() {
  int total = 0;
  const auto one = create_task(add(total, 1), {.name = "one"});
  const auto two = create_task(late_add(total, 2), {.name = "two"});
  co_await one;
  co_await two;
  COWEAVE_REQUIRE(total == 3);
}

Coro<void> sums(std::vector<int> values) {
  int total = 0;
  int sum = 0;
  std::vector<Task<>> tasks;
  for (const int value : values) {
    sum += value;
    tasks.push_back(create_task(add(total, value)));
  }
  for (const Task<>& task : tasks) co_await task;
  COWEAVE_REQUIRE(total == sum);
}

Coro<void> shuffle() {
  std::vector<Task<>> tasks;
  int total = 0;
  for (int count = 0; count < 6; ++count) tasks.push_back(create_task(late_add(total, count)));
  for (const Task<>& task : tasks) co_await task;
  COWEAVE_REQUIRE(total == -1);
}

/// Blocks the thread in its second step, for longer than the bound and not for twice as long.
Coro<void> block_for_a_while() {
  co_await sleep(0s);
  std::this_thread::sleep_for(320ms);
  co_await sleep(0s);
}

/// Not in the coroutine's frame: there a compiler may forget that a variable is volatile, and leave out the
/// loop.
volatile bool forever = false;

/// Loops without an await in every run in which the number is 1.
Coro<void> hang() {
  co_await sleep(0s);
  forever = sim::random(2, "whether") == 1;
  while (forever) continue;
}

int run(std::string_view scenario) {
  if (scenario == "block" || scenario == "hang") {
    Options options{.name = std::string(scenario)};
    options.step_wall_time_max = 200ms;
    const Exploration result = explore(scenario == "hang" ? hang : block_for_a_while, options);
    std::fputs(result.report().c_str(), stdout);
    return result.passed() ? 0 : 1;
  }
  if (scenario == "trace") {  // the bytes of a trace, unshrunk: every choice of a seed
    Options options{.name = "shuffle"};
    options.shrink_time_max = 0s;
    const Exploration result = explore(shuffle, options);
    std::fputs(traces::write_trace(result.finding.value().trace).c_str(), stdout);
    return 0;
  }
  const Exploration result =
      scenario == "sums" ? property("sums", sums) : explore(lost_update, {.name = "lost update"});
  std::fputs(result.report().c_str(), stdout);
  return result.passed() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc == 2 ? argv[1] : "");
  } catch (const std::exception& error) {
    std::fprintf(stderr, "subject: %s\n", error.what());
    return 2;
  }
}
