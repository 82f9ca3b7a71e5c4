#include <coweave/core/queue.hpp>

#include <coweave/core/callback.hpp>
#include <coweave/core/event_loop.hpp>
#include <coweave/core/wait_for.hpp>
#include <coweave/sim/recording/recorder.hpp>
#include <coweave/tests/core/log.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

using namespace coweave;
using namespace coweave::tests;
using namespace std::chrono_literals;

namespace {

Coro<void> getter(Queue<int>& queue, Log& log, std::string name) {
  try {
    const int item = co_await queue.get();
    log(name + "<-" + std::to_string(item));
  } catch (...) {
    log(show() + "-" + name);
    throw;
  }
}

Coro<void> putter(Queue<int>& queue, Log& log, std::string name, int item) {
  try {
    co_await queue.put(item);
    log(name + " put");
  } catch (...) {
    log(show() + "-" + name);
    throw;
  }
}

Coro<void> joiner(Queue<int>& queue, Log& log) {
  co_await queue.join();
  log("joined");
}

std::string contents(Queue<int>& queue) {
  std::string text;
  while (!queue.empty()) text += (text.empty() ? "" : ",") + std::to_string(queue.get_nowait());
  return text;
}

/// Counts how many of its kind are alive.
class Counted {
 public:
  Counted(int& alive, std::string text) : alive_(&alive), text_(std::move(text)) { ++*alive_; }
  Counted(const Counted& other) : alive_(other.alive_), text_(other.text_) { ++*alive_; }
  Counted(Counted&& other) noexcept : alive_(other.alive_), text_(std::move(other.text_)) { ++*alive_; }
  Counted& operator=(const Counted&) = default;
  Counted& operator=(Counted&&) = default;
  ~Counted() { --*alive_; }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  int* alive_;
  std::string text_;
};

const std::string long_text = "a text that is too long to be kept inside a string object";

}  // namespace

TEST_CASE("queue: neither put nor get suspends if it need not (tQB04, tQB05, tQG01, tQP01)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue(2);
          call_soon([&] { log("other"); });
          co_await queue.put(1);
          co_await queue.put(2);
          log("full ", queue.full());
          const int one = co_await queue.get();
          const int two = co_await queue.get();
          log("sum ", one + two);
          log("empty ", queue.empty());
          co_await tick();
        }) == "full True ; sum 3 ; empty True ; other");
}

TEST_CASE("queue: getters are served in order of arrival (Q2)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue;
          const auto a = create_task(getter(queue, log, "a"));
          const auto b = create_task(getter(queue, log, "b"));
          const auto c = create_task(getter(queue, log, "c"));
          co_await tick();
          for (const int item : {1, 2, 3}) co_await queue.put(item);
          co_await a;
          co_await b;
          co_await c;
        }) == "a<-1 ; b<-2 ; c<-3");
}

TEST_CASE("queue: putters store in order of arrival (Q3)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue(1);
          co_await queue.put(0);
          const auto a = create_task(putter(queue, log, "a", 1));
          const auto b = create_task(putter(queue, log, "b", 2));
          const auto c = create_task(putter(queue, log, "c", 3));
          co_await tick();
          for (int count = 0; count < 4; ++count) {
            const int item = co_await queue.get();
            log("get ", item);
            co_await tick();
          }
        }) == "get 0 ; a put ; get 1 ; b put ; get 2 ; c put ; get 3");
}

TEST_CASE("queue: a woken putter has not stored its item before it runs (Q3b)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue(1);
          queue.put_nowait(0);
          const auto a = create_task(putter(queue, log, "a", 1));
          co_await tick();
          log("", queue.get_nowait());
          try {
            static_cast<void>(queue.get_nowait());
          } catch (...) {
            log(show());
          }
          co_await tick();
          log("", queue.get_nowait());
        }) == "0 ; QueueEmpty ; a put ; 1");
}

TEST_CASE("queue: a getter that loses its item waits again at the end of the line (Q4)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue;
          const auto a = create_task(getter(queue, log, "a"));
          const auto b = create_task(getter(queue, log, "b"));
          co_await tick();
          queue.put_nowait(1);
          log("steal ", queue.get_nowait());
          co_await tick();
          queue.put_nowait(2);
          queue.put_nowait(3);
          co_await a;
          co_await b;
        }) == "steal 1 ; b<-2 ; a<-3");
}

TEST_CASE("queue: a getter woken for an item that is gone does not count against those behind it (Q4)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue;
          const auto a = create_task(getter(queue, log, "a"));
          const auto b = create_task(getter(queue, log, "b"));
          co_await tick();
          queue.put_nowait(1);
          log("steal ", queue.get_nowait());
          queue.put_nowait(2);  // wakes b; a comes first and takes it
          queue.put_nowait(3);
          co_await a;
          co_await b;
        }) == "steal 1 ; a<-2 ; b<-3");
}

TEST_CASE("queue: a woken getter that is cancelled passes the wake-up on (Q5)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue;
          const auto a = create_task(getter(queue, log, "a"));
          const auto b = create_task(getter(queue, log, "b"));
          co_await tick();
          queue.put_nowait(1);
          a.cancel();
          co_await b;
          CHECK(a.cancelled());
        }) == "CE-a ; b<-1");
}

TEST_CASE("queue: a pending getter that is cancelled is passed over (Q5b)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue;
          const auto a = create_task(getter(queue, log, "a"));
          const auto b = create_task(getter(queue, log, "b"));
          co_await tick();
          a.cancel();
          queue.put_nowait(1);
          co_await b;
          CHECK(a.cancelled());
        }) == "CE-a ; b<-1");
}

TEST_CASE("queue: the item of a woken getter that is cancelled stays (Q5c)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue;
          const auto a = create_task(getter(queue, log, "a"));
          co_await tick();
          queue.put_nowait(1);
          a.cancel();
          co_await tick();
          log("size ", queue.qsize());
          const int item = co_await queue.get();
          log("", item);
        }) == "CE-a ; size 1 ; 1");
}

TEST_CASE("queue: a getter cancelled without having been woken wakes nobody (S26, tQG06)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue;
          const auto a = create_task(getter(queue, log, "a"));
          const auto b = create_task(getter(queue, log, "b"));
          co_await tick();
          a.cancel();
          co_await tick();
          co_await tick();
          log("b.done ", b.done());
          CHECK(b.base().waiting() != nullptr);
          queue.put_nowait(1);
          co_await b;
        }) == "CE-a ; b.done False ; b<-1");
}

TEST_CASE("queue: a newcomer may take the item of a getter that was woken and cancelled") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue;
          const auto a = create_task(getter(queue, log, "a"));
          const auto b = create_task(getter(queue, log, "b"));
          co_await tick();
          const auto n = create_task(getter(queue, log, "n"));
          queue.put_nowait(1);
          a.cancel();
          co_await n;
          queue.put_nowait(2);
          co_await b;
        }) == "n<-1 ; CE-a ; b<-2");
}

TEST_CASE("queue: a woken putter that is cancelled passes the wake-up on (Q6)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue(1);
          queue.put_nowait(0);
          const auto a = create_task(putter(queue, log, "a", 1));
          const auto b = create_task(putter(queue, log, "b", 2));
          co_await tick();
          log("", queue.get_nowait());
          a.cancel();
          co_await b;
          log(contents(queue));
        }) == "0 ; CE-a ; b put ; 2");
}

TEST_CASE("queue: a pending putter that is cancelled is passed over (Q6, window 3)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue(1);
          queue.put_nowait(0);
          const auto a = create_task(putter(queue, log, "a", 1));
          const auto b = create_task(putter(queue, log, "b", 2));
          co_await tick();
          a.cancel();
          log("", queue.get_nowait());
          co_await b;
          log(contents(queue));
        }) == "0 ; CE-a ; b put ; 2");
}

TEST_CASE("queue: a newcomer may overtake a woken putter, which then waits again (K7)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue(2);
          queue.put_nowait(1);
          queue.put_nowait(2);
          const auto a = create_task(putter(queue, log, "a", 3));
          co_await tick();
          log("", queue.get_nowait());
          queue.put_nowait(4);
          co_await tick();
          log("a.done ", a.done());
          log("", queue.get_nowait());
          co_await a;
          log(contents(queue));
        }) == "1 ; a.done False ; 2 ; a put ; 4,3");
}

TEST_CASE("queue: producer and consumer of a queue of one alternate (Q11, tQG08)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue(1);
          auto produce = [&]() -> Coro<void> {
            for (int item = 0; item < 4; ++item) {
              co_await queue.put(item);
              log("p", item);
            }
          };
          auto consume = [&]() -> Coro<void> {
            for (int count = 0; count < 4; ++count) {
              const int item = co_await queue.get();
              log("c", item);
            }
          };
          const auto p = create_task(produce());
          const auto c = create_task(consume());
          co_await p;
          co_await c;
        }) == "p0 ; c0 ; p1 ; c1 ; p2 ; c2 ; p3 ; c3");
}

TEST_CASE("queue: a hundred cancelled getters leave nothing behind (S28)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue;
          for (int count = 0; count < 100; ++count) {
            const auto task = create_task(getter(queue, log, "x"));
            co_await tick();
            task.cancel();
            co_await tick();
          }
          co_await queue.put(7);
          log("size ", queue.qsize());
        }).ends_with("CE-x ; size 1"));
}

TEST_CASE("queue: a put reaches the getter one iteration later (tQP11)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue;
          const auto a = create_task(getter(queue, log, "a"));
          co_await tick();
          queue.put_nowait(1);
          log("0");
          co_await tick();
          log("1");
        }) == "0 ; a<-1 ; 1");
}

TEST_CASE("queue: what its state does not allow throws (tQG05, tQP07)") {
  CHECK(run_fifo([](Log&) -> Coro<void> {
          Queue<int> queue(1);
          CHECK(queue.maxsize() == 1);
          CHECK_THROWS_WITH_AS(static_cast<void>(queue.get_nowait()),
                               "QueueEmpty: get_nowait() on an empty queue", QueueEmpty);
          queue.put_nowait(1);
          CHECK_THROWS_WITH_AS(queue.put_nowait(2), "QueueFull: put_nowait() on a full queue", QueueFull);
          CHECK(queue.qsize() == 1);
          queue.task_done();
          CHECK_THROWS_WITH_AS(queue.task_done(), "task_done() called too many times", ValueError);
          co_return;
        }) == "");
}

TEST_CASE("queue: join of one without unfinished items does not suspend") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue;
          call_soon([&] { log("other"); });
          co_await queue.join();
          log("joined");
          co_await tick();
        }) == "joined ; other");
}

TEST_CASE("queue: join waits until every item is done, and resumes one iteration later (Q7)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue;
          queue.put_nowait(1);
          queue.put_nowait(2);
          const auto j = create_task(joiner(queue, log));
          co_await tick();
          log(contents(queue));
          queue.task_done();
          co_await tick();
          log("one left");
          queue.task_done();
          log("0");
          co_await tick();
          log("1");
        }) == "1,2 ; one left ; 0 ; joined ; 1");
}

TEST_CASE("queue: join returns though new items came after the last was done (Q7b)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue;
          queue.put_nowait(1);
          const auto j = create_task(joiner(queue, log));
          co_await tick();
          queue.task_done();
          queue.put_nowait(2);
          co_await j;
          queue.task_done();
          CHECK_THROWS_AS(queue.task_done(), ValueError);
        }) == "joined");
}

TEST_CASE("queue: a join that is cancelled disturbs nothing") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue;
          queue.put_nowait(1);
          const auto j = create_task(joiner(queue, log));
          const auto k = create_task(joiner(queue, log));
          co_await tick();
          j.cancel();
          queue.task_done();
          co_await k;
          CHECK(j.cancelled());
        }) == "joined");
}

TEST_CASE("queue: after a shutdown puts are refused and gets go on until it is empty (Q9)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue;
          queue.put_nowait(1);
          queue.shutdown();
          queue.shutdown();
          const char* const refusal = "QueueShutDown: the queue has been shut down";
          CHECK_THROWS_WITH_AS(queue.put_nowait(2), refusal, QueueShutDown);
          try {
            co_await queue.put(2);
          } catch (...) {
            log(show());
          }
          const int item = co_await queue.get();
          log("", item);
          CHECK_THROWS_WITH_AS(static_cast<void>(queue.get_nowait()), refusal, QueueShutDown);
          try {
            static_cast<void>(co_await queue.get());
          } catch (...) {
            log(show());
          }
          queue.task_done();
          co_await queue.join();
        }) == "QueueShutDown ; 1 ; QueueShutDown");
}

TEST_CASE("queue: a shutdown wakes everybody who waits (Q9)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> empty;
          Queue<int> full(1);
          full.put_nowait(0);
          const auto a = create_task(getter(empty, log, "a"));
          const auto b = create_task(getter(empty, log, "b"));
          const auto c = create_task(putter(full, log, "c", 1));
          const auto d = create_task(putter(full, log, "d", 2));
          co_await tick();
          empty.shutdown();
          full.shutdown();
          co_await tick();
          for (const Task<>& task : {a, b, c, d}) CHECK(end_of(task) == "QueueShutDown");
          log(contents(full));
        }) == "QueueShutDown-a ; QueueShutDown-b ; QueueShutDown-c ; QueueShutDown-d ; 0");
}

TEST_CASE("queue: an immediate shutdown drops the items and counts them as done (Q9, S32)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue;
          queue.put_nowait(1);
          queue.put_nowait(2);
          const auto j = create_task(joiner(queue, log));
          co_await tick();
          queue.shutdown(true);
          log("size ", queue.qsize());
          co_await j;
          CHECK_THROWS_AS(queue.task_done(), ValueError);
        }) == "size 0 ; joined");
}

TEST_CASE("queue: an immediate shutdown still waits for items that were got (Q9)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue;
          queue.put_nowait(1);
          queue.put_nowait(2);
          static_cast<void>(queue.get_nowait());
          const auto j = create_task(joiner(queue, log));
          co_await tick();
          queue.shutdown(true);
          co_await tick();
          log("one left");
          queue.task_done();
          co_await j;
        }) == "one left ; joined");
}

TEST_CASE("queue: a shutdown and then an immediate one drains (Q9)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue;
          queue.put_nowait(1);
          queue.shutdown();
          queue.shutdown(true);
          log("size ", queue.qsize());
          co_await queue.join();
          log("joined");
        }) == "size 0 ; joined");
}

TEST_CASE("queue: a putter woken just before a shutdown is refused (Q13e)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue(1);
          queue.put_nowait(0);
          const auto a = create_task(putter(queue, log, "a", 1));
          co_await tick();
          static_cast<void>(queue.get_nowait());
          queue.shutdown();
          co_await tick();
          CHECK(end_of(a) == "QueueShutDown");
        }) == "QueueShutDown-a");
}

TEST_CASE("queue: a getter woken just before a shutdown gets its item (Q13f)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue;
          const auto a = create_task(getter(queue, log, "a"));
          co_await tick();
          queue.put_nowait(1);
          queue.shutdown();
          co_await a;
        }) == "a<-1");
}

TEST_CASE("queue: a getter woken just before an immediate shutdown is refused (Q13g)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue;
          const auto a = create_task(getter(queue, log, "a"));
          co_await tick();
          queue.put_nowait(1);
          queue.shutdown(true);
          co_await tick();
          CHECK(end_of(a) == "QueueShutDown");
        }) == "QueueShutDown-a");
}

TEST_CASE("queue: items that are made in the await expression are destroyed once") {
  int alive = 0;
  CHECK(
      run_fifo([&](Log& log) -> Coro<void> {
        Queue<Counted> queue(1);
        co_await queue.put(Counted(alive, long_text));
        auto put_more = [&]() -> Coro<void> {
          co_await queue.put(Counted(alive, long_text + "2"));  // suspends
        };
        const auto p = create_task(put_more());
        co_await tick();
        log("alive ", alive);
        const Counted first = co_await queue.get();
        CHECK(first.text() == long_text);
        const Counted second = co_await queue.get();
        CHECK(second.text() == long_text + "2");
        co_await p;
        log("alive ", alive);
      }) ==
      "alive 3 ; alive 2");  // waiting: the stored item, the waiting one, and the argument that it came from
  CHECK(alive == 0);
}

TEST_CASE("queue: texts that are made in the await expression arrive") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<std::string> queue(1);
          co_await queue.put(std::string(long_text));
          auto put_more = [&]() -> Coro<void> { co_await queue.put(std::string(long_text)); };
          const auto p = create_task(put_more());
          co_await tick();
          for (int count = 0; count < 2; ++count) {
            const std::string item = co_await queue.get();
            log("", item == long_text);
          }
        }) == "True ; True");
}

TEST_CASE("queue: items that can only be moved") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<std::unique_ptr<int>> queue;
          co_await queue.put(std::make_unique<int>(7));
          const auto item = co_await queue.get();
          log("", *item);
        }) == "7");
}

TEST_CASE("queue: a thousand items keep their order while the buffer grows and wraps") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<std::string> queue;
          int in = 0;
          int out = 0;
          bool in_order = true;
          for (int round = 1; round <= 44; ++round) {
            for (int count = 0; count < round; ++count) queue.put_nowait(std::to_string(in++));
            for (int count = 0; count < round / 2; ++count)
              in_order = in_order && queue.get_nowait() == std::to_string(out++);
          }
          while (!queue.empty()) in_order = in_order && queue.get_nowait() == std::to_string(out++);
          log("in order ", in_order && in == out);
          co_return;
        }) == "in order True");
}

TEST_CASE("queue: an item whose move throws leaves the queue as it was") {
  struct Brittle {
    bool throws = false;
    Brittle() = default;
    Brittle(Brittle&& other) : throws(other.throws) {
      if (throws) throw ValueError("brittle");
    }
    Brittle& operator=(Brittle&&) = delete;
    Brittle(const Brittle&) = delete;
    Brittle& operator=(const Brittle&) = delete;
    ~Brittle() = default;
  };
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<Brittle> queue;
          auto get_one = [&]() -> Coro<void> { static_cast<void>(co_await queue.get()); };
          const auto g = create_task(get_one());
          co_await tick();
          Brittle brittle;
          brittle.throws = true;
          CHECK_THROWS_AS(queue.put_nowait(std::move(brittle)), ValueError);
          log("size ", queue.qsize());
          CHECK_THROWS_AS(queue.task_done(), ValueError);
          queue.put_nowait(Brittle());
          co_await g;
          queue.task_done();
        }) == "size 0");
}

TEST_CASE("queue: frames destroyed while they get and put leave nothing behind") {
  int alive = 0;
  {
    Queue<Counted> empty;
    Queue<Counted> full(1);
    CHECK(run_fifo([&](Log& log) -> Coro<void> {
            auto get_one = [](Queue<Counted>& queue) -> Coro<void> {
              static_cast<void>(co_await queue.get());
            };
            auto put_one = [](Queue<Counted>& queue, int& counter) -> Coro<void> {
              co_await queue.put(Counted(counter, long_text));
            };
            full.put_nowait(Counted(alive, long_text));
            for (int count = 0; count < 3; ++count) {
              create_task(get_one(empty));
              create_task(put_one(full, alive));
            }
            co_await tick();
            log("alive ", alive);
          }) == "alive 7 ; LEAK");  // each waiting put has its item and the argument that it came from
    CHECK(alive == 1);
  }
  CHECK(alive == 0);
}

TEST_CASE("queue: destroying it while a task waits is reported") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          std::optional<Queue<int>> queue(std::in_place, std::size_t{0}, "jobs");
          create_task(getter(*queue, log, "a"));
          co_await tick();
          queue.reset();
        }) == "EXCEPTION Queue 'jobs' was destroyed while tasks wait for it: they will never be woken");
}

TEST_CASE("queue: destroying it while tasks wait can be recorded") {
  for (const bool woken : {false, true}) {
    sim::Simulation simulation(fifo_settings());
    sim::Fifo policy;
    sim::Recorder recorder;
    policy.begin_run(1);
    Log log;
    const auto scenario = [&]() -> Coro<void> {
      Queue<int> queue(1, "jobs");
      create_task(getter(queue, log, "a"));
      co_await tick();
      if (woken) queue.put_nowait(1);
    };
    const sim::Failure* failure = simulation.run(scenario, policy, &recorder);
    REQUIRE(failure);
    CHECK(failure->message == "Queue 'jobs' was destroyed while tasks wait for it: they will never be woken");
  }
}

TEST_CASE("queue: destroying it when it has woken a getter is reported") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          std::optional<Queue<int>> queue(std::in_place, std::size_t{0}, "jobs");
          create_task(getter(*queue, log, "a"));
          co_await tick();
          queue->put_nowait(1);
          queue.reset();
          co_await tick();
        }) == "EXCEPTION Queue 'jobs' was destroyed while tasks wait for it: they will never be woken");
}

TEST_CASE("queue: destroying it when it has woken a putter is reported") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          std::optional<Queue<int>> queue(std::in_place, std::size_t{1}, "jobs");
          queue->put_nowait(1);
          create_task(putter(*queue, log, "a", 2));
          co_await tick();
          static_cast<void>(queue->get_nowait());
          queue.reset();
          co_await tick();
        }) == "EXCEPTION Queue 'jobs' was destroyed while tasks wait for it: they will never be woken");
}

TEST_CASE("queue: destroying it when a shutdown has woken everybody is reported") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          std::optional<Queue<int>> queue(std::in_place, std::size_t{0}, "jobs");
          const auto cancelled = create_task(getter(*queue, log, "a"));
          create_task(getter(*queue, log, "b"));
          co_await tick();
          cancelled.cancel();
          queue->shutdown();
          queue.reset();
          co_await tick();
        }) == "EXCEPTION Queue 'jobs' was destroyed while tasks wait for it: they will never be woken");
}

TEST_CASE("queue: it may go as soon as those whom it has woken have run") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          std::optional<Queue<int>> queue(std::in_place, std::size_t{0}, "jobs");
          auto gets_and_goes_on = [&]() -> Coro<int> {
            auto later = [](int item) -> Coro<int> {
              co_await sleep(1ms);
              co_return item;
            };
            // What is awaited lives until the end of the expression, so longer than the queue.
            co_return co_await later(co_await queue->get());
          };
          const auto a = create_task(gets_and_goes_on());
          co_await tick();
          queue->put_nowait(1);
          co_await tick();
          queue.reset();
          log("got ", co_await a);
        }) == "got 1");
}

TEST_CASE("queue: on a loop that goes on, who waits for one that is gone can still be cancelled") {
  EventLoop loop;
  int reports = 0;
  loop.set_exception_handler([&](const Report& report) {
    CHECK(report.kind == Report::Kind::destroyed_in_use);
    ++reports;
  });
  Log log;
  const auto scenario = [&]() -> Coro<void> {
    for (const bool woken : {true, false}) {
      std::optional<Queue<int>> queue(std::in_place);
      const auto a = create_task(getter(*queue, log, "a"));
      co_await tick();
      if (woken) queue->put_nowait(1);
      queue.reset();
      co_await tick();
      log("pending ", !a.done());
      a.cancel();
      try {
        co_await a;
      } catch (const CancelledError&) {
      }
    }
  };
  loop.run_until_complete(scenario());
  CHECK(log.text() == "pending True ; CE-a ; pending True ; CE-a");
  CHECK(reports == 2);
}

TEST_CASE("queue: gives items in the order in which they came (tQB06, tQG04, tQP03)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue;
          for (const int item : {1, 3, 2}) co_await queue.put(item);
          for (int count = 0; count < 3; ++count) {
            const int item = co_await queue.get();
            log("", item);
          }
          queue.put_nowait(4);
          log("", queue.get_nowait());
          for (int item = 0; item < 1000; ++item) queue.put_nowait(item);
          log("full ", queue.full());
        }) == "1 ; 3 ; 2 ; 4 ; full False");
}

TEST_CASE("queue: a producer stops when the queue is full and goes on one iteration after a get (tQB07)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue(2);
          auto produce = [&]() -> Coro<void> {
            for (int item = 0; item < 3; ++item) {
              co_await queue.put(item);
              log("put ", item);
            }
          };
          const auto task = create_task(produce());
          co_await tick();
          co_await tick();
          log("full ", queue.full());
          const int item = co_await queue.get();
          log("got ", item);
          co_await tick();
          CHECK(task.done());
          log(contents(queue));
        }) == "put 0 ; put 1 ; full True ; got 0 ; put 2 ; 1,2");
}

TEST_CASE("queue: a get wakes a putter, which stores one iteration later (tQG02)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue(1);
          queue.put_nowait(0);
          const auto a = create_task(putter(queue, log, "a", 1));
          co_await tick();
          const int item = co_await queue.get();
          log("got ", item);
          co_await tick();
          log("1");
        }) == "got 0 ; a put ; 1");
}

TEST_CASE("queue: a get waits for what a timer puts, and a put for room that a timer makes (tQG03, tQP02)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue(1);
          call_later(10ms, [&] { queue.put_nowait(1); });
          const int item = co_await queue.get();
          log(at_ms("got " + std::to_string(item)));
          call_later(10ms, [&] { log("", queue.get_nowait()); });
          co_await queue.put(2);
          log(at_ms("put"));
          co_await queue.put(3);
          log(at_ms("put"));
        }) == "got 1 @10 ; put @10 ; 2 ; put @20");
}

TEST_CASE("queue: two who put before the first get are both served (tQG07)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue(1);
          const auto a = create_task(putter(queue, log, "a", 1));
          const auto b = create_task(putter(queue, log, "b", 2));
          for (int count = 0; count < 2; ++count) {
            const int item = co_await queue.get();
            log("got ", item);
          }
          co_await b;
        }) == "a put ; got 1 ; b put ; got 2");
}

TEST_CASE("queue: the item of a getter cancelled after two puts is the next to be got (tQP04)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue;
          const auto reader = create_task(getter(queue, log, "a"));
          co_await tick();
          queue.put_nowait(1);
          queue.put_nowait(2);
          reader.cancel();
          co_await tick();
          CHECK(reader.cancelled());
          const int item = co_await queue.get();
          log("", item);
        }) == "CE-a ; 1");
}

TEST_CASE("queue: of three getters one is cancelled and the others get the two items (tQP05)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue;
          const auto one = create_task(getter(queue, log, "1"));
          const auto two = create_task(getter(queue, log, "2"));
          const auto three = create_task(getter(queue, log, "3"));
          co_await tick();
          queue.put_nowait(1);
          queue.put_nowait(2);
          one.cancel();
          co_await three;
          CHECK(two.done());
        }) == "CE-1 ; 2<-1 ; 3<-2");
}

TEST_CASE("queue: a putter cancelled after its wake-up has not stored (tQP06, tQP14)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue(1);
          queue.put_nowait(1);
          const auto writer = create_task(putter(queue, log, "a", 2));
          co_await tick();
          log("", queue.get_nowait());
          writer.cancel();
          co_await tick();
          CHECK(writer.cancelled());
          co_await queue.put(2);
          log(contents(queue));
        }) == "1 ; CE-a ; 2");
}

TEST_CASE("queue: a put that need not wait is done though the task is cancelled later (tQP09)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue;
          const auto task = create_task(putter(queue, log, "a", 1));
          const int item = co_await queue.get();
          log("", item);
          CHECK_FALSE(task.cancel());
        }) == "a put ; 1");
}

TEST_CASE("queue: a putter at the end of the line that is cancelled leaves the others alone (tQP10)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue(1);
          const auto a = create_task(putter(queue, log, "a", 1));
          const auto b = create_task(putter(queue, log, "b", 2));
          const auto x = create_task(putter(queue, log, "x", 9));
          co_await tick();
          x.cancel();
          co_await tick();
          CHECK(x.cancelled());
          log("", queue.get_nowait());
          co_await tick();
          log("", queue.get_nowait());
          co_await b;
        }) == "a put ; CE-x ; 1 ; b put ; 2");
}

TEST_CASE("queue: four putters and one who drains come to an end (tQP12)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue(2);
          auto drain = [&]() -> Coro<void> {
            co_await tick();
            log(contents(queue));
          };
          std::vector<Task<>> tasks = {create_task(drain())};
          for (int item = 0; item < 4; ++item) tasks.push_back(create_task(putter(queue, log, "p", item)));
          for (const Task<>& task : tasks) co_await task;
          log("size ", queue.qsize());
        }) == "p put ; p put ; 0,1 ; p put ; p put ; size 2");
}

TEST_CASE("queue: a hundred cancelled putters leave nothing behind (tQP13)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue(1);
          queue.put_nowait(1);
          for (int count = 0; count < 100; ++count) {
            const auto task = create_task(putter(queue, log, "x", 2));
            co_await tick();
            task.cancel();
            co_await tick();
          }
          log("", queue.get_nowait());
          co_await tick();
          log("size ", queue.qsize());
        }).ends_with("CE-x ; CE-x ; 1 ; size 0"));
}

TEST_CASE("queue: a get that times out leaves the line (tQG09)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue(5);
          try {
            static_cast<void>(co_await wait_for(queue.get(), 100ms));
          } catch (const TimeoutError&) {
            log(at_ms("TE"));
          }
          queue.put_nowait(1);
          co_await tick();
          log("size ", queue.qsize());
        }) == "TE @100 ; size 1");
}

TEST_CASE("queue: an item put at the moment of the time-out is not lost (Q12)") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          Queue<int> queue;
          call_later(100ms, [&] { queue.put_nowait(7); });
          try {
            static_cast<void>(co_await wait_for(queue.get(), 100ms));
          } catch (const TimeoutError&) {
            log("TE");
          }
          log(contents(queue));
        }) == "TE ; 7");
}
