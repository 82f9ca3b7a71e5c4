/// Races with what callbacks do: a call is ordered after whoever asked for it had come there, and not after
/// what that did until the call.

#include <coweave/coweave.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace coweave;
using namespace std::chrono_literals;

namespace {

Coro<void> sets(Shared<int>& it, int value) { co_await it.write(value); }

/// Asks for a call that has `it` written; writes it before that or after.
sim::Scenario asking(bool asks_after_it, bool cancels = false) {
  return [=]() -> Coro<void> {
    Shared<int> it(0, "it");
    Event called;
    Task<> writes;
    if (asks_after_it) co_await it.write(1);
    const CallHandle handle = call_later(1s, [&] {
      writes = create_task(sets(it, 2));
      called.set();
    });
    if (!asks_after_it) co_await it.write(1);
    if (cancels) {
      handle.cancel();
      co_return;
    }
    co_await called.wait();
    co_await writes;
  };
}

std::string race_in(const sim::Scenario& scenario) {
  Options options{.name = "calls", .policy = "fifo", .runs = 1};
  options.races = {.order = Severity::failure};
  const Exploration result = explore(scenario, options);
  if (!result.finding) return "none";
  const std::string& message = result.finding->trace.verdict.message;
  return message.substr(0, message.find('\n'));
}

const std::string unordered = "race for Shared 'it': nothing orders a write after a write of another task";

}  // namespace

TEST_CASE("races: what is written between a call and the asking for it races with what the call writes") {
  CHECK(race_in(asking(false)) == unordered);
  CHECK(race_in(asking(true)) == "none");
  CHECK(race_in(asking(false, true)) == "none");
}
