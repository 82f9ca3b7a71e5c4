#include <coweave/sim/search/search.hpp>

#include <coweave/bench/power/traced_programs.hpp>
#include <coweave/coweave.hpp>
#include <coweave/sim/policies/policy_name.hpp>
#include <coweave/sim/search/delay_bound.hpp>
#include <coweave/sim/search/preemptions.hpp>
#include <coweave/tests/sim/search_programs.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace coweave;
using namespace coweave::traced;

namespace {

struct Run {
  sim::Schedule schedule;
  bool gave_up = false;
  bool failed = false;

  friend bool operator==(const Run&, const Run&) = default;
};
using Runs = std::vector<Run>;

sim::Simulation with_accesses() {
  Options options{.scheduling_points = SchedulingPoints::accesses};
  options.cancellations_max = 2;
  return sim::Simulation(options.settings());
}

using Make = std::function<std::unique_ptr<sim::Policy>()>;

Make named(const char* policy) {
  return [policy] { return sim::make_policy(policy, 1); };
}

/// One process's share: it does pieces.
class Searcher {
 public:
  Searcher(const Make& make, const sim::Scenario& scenario)
      : scenario_(scenario), simulation_(with_accesses()), policy_(make()) {
    REQUIRE(policy_->search());
  }

  [[nodiscard]] sim::Search& search() { return *policy_->search(); }

  /// Run `run`; none: there is none.
  bool run(std::uint64_t run, Runs& runs) {
    if (!policy_->begin_run(run)) return false;
    const bool failed = simulation_.run(scenario_, *policy_) != nullptr;
    runs.push_back({simulation_.schedule(), policy_->gave_up(), failed});
    return true;
  }

 private:
  const sim::Scenario& scenario_;
  sim::Simulation simulation_;
  std::unique_ptr<sim::Policy> policy_;
};

/// What a search has run, and what it had no room for.
struct Searched {
  Runs runs;
  std::string dropped;

  friend bool operator==(const Searched&, const Searched&) = default;
};

Searched undivided(const Make& make, const sim::Scenario& scenario) {
  Searched all;
  Searcher searcher(make, scenario);
  while (searcher.run(all.runs.size() + 1, all.runs)) {
  }
  all.dropped = searcher.search().dropped();
  return all;
}

/// In pieces of at most so many runs, of which several are on their way at once, and any of them comes first.
Searched divided(const Make& make, const sim::Scenario& scenario, std::uint64_t runs_a_piece,
                 std::size_t searchers_max, std::uint64_t seed) {
  struct OnItsWay {
    sim::Piece piece;
    std::unique_ptr<Searcher> searcher;
  };
  std::vector<OnItsWay> on_their_way;
  std::vector<std::unique_ptr<Searcher>> free;
  for (std::size_t count = 0; count < searchers_max; ++count)
    free.push_back(std::make_unique<Searcher>(make, scenario));
  const std::unique_ptr<sim::Plan> plan = free.front()->search().plan();
  sim::Random random(seed);
  Runs runs;
  std::map<std::uint64_t, Runs> runs_of;  // of pieces that are done, and whose turn has not come
  while (const std::optional<std::uint64_t> due = plan->due()) {
    if (const auto done = runs_of.find(*due); done != runs_of.end()) {
      runs.insert(runs.end(), done->second.begin(), done->second.end());
      runs_of.erase(done);
      plan->counted();
      continue;
    }
    while (!free.empty()) {
      std::optional<sim::Piece> piece = plan->take();
      if (!piece) break;
      on_their_way.push_back({std::move(*piece), std::move(free.back())});
      free.pop_back();
    }
    REQUIRE(!on_their_way.empty());  // or whose turn it is never comes
    const auto next = on_their_way.begin() + random.below(static_cast<std::uint32_t>(on_their_way.size()));
    OnItsWay one = std::move(*next);
    on_their_way.erase(next);
    Runs of_piece;
    if (!one.piece.task.empty()) one.searcher->search().take_up(one.piece.task);
    while (of_piece.size() < runs_a_piece &&
           one.searcher->run(one.piece.first_run + of_piece.size(), of_piece)) {
    }
    plan->done(one.piece.number, of_piece.size(), one.searcher->search().leave());
    runs_of[one.piece.number] = std::move(of_piece);
    free.push_back(std::move(one.searcher));
  }
  CHECK(on_their_way.empty());
  CHECK(runs_of.empty());
  return {runs, plan->dropped()};
}

/// Returns what there was no room for.
std::string check_pieces(const Make& make, const sim::Scenario& scenario) {
  const Searched whole = undivided(make, scenario);
  INFO(std::string(make()->name()), ", ", whole.runs.size(), " runs");
  REQUIRE(whole.runs.size() > 10);
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const std::uint64_t runs_a_piece = seed % 3 == 0 ? 1 : 7 * seed;
    INFO(runs_a_piece, " runs a piece");
    CHECK(divided(make, scenario, runs_a_piece, seed, seed) == whole);
  }
  return whole.dropped;
}

void check_pieces(const char* policy, const sim::Scenario& scenario) {
  CHECK(check_pieces(named(policy), scenario).empty());
}

}  // namespace

TEST_CASE("search: pieces of dpor are the runs of one search, in its order") {
  check_pieces("dpor", program(0, 7, 1, read_or_write));
  check_pieces("dpor", program(1, 6, 1, swap_from_last));
  check_pieces("dpor", program(0, 5, 2, write_two_under_lock));
  check_pieces("dpor", program(0, 5, 5, last_zero<4>));
  check_pieces("dpor", program(0, 4, 1, read_then_write));
  check_pieces("dpor", program(0, 12, 128, index_words));
}

TEST_CASE("search: pieces of bounded searches are the runs of one search, in its order") {
  for (const char* policy : {"preempt:0", "preempt:1", "preempt:3", "delay-bound:3", "delay-bound:5"}) {
    check_pieces(policy, program(0, 4, 1, read_or_write));
    check_pieces(policy, program(0, 3, 2, write_two_under_lock));
  }
}

TEST_CASE("search: numbers that the program draws and cancellations are divided too") {
  for (const char* policy : {"dpor", "preempt:2", "delay-bound:2"})
    check_pieces(policy, tests::draws_and_cancels);
}

TEST_CASE("search: what bounded searches have no room for does not depend on the pieces") {
  for (const std::size_t room : {0U, 500U, 2'000U, 5'000U}) {
    INFO(room, " bytes");
    const auto preempt = [room] { return std::make_unique<sim::Preemptions>(3, room); };
    const auto delay_bound = [room] { return std::make_unique<sim::DelayBound>(4, room); };
    const sim::Scenario scenario =
        room == 0 ? sim::Scenario(tests::draws_and_cancels) : program(0, 4, 1, read_or_write);
    CHECK(!check_pieces(preempt, scenario).empty());
    CHECK(!check_pieces(delay_bound, scenario).empty());
  }
}

TEST_CASE("search: one long run is divided, in messages that are not much longer than it") {
  const auto scenario = []() -> Coro<void> {
    Shared<int> value(0);
    auto body = [](Shared<int>& shared) -> Coro<void> {
      for (int time = 0; time < 2'000; ++time) co_await shared.read();
    };
    const auto one = create_task(body(value));
    const auto two = create_task(body(value));
    co_await one;
    co_await two;
  };
  const sim::Scenario long_run = scenario;
  Searcher searcher(named("delay-bound:1"), long_run);  // without a delay there is one schedule
  const std::unique_ptr<sim::Plan> plan = searcher.search().plan();
  const sim::Piece first = plan->take().value();
  Runs runs;
  REQUIRE(searcher.run(1, runs));
  const std::size_t choices = runs.front().schedule.size();
  REQUIRE(choices > 2'000);
  const std::string left = searcher.search().leave();
  CHECK(left.size() < 3 * choices);
  plan->done(first.number, 1, left);
  plan->counted();
  std::size_t pieces = 0;
  for (; const std::optional<sim::Piece> piece = plan->take(); ++pieces)
    CHECK(piece->task.size() < 3 * choices);
  CHECK(pieces == 8);
}

TEST_CASE("search: what is cut off is not wanted any more") {
  for (const char* policy : {"dpor", "preempt:2"}) {
    const sim::Scenario scenario = program(0, 6, 1, read_or_write);
    Searcher searcher(named(policy), scenario);
    const std::unique_ptr<sim::Plan> plan = searcher.search().plan();
    const sim::Piece first = plan->take().value();
    CHECK(!plan->take());
    Runs runs;
    while (runs.size() < 5) REQUIRE(searcher.run(runs.size() + 1, runs));
    plan->done(first.number, runs.size(), searcher.search().leave());
    const sim::Piece second = plan->take().value();
    const sim::Piece third = plan->take().value();
    CHECK(second.first_run == 6);
    plan->cut_behind(second.number);
    CHECK(plan->due() == first.number);
    CHECK(plan->wants(second.number));
    CHECK(!plan->wants(third.number));
    CHECK(!plan->take());
    plan->done(third.number, 1, "");  // is of no account
    plan->counted();
    CHECK(plan->due() == second.number);
    CHECK(!plan->wants(first.number));
  }
}
