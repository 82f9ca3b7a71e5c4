/// The monitors say what the search says.

#include <coweave/props/linearizability/history.hpp>
#include <coweave/props/linearizability/models.hpp>
#include <coweave/sim/random.hpp>
#include <coweave/tests/linearizability/random_history.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <vector>

using namespace coweave;

namespace {

constexpr std::uint64_t trials = 6'000;

/// Compares monitor and search, and requires that both verdicts came up often, and that the monitor judged.
template <SequentialModel M, class Make>
void compare(Make make, const std::vector<typename M::Response>& others,
             tests::Trouble trouble = tests::Trouble::loses) {
  std::uint64_t right = 0;
  std::uint64_t judged = 0;
  for (std::uint64_t seed = 0; seed < trials; ++seed) {
    CAPTURE(seed);
    sim::Random random(seed);
    History<M> history;
    tests::fill(
        history, random, 4 + random.below(12), [&](std::uint32_t number) { return make(random, number); },
        others, trouble);
    const HistoryCheck searched = history.check({.monitors = false, .explain = false});
    const HistoryCheck monitored = history.check({.explain = false});
    REQUIRE(searched.decision != Decision::undecided);
    REQUIRE(monitored.decision == searched.decision);
    right += searched.decision == Decision::holds ? 1U : 0U;
    judged += monitored.decision == Decision::holds && monitored.steps == 0 ? 1U : 0U;
  }
  CHECK(right > trials / 10);
  CHECK(right < trials - trials / 10);
  CHECK(judged > right / 2);
}

}  // namespace

TEST_CASE("monitors: that of registers says what the search says") {
  using Register = models::Register<int>;
  compare<Register>(
      [](sim::Random& random, std::uint32_t number) {
        return random.below(5) < 2 ? Register::write(static_cast<int>(number) + 1) : Register::read();
      },
      {0, 1, 2, 3, 4});
}

TEST_CASE("monitors: that of sets says what the search says") {
  using Set = models::Set<int>;
  compare<Set>(
      [](sim::Random& random, std::uint32_t) {
        const auto value = static_cast<int>(random.below(4));
        const std::uint32_t kind = random.below(4);
        return kind == 0 ? Set::add(value) : kind == 1 ? Set::remove(value) : Set::contains(value);
      },
      {true, false}, tests::Trouble::none);
}

TEST_CASE("monitors: that of queues says what the search says") {
  using Queue = models::Queue<int>;
  compare<Queue>(
      [](sim::Random& random, std::uint32_t number) {
        return random.one_in(2) ? Queue::put(static_cast<int>(number)) : Queue::get_nowait();
      },
      {0, 1, 2, 3, raised<QueueEmpty>()});
}

TEST_CASE("monitors: that of stacks says what the search says") {
  using Stack = models::Stack<int>;
  compare<Stack>(
      [](sim::Random& random, std::uint32_t number) {
        return random.one_in(2) ? Stack::put(static_cast<int>(number)) : Stack::get_nowait();
      },
      {0, 1, 2, 3, raised<QueueEmpty>()});
}

TEST_CASE("monitors: that of priority queues says what the search says") {
  using Heap = models::PriorityQueue<int>;
  compare<Heap>(
      [](sim::Random& random, std::uint32_t number) {
        return random.one_in(2) ? Heap::put(static_cast<int>(number * 7 % 16)) : Heap::get_nowait();
      },
      {0, 1, 2, 3, 7, 14, raised<QueueEmpty>()});
}
