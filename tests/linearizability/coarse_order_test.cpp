/// Values whose order is coarser than their equality.

#include <coweave/coweave.hpp>

#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <utility>
#include <vector>

using namespace coweave;

namespace {

struct Job {
  int priority = 0;
  std::string name;

  bool operator<(const Job& other) const { return priority < other.priority; }
  bool operator==(const Job& other) const = default;
  friend std::string to_string(const Job& job) { return job.name; }
};

const Job a{1, "a"};
const Job b{1, "b"};

/// Calls one after another; what has no response stays under way.
template <SequentialModel M>
void decide(Decision expected,
            const std::vector<std::pair<typename M::Operation, std::optional<typename M::Response>>>& calls) {
  History<M> history;
  for (const auto& [operation, response] : calls) {
    const std::size_t call = history.invoke(operation, std::to_string(history.calls().size()));
    if (response) history.respond(call, *response);
  }
  for (const bool monitors : {true, false}) {
    CAPTURE(monitors);
    CHECK(history.check({.monitors = monitors}).decision == expected);
  }
}

}  // namespace

TEST_CASE("coarse order: what was never put is not got") {
  using Jobs = models::Queue<Job>;
  decide<Jobs>(Decision::violated, {{Jobs::put(a), Nothing{}}, {Jobs::get(), b}});
  decide<Jobs>(Decision::holds, {{Jobs::put(a), Nothing{}}, {Jobs::get(), a}});
  using Urgent = models::PriorityQueue<Job>;
  decide<Urgent>(Decision::violated, {{Urgent::put(a), Nothing{}}, {Urgent::get(), b}});
}

TEST_CASE("coarse order: states that differ are different") {
  using Jobs = models::Queue<Job>;
  decide<Jobs>(Decision::holds,
               {{Jobs::put(a), Nothing{}}, {Jobs::get(), a}, {Jobs::put(b), Nothing{}}, {Jobs::get(), b}});
  using Register = models::Register<Job>;
  decide<Register>(Decision::holds,
                   {{Register::write(a), Nothing{}}, {Register::write(b), Nothing{}}, {Register::read(), b}});
  decide<Register>(Decision::violated,
                   {{Register::write(a), Nothing{}}, {Register::write(b), Nothing{}}, {Register::read(), a}});
}

TEST_CASE("coarse order: a priority queue gives any of the smallest") {
  using Urgent = models::PriorityQueue<Job>;
  const Job late{2, "late"};
  for (const bool reversed : {false, true}) {
    const Job& first = reversed ? b : a;
    const Job& second = reversed ? a : b;
    decide<Urgent>(Decision::holds, {{Urgent::put(late), Nothing{}},
                                     {Urgent::put(a), Nothing{}},
                                     {Urgent::put(b), Nothing{}},
                                     {Urgent::get(), first},
                                     {Urgent::qsize(), std::size_t{2}},
                                     {Urgent::get(), second},
                                     {Urgent::get(), late}});
  }
  decide<Urgent>(Decision::violated,
                 {{Urgent::put(late), Nothing{}}, {Urgent::put(a), Nothing{}}, {Urgent::get(), late}});
  decide<Urgent>(
      Decision::violated,
      {{Urgent::put(a), Nothing{}}, {Urgent::put(b), Nothing{}}, {Urgent::get(), a}, {Urgent::get(), a}});
}

TEST_CASE("coarse order: of a get that never returned any of the smallest may be gone") {
  using Urgent = models::PriorityQueue<Job>;
  const Job late{2, "late"};
  for (const Job& left : {a, b}) {
    decide<Urgent>(Decision::holds, {{Urgent::put(a), Nothing{}},
                                     {Urgent::put(b), Nothing{}},
                                     {Urgent::put(late), Nothing{}},
                                     {Urgent::get(), std::nullopt},
                                     {Urgent::qsize(), std::size_t{2}},
                                     {Urgent::get(), left},
                                     {Urgent::get(), late},
                                     {Urgent::qsize(), std::size_t{0}}});
  }
  decide<Urgent>(Decision::violated, {{Urgent::put(a), Nothing{}},
                                      {Urgent::put(b), Nothing{}},
                                      {Urgent::get(), std::nullopt},
                                      {Urgent::qsize(), std::size_t{1}},
                                      {Urgent::get(), a},
                                      {Urgent::get(), b}});
}

TEST_CASE("coarse order: values that are not equal to themselves are left to the search") {
  using Numbers = models::Queue<double>;
  const double not_a_number = std::numeric_limits<double>::quiet_NaN();
  decide<Numbers>(Decision::violated, {{Numbers::put(not_a_number), Nothing{}}, {Numbers::get(), 0.0}});
}

TEST_CASE("coarse order: a heap of the layer that holds equal priorities is right") {
  const auto scenario = []() -> Coro<void> {
    Recorded<PriorityQueue<Job>> jobs(0, "jobs");
    for (const char* name : {"a", "b", "c", "d", "e"}) {
      Job job{1, name};
      co_await jobs.put(job);
    }
    for (int number = 0; number < 5; ++number) static_cast<void>(co_await jobs.get());
    jobs.require_linearizable();
  };
  const Exploration result = explore(scenario, {.name = "equal priorities", .runs = 1});
  CHECK_MESSAGE(result.passed(), result.report());
}
