#include <coweave/sim/policies/policy_name.hpp>

#include <coweave/sim/policies/delays.hpp>
#include <coweave/sim/policies/jitter.hpp>
#include <coweave/sim/policies/pct.hpp>
#include <coweave/sim/policies/portfolio.hpp>
#include <coweave/sim/policies/pos.hpp>
#include <coweave/sim/policies/random_walk.hpp>
#include <coweave/sim/policies/reads_from.hpp>
#include <coweave/sim/policies/sticky_walk.hpp>
#include <coweave/sim/policies/surw.hpp>
#include <coweave/sim/policies/urw.hpp>
#include <coweave/sim/search/bounded_search.hpp>
#include <coweave/sim/search/delay_bound.hpp>
#include <coweave/sim/search/dpor.hpp>
#include <coweave/sim/search/preemptions.hpp>

#include <array>
#include <charconv>
#include <stdexcept>
#include <string>
#include <utility>

namespace coweave::sim {

namespace {

/// What may stand behind the colon of a name.
struct Argument {
  std::string_view prefix;  ///< "stay=", or nothing
  std::uint32_t least;
  std::uint32_t most;
  std::uint32_t by_default;
};

/// A row of the table of policies. `make` gets the number behind the colon, or the default.
struct Kind {
  std::string_view word;
  PolicyKind told;
  Argument argument;  ///< most 0: none
  std::unique_ptr<Policy> (*make)(std::uint64_t seed, std::uint32_t number);
};

/// Of ten runs: who finds which bugs in `bench/power` is in docs/performance.md and docs/historic-bugs.md.
/// Delays are there for what takes a cancellation at one place and asyncio's order else, and the random walk
/// because it is cheap.
std::unique_ptr<Policy> make_portfolio(std::uint64_t seed, std::uint32_t) {
  enum : std::size_t { rf, surw, delays, random };
  std::vector<std::unique_ptr<Policy>> members(4);
  members[rf] = std::make_unique<ReadsFrom>(seed);
  members[surw] = std::make_unique<Surw>(seed);
  members[random] = std::make_unique<RandomWalk>(seed);
  members[delays] = std::make_unique<Delays>(seed, 1);
  return std::make_unique<Portfolio>(
      std::move(members),
      std::vector<std::size_t>{rf, delays, surw, rf, random, delays, rf, surw, delays, rf});
}

template <class Made>
std::unique_ptr<Policy> seeded(std::uint64_t seed, std::uint32_t) {
  return std::make_unique<Made>(seed);
}

template <class Made>
std::unique_ptr<Policy> seeded_with(std::uint64_t seed, std::uint32_t number) {
  return std::make_unique<Made>(seed, number);
}

template <class Made>
std::unique_ptr<Policy> unseeded(std::uint64_t, std::uint32_t) {
  return std::make_unique<Made>();
}

constexpr Argument none{"", 0, 0, 0};
constexpr std::array<Kind, 15> kinds{{
    {"random",
     {"random[:stay=percent]", "uniform, or tending to stay with who ran"},
     {"stay=", 0, 99, 0},
     [](std::uint64_t seed, std::uint32_t stay) -> std::unique_ptr<Policy> {
       if (stay == 0) return std::make_unique<RandomWalk>(seed);
       return std::make_unique<StickyWalk>(seed, stay);
     }},
    {"pct",
     {"pct[:depth]", "random priorities that change d - 1 times"},
     {"", 1, 1'000, 3},
     seeded_with<Pct>},
    {"pos", {"pos", "random priorities of what is next, anew after conflicts"}, none, seeded<Pos>},
    {"urw", {"urw", "all interleavings equally likely"}, none, seeded<Urw>},
    {"surw", {"surw", "all orders of the uses of one object equally likely"}, none, seeded<Surw>},
    {"rf", {"rf", "which write a read sees drawn beforehand, else as pos"}, none, seeded<ReadsFrom>},
    {"delay",
     {"delay[:delays]", "at most so many delays, at random places"},
     {"", 1, 1'000, 2},
     seeded_with<Delays>},
    {"portfolio", {"portfolio", "rf, surw, delay:1 and random by turns"}, none, make_portfolio},
    {"preempt",
     {"preempt[:preemptions]", "every schedule with at most so many"},
     {"", 0, 1'000, 2},
     [](std::uint64_t, std::uint32_t number) -> std::unique_ptr<Policy> {
       return std::make_unique<Preemptions>(number);
     }},
    {"delay-bound",
     {"delay-bound[:delays]", "every schedule with at most so many"},
     {"", 0, 1'000, 2},
     [](std::uint64_t, std::uint32_t number) -> std::unique_ptr<Policy> {
       return std::make_unique<DelayBound>(number);
     }},
    {"dpor", {"dpor", "every order of what conflicts"}, none, unseeded<Dpor>},
    {"dfs", {"dfs", "every schedule"}, none, unseeded<BoundedSearch>},
    {"exhaustive", {"exhaustive", "the same as dfs"}, none, unseeded<BoundedSearch>},
    {Jitter::word, {Jitter::word, "asyncio's own order, with times that vary"}, none, seeded<Jitter>},
    {"fifo", {"fifo", "asyncio's own order, once"}, none, unseeded<Fifo>},
}};

[[noreturn]] void refuse(std::string_view name, const std::string& why) {
  throw std::invalid_argument("policy '" + std::string(name) + "' is wrong: " + why);
}

std::uint32_t parse_argument(const Kind& kind, std::string_view name, std::string_view text) {
  const Argument& argument = kind.argument;
  if (argument.most == 0)
    refuse(name, std::string(kind.word) + " takes nothing; write " + std::string(kind.word));
  const std::string takes = std::string(kind.word) + " takes " + std::string(argument.prefix) +
                            (argument.prefix.empty() ? "" : "N, N being ") + "a whole number from " +
                            std::to_string(argument.least) + " to " + std::to_string(argument.most);
  std::uint32_t number = 0;
  const bool has_prefix = text.starts_with(argument.prefix);
  const std::string_view digits = has_prefix ? text.substr(argument.prefix.size()) : std::string_view();
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size() ||
      number < argument.least || number > argument.most)
    refuse(name, takes + ", got '" + std::string(text) + "'");
  return number;
}

}  // namespace

std::vector<PolicyKind> policy_kinds() {
  std::vector<PolicyKind> told;
  for (const Kind& kind : kinds) told.push_back(kind.told);
  return told;
}

bool wants_jitter(std::string_view name) noexcept { return name == Jitter::word; }

std::unique_ptr<Policy> make_policy(std::string_view name, std::uint64_t seed) {
  const std::size_t colon = name.find(':');
  const std::string_view word = name.substr(0, colon);
  std::string words;
  for (const Kind& kind : kinds) {
    words += (words.empty() ? "" : ", ") + std::string(kind.told.form);
    if (kind.word != word) continue;
    const std::uint32_t number = colon == std::string_view::npos
                                     ? kind.argument.by_default
                                     : parse_argument(kind, name, name.substr(colon + 1));
    return kind.make(seed, number);
  }
  throw std::invalid_argument("no policy is called '" + std::string(word) + "'; there are: " + words);
}

}  // namespace coweave::sim
