/// Every form: once a program that breaks it, told as docs/monitors.md shows it, and once one that keeps it
/// in ten thousand schedules.

#include <coweave/coweave.hpp>
#include <coweave/tests/monitors/programs.hpp>
#include <coweave/tests/page.hpp>
#include <coweave/traces/render_verdict.hpp>

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using namespace coweave;
using namespace coweave::tests;
using namespace std::chrono_literals;
using monitors::count;
using monitors::noted;
using monitors::operation;
using monitors::task;
using monitors::value;

namespace {

using Program = Coro<void> (*)(Made);

/// The program that is wrong breaks `monitor`, and what is said of it stands on the page; the right one keeps
/// it.
void check(const std::string& section, Program program, std::vector<monitors::Monitor> monitors,
           const std::string& signature, const std::string& policy = "portfolio",
           std::uint64_t runs = 10'000) {
  Options options{.name = section, .policy = policy, .runs = runs};
  options.monitors = std::move(monitors);
  const Exploration broken = explore([=] { return program(Made::wrong); }, options);
  REQUIRE(broken.finding);
  const traces::Trace& trace = broken.finding->trace;
  CHECK(trace.verdict.kind == traces::VerdictKind::invariant);
  CHECK(broken.finding->signature.find(signature) == 0);
  traces::RenderOptions look;
  look.width = 120;
  CHECK(compare_with_page("docs/monitors.md", section, traces::render_verdict(trace, look)) == "");

  options.runs = 10'000;
  options.policy = "random";
  options.require_patterns = true;  // it does not hold for want of anything to look at
  const Exploration kept = explore([=] { return program(Made::right); }, options);
  CHECK_MESSAGE(kept.passed(), kept.report());
  CHECK(kept.runs == 10'000);
}

void check(const std::string& section, Program program, const monitors::Monitor& monitor,
           const std::string& policy = "portfolio", std::uint64_t runs = 10'000) {
  check(section, program, {monitor}, monitor.name(), policy, runs);
}

/// The same of a program with a condition on its state.
void check_state(const std::string& section, Program program, const std::string& name) {
  check(section, program, {}, name);
}

}  // namespace

TEST_CASE("monitors: never") {
  const auto overdrawn = [](const monitors::Occurrence& now) { return now.value(0)->number() < 0; };
  check("never", account, monitors::never(noted("balance").where("below 0", overdrawn)));
}

TEST_CASE("monitors: always") {
  const auto positive = [](const monitors::Occurrence& now) { return now.value(0)->number() >= 0; };
  check("always", account,
        monitors::always(noted("balance"), noted("balance").where("at least 0", positive)));
}

TEST_CASE("monitors: eventually") { check("eventually", shutdown, monitors::eventually(noted("stopped"))); }

TEST_CASE("monitors: leads_to") {
  check("leads_to", requests,
        monitors::leads_to(noted("request"), noted("response")).per(value(0)).within(5ms));
}

TEST_CASE("monitors: precedes") {
  check("precedes", connection,
        monitors::precedes(noted("open"), noted("use")).per(value(0)).named("a connection is opened first"));
}

TEST_CASE("monitors: never_between") {
  check("never_between", migration, monitors::never_between(noted("begin"), noted("end"), noted("write")));
}

TEST_CASE("monitors: exclusive") {
  check("exclusive", critical, monitors::exclusive(noted("enter"), noted("leave")));
}

TEST_CASE("monitors: fifo") { check("fifo", pipeline, monitors::fifo(noted("in"), noted("out"))); }

TEST_CASE("monitors: bounded_wait") {
  check("bounded_wait", barging, monitors::bounded_wait(noted("ask"), noted("get"), 1));
}

TEST_CASE("monitors: count") {
  check("count", window, count(noted("sent")) <= count(noted("acknowledged")) + 2);
}

TEST_CASE("monitors: happens_before is broken in a run whose order was right") {
  const auto ordered = monitors::happens_before(noted("open"), noted("use"));
  const Exploration lucky =
      explore([] { return connection(Made::wrong); },
              {.policy = "fifo", .runs = 1, .monitors = {monitors::precedes(noted("open"), noted("use"))}});
  CHECK(lucky.passed());
  check("happens_before", connection, ordered, "fifo", 1);
}

TEST_CASE("monitors: several are one invariant") {
  const auto both =
      (monitors::precedes(noted("open"), noted("use")) && monitors::never(noted("use").where(8)))
          .named("connections");
  check("conjunction", connection, both);
}

TEST_CASE("monitors: within_steps") {
  check("within_steps", rounds,
        monitors::leads_to(noted("request"), noted("response")).per(value(0)).within_steps(5));
}

TEST_CASE("monitors: unless") {
  check("unless", tables,
        monitors::leads_to(noted("request"), noted("response")).per(value(0)).unless(noted("gave up")));
}

TEST_CASE("monitors: always, of the state") { check_state("state always", room, "one inside at most"); }

TEST_CASE("monitors: never, of the state") {
  check_state("state never", store, "less than nothing in stock");
}

TEST_CASE("monitors: eventually, of the state") {
  check_state("state eventually", opening, "the shop is open");
}
