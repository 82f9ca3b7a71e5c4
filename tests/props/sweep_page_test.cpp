/// What docs/sweeps.md shows is what this program prints.

#include <coweave/coweave.hpp>
#include <coweave/tests/approve.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace coweave;
using namespace std::chrono_literals;

namespace {

// On the page from here ...
#line 1 "pool.cpp"
Coro<void> query(Semaphore& pool, int& served) {
  co_await pool.acquire();
  co_await sleep(1ms);  // the query itself
  ++served;
  pool.release();
}

Coro<void> queries() {
  Semaphore pool(1, "pool");
  int served = 0;
  const Task<> one = create_task(query(pool, served), {.name = "one"});
  const Task<> two = create_task(query(pool, served), {.name = "two"});
  sim::may_cancel(one);
  sim::may_cancel(two);
  const std::vector<AnyFuture> all{one, two};
  co_await wait(all);
}
// ... to here.
#line 37 "sweep_page_test.cpp"

}  // namespace

// ... and from here. (Not in the namespace without a name, nor with a lambda: g++ takes what stands in
// another file than the main one for a header.)
#line 1 "group.cpp"
Coro<void> use() { co_await sleep(1ms); }

Coro<void> query_in_two(Semaphore& pool) {
  co_await pool.acquire();
  co_await use();
  pool.release();
}

struct Queries {
  Semaphore& pool;

  Coro<void> operator()(TaskGroup& group) {
    group.create_task(query_in_two(pool), {.name = "one"});
    group.create_task(query_in_two(pool), {.name = "two"});
    co_return;
  }
};

Coro<void> grouped_queries() {
  Semaphore pool(1, "pool");
  Queries queries{pool};
  co_await TaskGroup::run(queries);
}
// ... to here, again.
#line 68 "sweep_page_test.cpp"

namespace {

// And this is told of there.
Coro<void> visit(Lock& lock) {
#line 1 "room.cpp"
  const auto guard = co_await lock.scoped();
  note("enter");
  co_await sleep(1ms);
  note("leave");
#line 79 "sweep_page_test.cpp"
}

Coro<void> visits() {
  Lock lock("room");
#line 9 "room.cpp"
  const Task<> one = create_task(visit(lock), {.name = "one"});
  const Task<> two = create_task(visit(lock), {.name = "two"});
#line 87 "sweep_page_test.cpp"
  sim::may_cancel(one);
  sim::may_cancel(two);
  const std::vector<AnyFuture> all{one, two};
  co_await wait(all);
}

/// What stands in the file `name` of the page, to the line that ends it.
std::string program_of_page(const std::string& name, const std::string& end) {
  const std::string source = tests::read_test_file("props/sweep_page_test.cpp");
  const std::string begin = "#line 1 \"" + name + "\"\n";
  const std::size_t from = source.find(begin) + begin.size();
  return source.substr(from, source.find(end) - from);
}

std::string until(const std::string& text, const std::string& end) { return text.substr(0, text.find(end)); }

}  // namespace

TEST_CASE("sweep: its page shows what is printed") {
  const std::string page = tests::read_test_file("../docs/sweeps.md");
  const auto shows = [&](const std::string& text) { return page.find(text) != std::string::npos; };
  const Sweep result = sweep(queries, cancellation, {.name = "pool"});
  REQUIRE(result.failures.size() == 2);
  CHECK(shows(program_of_page("pool.cpp", "// ... to here.\n")));
  CHECK(shows(program_of_page("group.cpp", "// ... to here, again.\n")));
  const std::string summary = until(result.report(), "\nA: ");
  CHECK_MESSAGE(shows(summary), summary);
  const std::string failure = until(result.failures[1].report(), "\nFind it again");
  CHECK_MESSAGE(shows(failure), failure);

  const Sweep unfinished = sweep(queries, cancellation, {.name = "pool", .wall_time_max = 1ns});
  CHECK_MESSAGE(shows(unfinished.report()), unfinished.report());
  const std::string memory = sweep(grouped_queries, allocations, {.name = "group"}).report();
  CHECK_MESSAGE(shows(until(memory, "\nA: ")), memory);
  SweepOptions options{.name = "room"};
  options.monitors = {
      monitors::exclusive(monitors::noted("enter"), monitors::noted("leave")).named("one at a time")};
  const std::string room = sweep(visits, cancellation, options).report();
  CHECK_MESSAGE(shows(until(room, "\nA: ")), room);
}
