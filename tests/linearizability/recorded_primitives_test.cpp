#include <coweave/coweave.hpp>
#include <coweave/props/ci/annotations.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <source_location>
#include <string>
#include <vector>

using namespace coweave;

namespace {

/// Two producers and two consumers, of which one may be cancelled; then what is left is taken out.
template <class Q>
Coro<void> traffic() {
  Recorded<Q> queue(1, "jobs");
  auto produce = [&](int first) -> Coro<void> {
    for (int item = first; item < first + 2; ++item) co_await queue.put(item);
  };
  auto consume = [&](int count) -> Coro<void> {
    for (int index = 0; index < count; ++index) static_cast<void>(co_await queue.get());
  };
  auto impatient = create_task(consume(1), {.name = "impatient"});
  sim::may_cancel(impatient);
  auto one = create_task(produce(10), {.name = "one"});
  auto other = create_task(produce(20), {.name = "other"});
  auto consumer = create_task(consume(3), {.name = "consumer"});
  co_await one;
  co_await other;
  co_await consumer;
  try {
    co_await impatient;
  } catch (const CancelledError&) {
  }
  if (queue.qsize() > 0) static_cast<void>(queue.get_nowait());
  COWEAVE_REQUIRE(queue.qsize() == std::size_t{0});
  queue.require_linearizable();
}

template <class Permits>
Coro<void> turns() {
  Recorded<Permits> permits;
  auto use = [&]() -> Coro<void> {
    co_await permits.acquire();
    co_await sleep(Duration::zero());
    permits.release();
  };
  auto one = create_task(use(), {.name = "one"});
  auto impatient = create_task(permits.acquire(), {.name = "impatient"});
  sim::may_cancel(impatient);
  auto other = create_task(use(), {.name = "other"});
  try {
    co_await impatient;
    permits.release();
  } catch (const CancelledError&) {
  }
  co_await one;
  co_await other;
  co_await permits.acquire();
  if constexpr (requires { permits.value(); }) {
    const std::size_t calls = permits.history().calls().size();
    COWEAVE_REQUIRE(permits.value() == permits.primitive().value());
    COWEAVE_REQUIRE(permits.history().calls().size() == calls + 1);
  }
  COWEAVE_REQUIRE(permits.history().calls().size() >= std::size_t{5});
  permits.require_linearizable();
}

void survive(const sim::Scenario& scenario, const char* name) {
  const Exploration result = explore(scenario, {.name = name, .runs = 2'000});
  CHECK_MESSAGE(result.passed(), result.report());
}

/// A get that takes the item before it gives way, and loses it if it is cancelled there.
Coro<void> losing_get() {
  Queue<int> queue;
  History<models::Queue<int>> history({}, "jobs");
  auto get = [&]() -> Coro<int> {
    const int item = co_await queue.get();
    co_await sleep(Duration::zero());
    co_return item;
  };
  auto consume = [&]() -> Coro<void> {
    static_cast<void>(co_await history.call(models::Queue<int>::get(), get()));
  };
  auto consumer = create_task(consume(), {.name = "consumer"});
  sim::may_cancel(consumer);
  history.call_nowait(models::Queue<int>::put_nowait(1), [&] { queue.put_nowait(1); });
  bool cancelled = false;
  try {
    co_await consumer;
  } catch (const CancelledError&) {
    cancelled = true;
  }
  if (cancelled) history.call_nowait(models::Queue<int>::qsize(), [&] { return queue.qsize(); });
  history.require_linearizable({.cut_short = CutShort::has_no_effect});
}

}  // namespace

TEST_CASE("recorded primitives: queues are linearizable, and cancelled calls have no effect") {
  survive(traffic<Queue<int>>, "Queue");
  survive(traffic<LifoQueue<int>>, "LifoQueue");
  survive(traffic<PriorityQueue<int>>, "PriorityQueue");
}

TEST_CASE("recorded primitives: locks and semaphores are linearizable, and cancelled calls have no effect") {
  survive(turns<Lock>, "Lock");
  survive(turns<Semaphore>, "Semaphore");
  survive(turns<BoundedSemaphore>, "BoundedSemaphore");
}

TEST_CASE("recorded primitives: the place of a call is where the program awaits it") {
  std::uint32_t line = 0;
  const auto starving = [&line]() -> Coro<void> {
    Recorded<Queue<int>> jobs(0, "jobs");
    line = std::source_location::current().line() + 1;
    static_cast<void>(co_await jobs.get());
  };
  const Exploration stuck = explore(starving, {.name = "starving", .runs = 1});
  REQUIRE(stuck.finding);
  const traces::Verdict& verdict = stuck.finding->trace.verdict;
  REQUIRE(verdict.waits.size() == 1);
  REQUIRE(verdict.waits[0].stack.size() == 1);
  CHECK(verdict.waits[0].stack[0].file.ends_with("recorded_primitives_test.cpp"));
  CHECK(verdict.waits[0].stack[0].line == line);
  CHECK(detail::place_of_failure(stuck.finding->trace) == verdict.waits[0].stack[0]);

  const auto take = [&line](Recorded<Queue<int>>& jobs) -> Coro<void> {
    line = std::source_location::current().line() + 1;
    static_cast<void>(co_await jobs.get());
  };
  const auto cancelled = [&take]() -> Coro<void> {
    Recorded<Queue<int>> jobs(0, "jobs");
    const auto taker = create_task(take(jobs), {.name = "taker"});
    co_await sleep(Duration::zero());
    taker.cancel();
    const std::vector<AnyFuture> all{taker};
    static_cast<void>(co_await wait(all));
  };
  const Sweep swept = sweep(cancelled, cancellation, {.name = "cancelled"});
  bool is_told = false;
  for (const SweepPlace& place : swept.places) {
    CHECK(place.at.file.ends_with("recorded_primitives_test.cpp"));
    is_told |= place.what == "get Queue 'jobs'" && place.at.line == line;
  }
  CHECK_MESSAGE(is_told, swept.report());
}

TEST_CASE("recorded primitives: items that own memory pass through") {
  const auto scenario = []() -> Coro<void> {
    Recorded<Queue<std::string>> queue;
    const std::string item = "an item that is too long to stand within the object";
    co_await queue.put(item);
    const std::string got = co_await queue.get();
    COWEAVE_REQUIRE(got == item);
    queue.require_linearizable();
  };
  CHECK(explore(scenario, {.runs = 1}).passed());
}

TEST_CASE("recorded primitives: an item that is lost with a cancelled call is found") {
  const Exploration result = explore(losing_get, {.name = "losing get", .runs = 1'000});
  REQUIRE(result.finding);
  CHECK(result.finding->trace.verdict.kind == traces::VerdictKind::non_linearizable);
  CHECK(result.finding->trace.verdict.message.find(
            "qsize() → 0 of main fits nowhere; after 1. it would be → 1") != std::string::npos);
}
