/// What is known to calls that were asked for: held against a map.

#include <coweave/sim/causality/asked_calls.hpp>

#include <coweave/sim/random.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

using namespace coweave;
using sim::AskedCalls;
using sim::Clock;

namespace {

struct Asked final : detail::Handle {
  Asked(HandleKind kind, std::uint32_t owner, std::uint32_t ordinal) : Handle([](Handle&, Action) {}, kind) {
    owner_ = owner;
    ordinal_ = ordinal;
  }
};

bool is_nothing(const Clock& clock) {
  return std::all_of(clock.begin(), clock.end(), [](std::uint32_t number) { return number == 0; });
}

}  // namespace

TEST_CASE("asked calls: random ones are found as a map finds them, run after run") {
  std::vector<std::unique_ptr<Asked>> handles;
  for (std::uint32_t owner = 0; owner < 8; ++owner) {
    for (std::uint32_t ordinal = 1; ordinal <= 40; ++ordinal)
      handles.push_back(std::make_unique<Asked>(HandleKind::done, owner, ordinal));
    handles.push_back(std::make_unique<Asked>(HandleKind::call, owner, 0));  // nobody knows who asked
    handles.push_back(std::make_unique<Asked>(HandleKind::group, owner, 0));
    handles.push_back(std::make_unique<Asked>(HandleKind::timer, owner, 0));
  }
  AskedCalls calls;
  std::uint64_t random = 1;
  std::uint32_t number = 0;
  std::size_t found = 0;
  for (int run = 0; run < 20; ++run) {
    calls.begin_run();
    std::map<const Asked*, std::uint32_t> known;
    for (int step = 0; step < 2'000; ++step) {
      const Asked& handle = *handles[sim::split_mix(random) % handles.size()];
      const auto expected = known.find(&handle);
      switch (sim::split_mix(random) % 4) {
        case 0:
        case 1: {
          Clock& clock = calls.of(handle);
          if (expected == known.end()) {
            REQUIRE(is_nothing(clock));
            clock.assign(1, ++number);
            known[&handle] = number;
          } else {
            REQUIRE(clock.at(0) == expected->second);
          }
          break;
        }
        case 2: {
          Clock clock{0};
          REQUIRE(calls.take(handle, clock) == (expected != known.end()));
          if (expected == known.end()) break;
          REQUIRE(clock.at(0) == expected->second);
          known.erase(expected);
          ++found;
          break;
        }
        default:
          calls.drop(handle);
          known.erase(&handle);
      }
    }
  }
  CHECK(found > 1'000);
}

TEST_CASE("asked calls: a function is known by who asked for it, and not by where it stands") {
  const Asked first(HandleKind::call, 3, 7);
  const Asked same(HandleKind::call, 3, 7);
  const Asked timer(HandleKind::timer, 3, 7);
  const Asked other_timer(HandleKind::timer, 3, 7);
  AskedCalls calls;
  calls.of(first).assign(1, 5);
  calls.of(timer).assign(1, 6);
  Clock clock;
  CHECK_FALSE(calls.take(other_timer, clock));
  REQUIRE(calls.take(same, clock));
  CHECK(clock == Clock{5});
  CHECK_FALSE(calls.take(first, clock));
  REQUIRE(calls.take(timer, clock));
  CHECK(clock == Clock{6});
}
