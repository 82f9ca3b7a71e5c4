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
#line 36 "sweep_page_test.cpp"

std::string program_of_page() {
  const std::string source = tests::read_test_file("props/sweep_page_test.cpp");
  const std::string begin = "#line 1 \"pool.cpp\"\n";
  const std::size_t from = source.find(begin) + begin.size();
  return source.substr(from, source.find("// ... to here.") - from);
}

std::string until(const std::string& text, const std::string& end) { return text.substr(0, text.find(end)); }

}  // namespace

TEST_CASE("sweep: its page shows what is printed") {
  const std::string page = tests::read_test_file("../docs/sweeps.md");
  const auto shows = [&](const std::string& text) { return page.find(text) != std::string::npos; };
  const Sweep result = sweep(queries, cancellation, {.name = "pool"});
  REQUIRE(result.failures.size() == 2);
  CHECK(shows(program_of_page()));
  const std::string summary = until(result.report(), "\nA: ");
  CHECK_MESSAGE(shows(summary), summary);
  const std::string failure = until(result.failures[1].report(), "\nFind it again");
  CHECK_MESSAGE(shows(failure), failure);
}
