/// A barrier: when as many as there are parties are inside, all go on, and the next round begins.

#include <coweave/bench/power/historic/crew.hpp>
#include <coweave/bench/power/historic/historic.hpp>
#include <coweave/core/sleep.hpp>
#include <coweave/props/require.hpp>

#include <algorithm>
#include <set>
#include <utility>

namespace coweave::bench::historic {

namespace {

using namespace std::chrono_literals;

enum class Defect { none, index_from_count, stays_counted, looks_at_count };

class OwnBarrier {
 public:
  OwnBarrier(Defect defect, int parties) noexcept : defect_(defect), parties_(parties) {}

  /// The number of the caller among those that pass together, from 0.
  Coro<int> wait() {
    const int round = round_;
    const int arrived = count_++;
    if (count_ == parties_) {
      open();
      co_return parties_ - 1;
    }
    do {
      const Future<int> passed = create_future<int>();
      inside_.push_back(passed);
      int index = 0;
      try {
        index = co_await passed;
      } catch (const CancelledError&) {
        std::erase(inside_, passed);
        if (round == round_ && defect_ != Defect::stays_counted) --count_;
        throw;
      }
      const bool is_over = defect_ == Defect::looks_at_count ? count_ == 0 : round != round_;
      if (is_over) co_return defect_ == Defect::index_from_count ? arrived : index;
    } while (true);
  }

  [[nodiscard]] std::size_t waiting() const noexcept { return inside_.size(); }

 private:
  void open() {
    ++round_;
    count_ = 0;
    int index = 0;
    for (const Future<int>& passed : std::exchange(inside_, {})) {
      if (!passed.done()) passed.set_result(index++);
    }
  }

  const Defect defect_;
  const int parties_;
  int count_ = 0;
  int round_ = 0;
  Line<int> inside_;
};

Coro<void> meet(OwnBarrier& barrier, std::set<int>& indices, int& present) {
  ++present;
  int index = 0;
  try {
    index = co_await barrier.wait();
  } catch (const CancelledError&) {
    --present;
    throw;
  }
  COWEAVE_REQUIRE(present >= 2);
  const bool is_only_one = indices.insert(index).second;
  COWEAVE_REQUIRE(is_only_one);
}

/// So many meet. If they wait for one that was cancelled, it is replaced.
Coro<void> one_round(Defect defect, int parties) {
  OwnBarrier barrier(defect, parties);
  std::set<int> indices;
  int present = 0;
  Crew crew;
  for (int party = 0; party < parties; ++party) crew.start(meet(barrier, indices, present), "party");
  co_await sleep(1ms);
  if (barrier.waiting() > 0) co_await meet(barrier, indices, present);
  co_await crew.ended();
}

Coro<void> meet_often(OwnBarrier& barrier) {
  for (int round = 0; round < 2; ++round) {
    co_await barrier.wait();
    co_await sleep(0s);
  }
}

/// Two meet twice.
Coro<void> two_rounds(Defect defect) {
  OwnBarrier barrier(defect, 2);
  Crew crew;
  for (int party = 0; party < 2; ++party) crew.start(meet_often(barrier), "party");
  co_await crew.ended();
}

}  // namespace

std::vector<HistoricBug> barriers() {
  using enum traces::VerdictKind;
  return {
      {"B26/S34", "Barrier: two get the same index when one before them was cancelled",
       [] { return one_round(Defect::index_from_count, 3); }, [] { return one_round(Defect::none, 3); }, 1,
       assertion},
      {"S36", "Barrier: who was cancelled is still counted",
       [] { return one_round(Defect::stays_counted, 2); }, [] { return one_round(Defect::none, 2); }, 1,
       assertion},
      {"S38", "Barrier: the next round begins before all have left the last",
       [] { return two_rounds(Defect::looks_at_count); }, [] { return two_rounds(Defect::none); }, 0,
       deadlock},
  };
}

}  // namespace coweave::bench::historic
