#include <coweave/core/barrier.hpp>

#include <coweave/core/callback.hpp>
#include <coweave/core/gather.hpp>
#include <coweave/tests/core/log.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

using namespace coweave;
using namespace coweave::tests;

namespace {

using State = Barrier::State;

/// Waits and logs its index, or how the wait failed.
Coro<void> party(Barrier& barrier, Log& log, std::string name) {
  try {
    const std::size_t index = co_await barrier.wait();
    log(name + " ", index);
  } catch (const BrokenBarrierError& error) {
    log(name + " broken: " + error.what());
  } catch (const CancelledError&) {
    log(show() + "-" + name);
    throw;
  }
}

/// Starts a task for each name.
std::vector<Task<>> parties(Barrier& barrier, Log& log, const std::vector<std::string>& names) {
  std::vector<Task<>> tasks;
  for (const std::string& name : names) tasks.push_back(create_task(party(barrier, log, name)));
  return tasks;
}

/// Runs `body` in `count` tasks at once and waits for all.
Coro<void> in_tasks(int count, std::function<Coro<void>()> body) {
  std::vector<Task<>> tasks;
  for (int task = 0; task < count; ++task) tasks.push_back(create_task(body()));
  for (const Task<>& task : tasks) co_await task;
}

constexpr int five = 5;

}  // namespace

static_assert(std::derived_from<BrokenBarrierError, RuntimeError>);  // as in asyncio

TEST_CASE("barrier: the last to arrive goes on at once, then the others in order of arrival (BAR2, BA3)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Barrier barrier(3);
          const auto tasks = parties(barrier, log, {"a", "b", "c"});
          for (const Task<>& task : tasks) co_await task;
        }) == "c 2 ; a 0 ; b 1");
}

TEST_CASE("barrier: the last one does not suspend, the others resume one iteration later") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Barrier barrier(2);
          parties(barrier, log, {"a"});
          co_await tick();
          const std::size_t index = co_await barrier.wait();
          log("main ", index);
          co_await tick();
          log("1");
        }) == "main 1 ; a 0 ; 1");
}

TEST_CASE("barrier: nobody waits right after a reset (BAR5)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Barrier barrier(3);
          parties(barrier, log, {"a", "b"});
          co_await tick();
          log("", barrier.n_waiting());
          barrier.reset();
          log("", barrier.n_waiting());
          CHECK(barrier.state() == State::resetting);
          co_await tick();
          CHECK(barrier.state() == State::filling);
        }) == "2 ; 0 ; a broken: Abort or reset of barrier ; b broken: Abort or reset of barrier");
}

TEST_CASE("barrier: a task that is cancelled while it fills makes room for another (BAR6, BA6, S36)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Barrier barrier(2);
          const auto tasks = parties(barrier, log, {"a"});
          co_await tick();
          tasks[0].cancel();
          co_await tick();
          log("", barrier.n_waiting());
          CHECK_FALSE(barrier.broken());
          const auto b = parties(barrier, log, {"b"});
          co_await tick();
          co_await tick();
          log("b.done ", b[0].done());
          const auto c = parties(barrier, log, {"c"});
          co_await b[0];
        }) == "CE-a ; 0 ; b.done False ; c 1 ; b 0");
}

TEST_CASE(
    "barrier: those that pass together have different indices, whoever was cancelled (BAR6b, K4, S34)") {
  for (const std::size_t cancelled : {0U, 1U, 2U}) {
    CAPTURE(cancelled);
    const std::string text = run_fifo([cancelled](Log& log) -> Coro<void> {
      Barrier barrier(4);
      const auto first = parties(barrier, log, {"a", "b", "c"});
      co_await tick();
      first[cancelled].cancel();
      parties(barrier, log, {"d", "e"});
      for (int count = 0; count < 3; ++count) co_await tick();
    });
    CHECK(text == (cancelled == 0   ? "CE-a ; e 3 ; b 0 ; c 1 ; d 2"
                   : cancelled == 1 ? "CE-b ; e 3 ; a 0 ; c 1 ; d 2"
                                    : "CE-c ; e 3 ; a 0 ; b 1 ; d 2"));
  }
}

TEST_CASE("barrier: a task that is cancelled wakes another, which waits again behind the others (CO4)") {
  for (const std::size_t cancelled : {0U, 1U, 2U}) {
    CAPTURE(cancelled);
    const std::string text = run_fifo([cancelled](Log& log) -> Coro<void> {
      Barrier barrier(4);
      const auto first = parties(barrier, log, {"a", "b", "c"});
      co_await tick();
      first[cancelled].cancel();
      for (int count = 0; count < 2; ++count) co_await tick();
      parties(barrier, log, {"d", "e"});
      for (int count = 0; count < 3; ++count) co_await tick();
    });
    CHECK(text == (cancelled == 0   ? "CE-a ; e 3 ; c 1 ; b 0 ; d 2"
                   : cancelled == 1 ? "CE-b ; e 3 ; c 1 ; a 0 ; d 2"
                                    : "CE-c ; e 3 ; b 1 ; a 0 ; d 2"));
  }
}

TEST_CASE("barrier: a task that is cancelled while it drains just leaves (BAR7)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Barrier barrier(3);
          const auto tasks = parties(barrier, log, {"a", "b"});
          co_await tick();
          const std::size_t index = co_await barrier.wait();
          log("main ", index);
          tasks[0].cancel();
          co_await tick();
          CHECK(tasks[0].cancelled());
          CHECK(barrier.state() == State::filling);
          log("", barrier.n_waiting());
        }) == "main 2 ; CE-a ; b 1 ; 0");
}

TEST_CASE("barrier: who comes while it drains waits for the next round (BAR8, S38)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Barrier barrier(2);
          auto twice = [&](std::string name) -> Coro<void> {
            for (const char* round : {"1", "2"}) {
              const std::size_t index = co_await barrier.wait();
              log(name + round + " ", index);
            }
          };
          const auto a = create_task(twice("a"));
          const auto b = create_task(twice("b"));
          co_await a;
          co_await b;
        }) == "b1 1 ; a1 0 ; b2 1 ; a2 0");
}

TEST_CASE("barrier: a newcomer that is cancelled while it waits outside takes no place") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Barrier barrier(2);
          const auto a = parties(barrier, log, {"a"});
          co_await tick();
          const auto n = parties(barrier, log, {"n", "m"});
          const std::size_t index = co_await barrier.wait();  // a is woken, n and m come before it runs
          log("main ", index);
          call_soon([&] { n[0].cancel(); });
          co_await tick();
          co_await tick();
          log("", barrier.n_waiting());
          co_await barrier.wait();
          co_await tick();
        }) == "main 1 ; a 0 ; CE-n ; 1 ; m 0");
}

TEST_CASE("barrier: takes at least one party (tBA03)") {
  CHECK_THROWS_WITH_AS(Barrier(0), "parties must be > 0", ValueError);
  CHECK_THROWS_WITH_AS(Barrier(-4), "parties must be > 0", ValueError);
  CHECK(Barrier(five).parties() == five);
}

TEST_CASE("barrier: its states, from filling to broken (tBA02)") {
  CHECK(
      run_fifo([](Log& log) -> Coro<void> {
        Barrier barrier(five);
        CHECK(barrier.state() == State::filling);
        parties(barrier, log, {"a", "b"});
        co_await tick();
        CHECK(barrier.state() == State::filling);
        CHECK(barrier.n_waiting() == 2);
        parties(barrier, log, {"c", "d", "e"});
        co_await tick();
        CHECK(barrier.state() == State::draining);
        parties(barrier, log, {"f", "g"});
        // Two more come before those inside have left.
        barrier.reset();
        CHECK(barrier.state() == State::resetting);
        parties(barrier, log, {"h", "i"});
        barrier.abort();
        CHECK(barrier.state() == State::broken);
        CHECK(barrier.broken());
        CHECK(barrier.n_waiting() == 0);
        for (int count = 0; count < 3; ++count) co_await tick();
        log("end");
      }) ==
      "e 4 ; a broken: Abort or reset of barrier ; b broken: Abort or reset of barrier ; c broken: Abort or "
      "reset of barrier ; d broken: Abort or reset of barrier ; f broken: Barrier aborted ; g broken: "
      "Barrier aborted ; h broken: Barrier aborted ; i broken: Barrier aborted ; end");
}

TEST_CASE("barrier: the scoped form gives the index (tBA04)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Barrier barrier(3);
          std::vector<std::size_t> indices;
          auto body = [&]() -> Coro<void> {
            const auto position = co_await barrier.scoped();
            indices.push_back(position);
          };
          co_await in_tasks(3, body);
          std::sort(indices.begin(), indices.end());
          CHECK(indices == std::vector<std::size_t>{0, 1, 2});
          log("", barrier.n_waiting());
          CHECK_FALSE(barrier.broken());
        }) == "0");
}

TEST_CASE("barrier: one of one party lets each pass at once, with index 0 (tBA05, tBA06)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Barrier barrier(1);
          call_soon([&] { log("other"); });
          for (int count = 0; count < 2; ++count) {
            const std::size_t index = co_await barrier.wait();
            log("", index);
            log("waiting ", barrier.n_waiting());
          }
          CHECK(barrier.state() == State::filling);
          co_await tick();
        }) == "0 ; waiting 0 ; 0 ; waiting 0 ; other");
}

TEST_CASE("barrier: counts those who wait (tBA07)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Barrier barrier(3);
          std::vector<Task<>> tasks;
          for (int count = 0; count < 3; ++count) {
            auto body = [&]() -> Coro<void> { co_await barrier.wait(); };
            tasks.push_back(create_task(body()));
            co_await tick();
            log("", barrier.n_waiting());
          }
          for (const Task<>& task : tasks) co_await task;
          log("", barrier.n_waiting());
          CHECK_FALSE(barrier.broken());
        }) == "1 ; 2 ; 0 ; 0");
}

TEST_CASE("barrier: all pass it twice, with all indices each time (tBA08, tBA09)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Barrier barrier(five);
          std::vector<std::size_t> first;
          std::vector<std::size_t> second;
          auto body = [&]() -> Coro<void> {
            first.push_back(co_await barrier.wait());
            second.push_back(co_await barrier.wait());
          };
          co_await in_tasks(five, body);
          CHECK(first == std::vector<std::size_t>{4, 0, 1, 2, 3});
          std::sort(second.begin(), second.end());
          CHECK(second == std::vector<std::size_t>{0, 1, 2, 3, 4});
          log("", barrier.n_waiting());
        }) == "0");
}

TEST_CASE("barrier: it drains until the last one has left (tBA10)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Barrier barrier(five);
          auto body = [&]() -> Coro<void> {
            co_await barrier.wait();
            log("", barrier.state() == State::draining);
          };
          co_await in_tasks(five, body);
        }) == "True ; True ; True ; True ; False");
}

TEST_CASE("barrier: those who come again while it drains do not mix with those who leave (tBA11)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Barrier barrier(five);
          Barrier others(3);
          int again = 2;
          auto body = [&]() -> Coro<void> {
            co_await barrier.wait();
            if (again > 0) {
              --again;
            } else {
              co_await others.wait();
            }
            co_await barrier.wait();
            log("passed");
          };
          co_await in_tasks(five, body);
        }) == "passed ; passed ; passed ; passed ; passed");
}

TEST_CASE("barrier: a cancelled one is replaced by another (tBA12)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Barrier barrier(3);
          const auto one = parties(barrier, log, {"1"});
          co_await tick();
          log("", barrier.n_waiting());
          parties(barrier, log, {"2"});
          co_await tick();
          log("", barrier.n_waiting());
          one[0].cancel();
          co_await tick();
          log("", barrier.n_waiting());
          CHECK(one[0].cancelled());
          parties(barrier, log, {"3"});
          co_await tick();
          log("", barrier.n_waiting());
          parties(barrier, log, {"4"});
          co_await tick();
          co_await tick();
          log("", barrier.n_waiting());
          CHECK_FALSE(barrier.broken());
        }) == "1 ; 2 ; CE-1 ; 1 ; 2 ; 4 2 ; 2 0 ; 3 1 ; 0");
}

TEST_CASE(
    "barrier: a reset of an idle one changes nothing, an abort breaks it until a reset (tBA13, tBA19)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Barrier barrier(1);
          barrier.reset();
          CHECK(barrier.state() == State::filling);
          barrier.abort();
          CHECK(barrier.broken());
          co_await party(barrier, log, "a");
          barrier.reset();
          CHECK_FALSE(barrier.broken());
          co_await party(barrier, log, "b");
        }) == "a broken: Barrier aborted ; b 0");
}

TEST_CASE("barrier: a reset sends those who wait away and can be used again (tBA14)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Barrier barrier(3);
          const auto tasks = parties(barrier, log, {"a", "b"});
          co_await tick();
          barrier.reset();
          for (const Task<>& task : tasks) co_await task;
          log("", barrier.n_waiting());
          CHECK(barrier.state() == State::filling);
          parties(barrier, log, {"c", "d", "e"});
          co_await tick();
          co_await tick();
        }) ==
        "a broken: Abort or reset of barrier ; b broken: Abort or reset of barrier ; 0 ; e 2 ; c 0 ; d 1");
}

TEST_CASE("barrier: a reset while it drains fails those who have not left (tBA15, BA8)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Barrier barrier(five);
          int left = 0;
          int failed = 0;
          auto body = [&]() -> Coro<void> {
            try {
              co_await barrier.wait();
              if (++left == 3) barrier.reset();
            } catch (const BrokenBarrierError&) {
              ++failed;
            }
          };
          co_await in_tasks(five, body);
          log("failed ", failed);
          CHECK(barrier.state() == State::filling);
        }) == "failed 2");
}

TEST_CASE("barrier: a reset fails those inside and not those who wait outside (tBA16)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Barrier barrier(five);
          int left = 0;
          int failed_inside = 0;
          int failed_outside = 0;
          auto body = [&]() -> Coro<void> {
            bool failed = false;
            try {
              co_await barrier.wait();
            } catch (const BrokenBarrierError&) {
              failed = true;
            }
            if (failed) {
              ++failed_inside;
              co_await barrier.wait();
              co_return;
            }
            if (++left > 2) barrier.reset();
            try {
              co_await barrier.wait();
            } catch (const BrokenBarrierError&) {
              ++failed_outside;
            }
          };
          co_await in_tasks(five, body);
          log("inside ", failed_inside);
          log("outside ", failed_outside);
          CHECK(barrier.state() == State::filling);
          log("", barrier.n_waiting());
        }) == "inside 2 ; outside 0 ; 0");
}

TEST_CASE("barrier: those who failed at a reset wait again and pass (tBA17)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Barrier barrier(five);
          int failed = 0;
          int passed = 0;
          auto again = [&]() -> Coro<void> {
            try {
              co_await barrier.wait();
            } catch (const BrokenBarrierError&) {
              ++failed;
            }
            co_await barrier.wait();
            ++passed;
          };
          std::vector<Task<>> tasks;
          for (int count = 0; count < five - 1; ++count) tasks.push_back(create_task(again()));
          call_soon([&] { barrier.reset(); });
          co_await tick();
          auto newcomer = [&]() -> Coro<void> {
            co_await barrier.wait();
            ++passed;
          };
          const auto last = create_task(newcomer());
          for (const Task<>& task : tasks) co_await task;
          log("failed ", failed);
          log("passed ", passed);
          CHECK_FALSE(barrier.broken());
          log("", barrier.n_waiting());
        }) == "failed 4 ; passed 5 ; 0");
}

TEST_CASE("barrier: a reset by the last one to leave fails nobody (tBA18)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Barrier barrier(five);
          int left = 0;
          int second = 0;
          int third = 0;
          auto body = [&]() -> Coro<void> {
            co_await barrier.wait();
            const bool last = ++left == five;
            if (last) barrier.reset();
            co_await barrier.wait();
            if (!last) ++second;
            co_await barrier.wait();
            ++third;
          };
          co_await in_tasks(five, body);
          log("second ", second);
          log("third ", third);
          CHECK_FALSE(barrier.broken());
          log("", barrier.n_waiting());
        }) == "second 4 ; third 5 ; 0");
}

TEST_CASE("barrier: an abort fails those inside and those outside (tBA20)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Barrier barrier(five);
          int left = 0;
          int failed_inside = 0;
          int failed_outside = 0;
          auto body = [&]() -> Coro<void> {
            try {
              co_await barrier.wait();
            } catch (const BrokenBarrierError&) {
              ++failed_inside;
              co_return;
            }
            if (++left > 2) {
              barrier.abort();
              co_return;
            }
            try {
              co_await barrier.wait();
            } catch (const BrokenBarrierError&) {
              ++failed_outside;
            }
          };
          co_await in_tasks(five, body);
          log("inside ", failed_inside);
          log("outside ", failed_outside);
          CHECK(barrier.broken());
          log("", barrier.n_waiting());
        }) == "inside 2 ; outside 2 ; 0");
}

TEST_CASE("barrier: a task that fails between two waits aborts for the others (tBA21)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Barrier barrier(five);
          int passed = 0;
          int broken = 0;
          auto body = [&]() -> Coro<void> {
            try {
              const std::size_t index = co_await barrier.wait();
              if (index == five / 2) throw ValueError("own");
              co_await barrier.wait();
              ++passed;
            } catch (const BrokenBarrierError&) {
              ++broken;
            } catch (const ValueError&) {
              barrier.abort();
            }
          };
          co_await in_tasks(five, body);
          log("passed ", passed);
          log("broken ", broken);
          CHECK(barrier.broken());
          log("", barrier.n_waiting());
        }) == "passed 0 ; broken 4 ; 0");
}

TEST_CASE("barrier: after an abort and a reset all pass again (tBA22)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Barrier barrier(five);
          Barrier second(five);
          int passed = 0;
          int broken = 0;
          int at_last = 0;
          auto body = [&]() -> Coro<void> {
            try {
              const std::size_t index = co_await barrier.wait();
              if (index == five / 2) throw ValueError("own");
              co_await barrier.wait();
              ++passed;
            } catch (const BrokenBarrierError&) {
              ++broken;
            } catch (const ValueError&) {
              barrier.abort();
            }
            const std::size_t index = co_await second.wait();
            if (index == five / 2) barrier.reset();
            co_await second.wait();
            co_await barrier.wait();
            ++at_last;
          };
          co_await in_tasks(five, body);
          log("passed ", passed);
          log("broken ", broken);
          log("at last ", at_last);
          CHECK_FALSE(barrier.broken());
          log("", barrier.n_waiting());
        }) == "passed 0 ; broken 4 ; at last 5 ; 0");
}

TEST_CASE("barrier: one that never fills is a deadlock") {
  CHECK(run_fifo([](Log&) -> Coro<void> {
          Barrier barrier(2);
          co_await barrier.wait();
        }) == "DEADLOCK");
}

TEST_CASE("barrier: a thousand parties of which every third is cancelled leave no gap (K4)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Barrier barrier(1000);
          std::vector<std::size_t> indices;
          auto body = [&]() -> Coro<void> { indices.push_back(co_await barrier.wait()); };
          std::vector<Task<>> tasks;
          for (int count = 0; count < 900; ++count) tasks.push_back(create_task(body()));
          co_await tick();
          for (std::size_t task = 0; task < tasks.size(); task += 3) tasks[task].cancel();
          co_await tick();
          log("", barrier.n_waiting());
          for (int count = 0; count < 400; ++count) tasks.push_back(create_task(body()));
          for (int count = 0; count < 3; ++count) co_await tick();
          std::sort(indices.begin(), indices.end());
          bool dense = indices.size() == 1000;
          for (std::size_t index = 0; index < indices.size(); ++index)
            dense = dense && indices[index] == index;
          log("dense ", dense);
        }) == "600 ; dense True");
}

TEST_CASE("barrier: destroying it while a task waits is reported") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          std::optional<Barrier> barrier(std::in_place, 2, "start");
          parties(*barrier, log, {"a"});
          co_await tick();
          barrier.reset();
        }) == "EXCEPTION Barrier 'start' was destroyed while tasks wait for it: they will never be woken");
}
