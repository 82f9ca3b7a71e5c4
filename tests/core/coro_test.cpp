#include <coweave/core/coro.hpp>

#include <coweave/core/callback.hpp>
#include <coweave/tests/core/log.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

using namespace coweave;
using namespace coweave::tests;
using namespace std::chrono_literals;

namespace {

/// The lowest and the highest address that the machine stack had while a coroutine ran.
struct StackProbe {
  std::uintptr_t lowest = UINTPTR_MAX;
  std::uintptr_t highest = 0;

  [[gnu::noinline]] void touch() {
    // Under AddressSanitizer a local may live on the fake stack; the frame does not.
    const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
    lowest = std::min(lowest, here);
    highest = std::max(highest, here);
  }
  [[nodiscard]] std::uintptr_t spread() const { return highest - lowest; }
};

Coro<int> ready(StackProbe& probe, int value) {
  probe.touch();
  co_return value;
}

Coro<std::int64_t> nested(StackProbe& probe, int depth) {
  probe.touch();
  if (depth == 0) co_return 0;
  const std::int64_t below = co_await nested(probe, depth - 1);
  probe.touch();
  co_return below + 1;
}

Coro<void> nested_throwing(StackProbe& probe, int depth) {
  if (depth == 0) throw ValueError("bottom");
  co_await nested_throwing(probe, depth - 1);
}

Coro<void> nested_sleeping(StackProbe& probe, int depth) {
  probe.touch();
  if (depth == 0) {
    co_await sleep(1s);
    probe.touch();
    co_return;
  }
  co_await nested_sleeping(probe, depth - 1);
  probe.touch();
}

/// Counts how many of its kind are alive, and every move and copy.
class Counted {
 public:
  explicit Counted(int& alive) : alive_(&alive) { ++*alive_; }
  Counted(const Counted& other) : alive_(other.alive_) { ++*alive_; }
  Counted(Counted&& other) noexcept : alive_(other.alive_) { ++*alive_; }
  Counted& operator=(const Counted&) = default;
  Counted& operator=(Counted&&) = default;
  ~Counted() { --*alive_; }

 private:
  int* alive_;
};

}  // namespace

TEST_CASE("coro: nothing runs before it is awaited") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto child = [&]() -> Coro<void> {
            log("child");
            co_return;
          };
          auto coroutine = child();
          log("made");
          co_await std::move(coroutine);
          log("after");
        }) == "made ; child ; after");
}

TEST_CASE("coro: awaiting one is not a scheduling point") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto child = []() -> Coro<int> { co_return 1; };
          call_soon([&] { log("other"); });
          int sum = 0;
          for (int count = 0; count < 10; ++count) sum += co_await child();
          log("sum ", sum);
          co_await tick();
        }) == "sum 10 ; other");
}

TEST_CASE("coro: a million awaits in a row use constant machine stack") {
  StackProbe probe;
  CHECK(run_fifo([&](Log& log) -> Coro<void> {
          std::int64_t sum = 0;
          for (int count = 0; count < 1'000'000; ++count) sum += co_await ready(probe, 1);
          log("sum ", sum);
        }) == "sum 1000000");
  CHECK(probe.spread() < 4096);
}

TEST_CASE("coro: a hundred thousand nested awaits use constant machine stack") {
  StackProbe probe;
  CHECK(run_fifo([&](Log& log) -> Coro<void> {
          const std::int64_t depth = co_await nested(probe, 100'000);
          log("depth ", depth);
        }) == "depth 100000");
  CHECK(probe.spread() < 4096);
}

TEST_CASE("coro: a hundred thousand nested coroutines that sleep at the bottom use constant machine stack") {
  StackProbe probe;
  CHECK(run_fifo([&](Log& log) -> Coro<void> {
          co_await nested_sleeping(probe, 100'000);
          log(at_ms("end"));
        }) == "end @1000");
  CHECK(probe.spread() < 4096);
}

TEST_CASE("coro: an exception passes through ten thousand nested coroutines") {
  StackProbe probe;
  CHECK(run_fifo([&](Log& log) -> Coro<void> {
          try {
            co_await nested_throwing(probe, 10'000);
          } catch (...) {
            log(show());
          }
        }) == "V(bottom)");
}

TEST_CASE("coro: a hundred thousand nested coroutines are destroyed while they sleep") {
  StackProbe probe;
  CHECK(run_fifo([&](Log& log) -> Coro<void> {
          create_task(nested_sleeping(probe, 100'000));
          co_await tick();
          log("end");
        }) == "end ; LEAK");
}

TEST_CASE("coro: an exception goes through nested coroutines to whoever catches it") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto leaf = [&]() -> Coro<int> {
            co_await tick();
            throw ValueError("leaf");
          };
          auto middle = [&]() -> Coro<int> {
            try {
              const int value = co_await leaf();
              co_return value;
            } catch (const ValueError&) {
              log("middle");
              throw;
            }
          };
          try {
            co_await middle();
          } catch (...) {
            log(show());
          }
        }) == "middle ; V(leaf)");
}

TEST_CASE("coro: an exception before the first suspension arrives at the await") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto leaf = []() -> Coro<void> {
            throw ValueError("early");
            co_return;
          };
          auto coroutine = leaf();
          try {
            co_await std::move(coroutine);
          } catch (...) {
            log(show());
          }
        }) == "V(early)");
}

TEST_CASE("coro: a result that can only be moved") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto make = []() -> Coro<std::unique_ptr<int>> { co_return std::make_unique<int>(7); };
          auto pass_on = [&]() -> Coro<std::unique_ptr<int>> {
            auto value = co_await make();
            co_await tick();
            co_return value;
          };
          const auto value = co_await pass_on();
          log("value ", *value);
        }) == "value 7");
}

TEST_CASE("coro: a reference result refers to the original") {
  int original = 1;
  CHECK(run_fifo([&](Log& log) -> Coro<void> {
          auto reference = [&]() -> Coro<int&> { co_return original; };
          int& value = co_await reference();
          value = 2;
          log("same ", &value == &original);
        }) == "same True");
  CHECK(original == 2);
}

TEST_CASE("coro: a result is converted from what is returned") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto text = []() -> Coro<std::string> { co_return "text"; };
          log(co_await text());
        }) == "text");
}

TEST_CASE("coro: results and arguments are destroyed as often as they are made") {
  int alive = 0;
  CHECK(run_fifo([&](Log& log) -> Coro<void> {
          auto pass_on = [](Counted argument) -> Coro<Counted> {
            co_await tick();
            co_return argument;
          };
          {
            const Counted result = co_await pass_on(Counted(alive));
            log("alive ", alive);
          }
          co_await pass_on(Counted(alive));
          log("alive ", alive);
        }) == "alive 1 ; alive 0");
  CHECK(alive == 0);
}

TEST_CASE("coro: arguments of one that was never started are destroyed, and it is reported") {
  int alive = 0;
  const std::string text = run_fifo([&](Log&) -> Coro<void> {
    auto body = [](Counted) -> Coro<void> { co_return; };
    static_cast<void>(body(Counted(alive)));
    co_return;
  });
  CHECK(text == "NEVER AWAITED coroutine was never awaited");
  CHECK(alive == 0);
}

TEST_CASE("coro: one that another is assigned to is destroyed") {
  const std::string text = run_fifo([](Log& log) -> Coro<void> {
    auto body = [&](std::string name) -> Coro<void> {
      log(name);
      co_return;
    };
    auto coroutine = body("a");
    coroutine = body("b");
    co_await std::move(coroutine);
  });
  CHECK(text == "b ; NEVER AWAITED coroutine was never awaited");
}

TEST_CASE("coro: awaiting one a second time is a RuntimeError") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = []() -> Coro<void> { co_return; };
          auto coroutine = body();
          co_await std::move(coroutine);
          try {
            co_await std::move(coroutine);
          } catch (const RuntimeError&) {
            log("refused");
          }
        }) == "refused");
}

TEST_CASE("coro: moved after it was made, it runs all the same") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          auto body = [&](int number) -> Coro<void> {
            co_await tick();
            log("", number);
          };
          std::vector<Coro<void>> coroutines;
          for (int number = 0; number < 5; ++number) coroutines.push_back(body(number));
          for (Coro<void>& coroutine : coroutines) co_await std::move(coroutine);
        }) == "0 ; 1 ; 2 ; 3 ; 4");
}

TEST_CASE("coro: locals of the caller live until it ends, those of the callee until it returns") {
  CHECK(run_fifo([](Log& log) -> Coro<void> {
          int alive = 0;
          auto callee = [&]() -> Coro<void> {
            const Counted local(alive);
            co_await tick();
            log("inside ", alive);
          };
          const Counted mine(alive);
          co_await callee();
          log("after ", alive);
        }) == "inside 2 ; after 1");
}
