#include <coweave/coweave.hpp>

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

using namespace coweave;
using namespace std::chrono_literals;

namespace {

using Register = models::Register<int>;
using Jobs = models::Queue<int>;
using Names = models::Map<std::string, std::string>;

Decision decide(const auto& history, CheckOptions options = {}) { return history.check(options).decision; }

/// As many calls one after another as there are operations, each with its response.
template <SequentialModel M>
void one_by_one(History<M>& history, const std::string& process,
                std::vector<std::pair<typename M::Operation, typename M::Response>> calls) {
  for (auto& [operation, response] : calls) history.respond(history.invoke(operation, process), response);
}

/// Runs `scenario` once in asyncio's own order; it must pass.
void run_once(const sim::Scenario& scenario) {
  const Exploration result = explore(scenario, {.policy = "fifo", .runs = 1});
  REQUIRE_MESSAGE(result.passed(), result.report());
}

/// A queue whose states have no order.
struct Line {
  struct Operation {
    int item;
    bool puts;
  };
  using Response = std::variant<Nothing, int, Raised>;
  std::vector<int> items = {};

  std::optional<Response> apply(const Operation& operation) {
    if (operation.puts) {
      items.push_back(operation.item);
      return Nothing{};
    }
    if (items.empty()) return std::nullopt;
    const int first = items.front();
    items.erase(items.begin());
    return first;
  }
  bool operator==(const Line&) const = default;
};

}  // namespace

TEST_CASE("history: a call gives what it gives, and stands there with its task, steps and response") {
  run_once([]() -> Coro<void> {
    Queue<int> queue;
    History<Jobs> history;
    auto consumer = [&]() -> Coro<void> {
      const int item = co_await history.call(Jobs::get(), [&] { return queue.get(); });
      COWEAVE_REQUIRE(item == 7);
    };
    auto task = create_task(consumer(), {.name = "consumer"});
    co_await sleep(0s);
    history.call_nowait(Jobs::put_nowait(7), [&] { queue.put_nowait(7); });
    co_await task;
    const auto& calls = history.calls();
    COWEAVE_REQUIRE(calls.size() == std::size_t{2});
    COWEAVE_REQUIRE(calls[0].process == "consumer");
    COWEAVE_REQUIRE(calls[1].process == "main");
    COWEAVE_REQUIRE(calls[0].step_invoked == 2U);
    COWEAVE_REQUIRE(calls[0].step_returned == 4U);
    COWEAVE_REQUIRE((*calls[0].response == Jobs::Response(7)));
    COWEAVE_REQUIRE((*calls[1].response == Jobs::Response(Nothing{})));
    history.require_linearizable();
  });
}

TEST_CASE("history: an exception is a response") {
  run_once([]() -> Coro<void> {
    Queue<int> queue(1);
    History<Jobs> history(Jobs{.maxsize = 1});
    history.call_nowait(Jobs::put_nowait(1), [&] { queue.put_nowait(1); });
    bool full = false;
    try {
      history.call_nowait(Jobs::put_nowait(2), [&] { queue.put_nowait(2); });
    } catch (const QueueFull&) {
      full = true;
    }
    COWEAVE_REQUIRE(full);
    COWEAVE_REQUIRE((*history.calls()[1].response == Jobs::Response(raised<QueueFull>())));
    history.require_linearizable();
    co_return;
  });
}

TEST_CASE("history: another exception than that of the model is not linearizable") {
  History<Jobs> history;
  CHECK_THROWS_AS(history.call_nowait(Jobs::put_nowait(1), [] { throw std::runtime_error("broken"); }),
                  std::runtime_error);
  const HistoryCheck checked = history.check();
  REQUIRE(checked.decision == Decision::violated);
  CHECK(checked.violation->headline() ==
        "put_nowait(1) → raises std::runtime_error of loop fits nowhere; at first it would be → ok");
}

TEST_CASE(
    "history: a call that is cancelled or takes too long is cut short, and one that does not return "
    "pending") {
  run_once([]() -> Coro<void> {
    Queue<int> queue;
    History<Jobs> history;
    auto get = [&]() -> Coro<void> { co_await history.call(Jobs::get(), [&] { return queue.get(); }); };
    auto cancelled = create_task(get());
    auto late = create_task(get());
    auto pending = create_task(get());
    co_await sleep(0s);
    cancelled.cancel();
    bool timed_out = false;
    try {
      co_await wait_for(late, 1s);
    } catch (const TimeoutError&) {
      timed_out = true;
    }
    COWEAVE_REQUIRE(timed_out);
    COWEAVE_REQUIRE((history.calls()[0].end == CallEnd::cut_short));
    COWEAVE_REQUIRE((history.calls()[1].end == CallEnd::cut_short));
    COWEAVE_REQUIRE((history.calls()[2].end == CallEnd::pending));
    history.require_linearizable();
    pending.cancel();
    const std::vector<Task<void>> rest{pending};
    static_cast<void>(co_await wait(rest));
  });
}

TEST_CASE("history: a coroutine, a void call, and operations that own memory") {
  run_once([]() -> Coro<void> {
    const std::string key = "a key that is too long to stand within the object";
    const std::string value = "and so is this value, which makes two of them";
    std::map<std::string, std::string> store;
    auto put = [&](std::string name, std::string text) -> Coro<void> {
      co_await sleep(1ms);
      store[name] = std::move(text);
    };
    History<Names> history;
    co_await history.call(Names::put(key, value), put(key, value));
    co_await history.call(Names::put(key, value + "!"), [&] { return put(key, value + "!"); });
    co_await history.call(Names::erase(key), [&]() -> Coro<bool> {
      co_await sleep(1ms);
      co_return store.erase(key) > 0;
    });
    COWEAVE_REQUIRE(history.calls().size() == std::size_t{3});
    COWEAVE_REQUIRE(history.calls()[1].operation.value == value + "!");
    history.require_linearizable();
  });
}

TEST_CASE("history: a call ends once") {
  History<Register> history;
  const std::size_t call = history.invoke(Register::read(), "alice");
  history.respond(call, 0);
  CHECK_THROWS_AS(history.respond(call, 1), InvalidStateError);
  CHECK((*history.calls()[call].response == Register::Response(0)));
}

TEST_CASE("history: a call that is not there does not end") {
  History<Register> history;
  CHECK_THROWS_WITH_AS(history.respond(99, 0), "there is no call 99 in a history of 0 calls",
                       InvalidStateError);
  static_cast<void>(history.invoke(Register::read(), "alice"));
  CHECK_THROWS_WITH_AS(history.cut_short(1), "there is no call 1 in a history of 1 call", InvalidStateError);
}

TEST_CASE("check: a call that was cut short may have taken effect later, before its end, or not at all") {
  // The write is cut short before the first read; the second read sees it.
  History<Register> history;
  history.cut_short(history.invoke(Register::write(1), "alice"));
  one_by_one(history, "bob", {{Register::read(), 0}, {Register::read(), 1}});
  CHECK(decide(history) == Decision::holds);
  CHECK(decide(history, {.cut_short = CutShort::may_have_taken_effect}) == Decision::violated);
  CHECK(decide(history, {.cut_short = CutShort::has_no_effect}) == Decision::violated);

  History<Register> seen;
  seen.cut_short(seen.invoke(Register::write(1), "alice"));
  one_by_one(seen, "bob", {{Register::read(), 1}});
  CHECK(decide(seen, {.cut_short = CutShort::may_have_taken_effect}) == Decision::holds);
  CHECK(decide(seen, {.cut_short = CutShort::has_no_effect}) == Decision::violated);

  History<Register> unseen;
  unseen.cut_short(unseen.invoke(Register::write(1), "alice"));
  one_by_one(unseen, "bob", {{Register::read(), 0}});
  for (const auto what :
       {CutShort::may_take_effect_later, CutShort::may_have_taken_effect, CutShort::has_no_effect})
    CHECK(decide(unseen, {.cut_short = what}) == Decision::holds);
}

TEST_CASE("check: what is sequentially consistent need not be linearizable") {
  History<Register> history;
  one_by_one(history, "alice", {{Register::write(1), Nothing{}}});
  one_by_one(history, "bob", {{Register::read(), 0}, {Register::read(), 1}});
  CHECK(decide(history) == Decision::violated);
  CHECK(decide(history, {.consistency = Consistency::sequential}) == Decision::holds);
  CHECK(decide(history, {.consistency = Consistency::quiescent}) == Decision::violated);
}

TEST_CASE("check: what is quiescently consistent need not be sequentially consistent") {
  History<Register> history;
  const std::size_t under_way = history.invoke(Register::read(), "carol");
  one_by_one(history, "alice", {{Register::write(1), Nothing{}}, {Register::read(), 0}});
  history.respond(under_way, 0);
  CHECK(decide(history) == Decision::violated);
  CHECK(decide(history, {.consistency = Consistency::sequential}) == Decision::violated);
  CHECK(decide(history, {.consistency = Consistency::quiescent}) == Decision::holds);
}

TEST_CASE("check: what was over at its end comes before what its process did later, in every consistency") {
  for (const Consistency consistency :
       {Consistency::linearizable, Consistency::sequential, Consistency::quiescent}) {
    History<Register> history;
    history.cut_short(history.invoke(Register::write(1), "alice"));
    one_by_one(history, "alice", {{Register::read(), 0}, {Register::read(), 1}});
    CHECK(decide(history, {.consistency = consistency}) == Decision::holds);
    CHECK(decide(history, {.consistency = consistency, .cut_short = CutShort::may_have_taken_effect}) ==
          Decision::violated);
  }
}

TEST_CASE("check: objects that are each sequentially consistent need not be so together") {
  // Each sees the other's key late; each key by itself could have its read first.
  using Map = models::Map<int, int>;
  const std::optional<int> none;
  History<Map> history;
  one_by_one(history, "alice", {{Map::put(1, 1), Nothing{}}, {Map::get(2), none}});
  one_by_one(history, "bob", {{Map::put(2, 2), Nothing{}}, {Map::get(1), none}});
  CHECK(decide(history, {.consistency = Consistency::sequential}) == Decision::violated);
}

TEST_CASE("check: a budget that is too small leaves it undecided, and that is a failure") {
  History<Register> history;
  for (int value = 0; value < 12; ++value)
    static_cast<void>(history.invoke(Register::write(value), std::to_string(value)));
  one_by_one(history, "reader", {{Register::read(), 5}, {Register::read(), 5}, {Register::read(), 99}});
  const CheckOptions options{.steps_max = 50, .monitors = false};
  CHECK(decide(history, options) == Decision::undecided);
  const std::uint64_t steps = history.check(options).steps;
  CHECK(steps >= 50);
  CHECK(steps < 70);  // the last step may take more than one
  const std::string message = "whether 'history' is linearizable was not decided within " +
                              std::to_string(steps) + " steps: allow more (steps_max), or record fewer calls";
  CHECK_THROWS_WITH_AS(history.require_linearizable(options), message.c_str(), AssertionFailed);
  CHECK(decide(history, {.monitors = false}) == Decision::violated);
}

TEST_CASE(
    "check: the budget counts how much a state costs, and without an order that is a look at all others") {
  History<Line> history;
  std::vector<std::size_t> puts;
  for (int item = 0; item < 10; ++item)
    puts.push_back(history.invoke({item / 2, true}, std::to_string(item)));
  for (const std::size_t put : puts) history.respond(put, Nothing{});
  history.respond(history.invoke({99, false}, "reader"), 99);
  // In 1,500,000 tries it would be decided, which takes minutes.
  CHECK(decide(history, {.steps_max = 2'000'000}) == Decision::undecided);
}

TEST_CASE("check: the smallest history has what is needed to see that it is wrong, and nothing else") {
  History<Register> history;
  one_by_one(history, "alice", {{Register::write(1), Nothing{}}, {Register::read(), 1}});
  one_by_one(history, "bob",
             {{Register::write(2), Nothing{}}, {Register::read(), 2}, {Register::write(3), Nothing{}}});
  one_by_one(history, "alice",
             {{Register::read(), 1}, {Register::write(4), Nothing{}}, {Register::read(), 3}});
  for (const bool monitors : {true, false}) {
    const HistoryCheck checked = history.check({.monitors = monitors});
    REQUIRE(checked.decision == Decision::violated);
    CHECK(checked.violation->text() ==
          "read() → 1 of alice fits nowhere; after 1. to 2. it would be → 2\n"
          "\n"
          "alice                bob\n"
          "╶ 1. write(1) → ok\n"
          "                     ╶ 2. write(2) → ok\n"
          "╶ ✗ read() → 1");
  }
}

TEST_CASE("check: the smallest history shows where each value comes from") {
  History<Jobs> history;
  const std::size_t first = history.invoke(Jobs::put(1), "producer");
  const std::size_t second = history.invoke(Jobs::put(2), "other producer");
  history.respond(first, Nothing{});
  history.respond(second, Nothing{});
  static_cast<void>(history.invoke(Jobs::put(4), "producer"));
  one_by_one(history, "consumer", {{Jobs::get(), 4}, {Jobs::get(), 1}});
  const HistoryCheck checked = history.check();
  REQUIRE(checked.decision == Decision::violated);
  CHECK(checked.violation->text() ==
        "get() → 4 of consumer fits nowhere; after 1. to 2. it would be → 2\n"
        "\n"
        "other producer     producer             consumer\n"
        "╶ 1. put(2) → ok\n"
        "                   ┌ 2. put(4)\n"
        "                   │                    ╶ ✗ get() → 4\n"
        "                   ┆ has not returned");
}
