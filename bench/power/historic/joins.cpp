/// A queue that counts the items that are not finished, and lets others wait until none is.

#include <coweave/bench/power/historic/crew.hpp>
#include <coweave/bench/power/historic/historic.hpp>
#include <coweave/core/sleep.hpp>
#include <coweave/props/require.hpp>

#include <vector>

namespace coweave::bench::historic {

namespace {

using namespace std::chrono_literals;

enum class Defect { none, put_does_not_count, join_looks_again, shutdown_forgets_unfinished };

/// Last in, first out.
class JobStack {
 public:
  explicit JobStack(Defect defect) noexcept : defect_(defect) {}

  void put(int job) {
    jobs_.push_back(job);
    if (defect_ != Defect::put_does_not_count) ++unfinished_;
  }
  [[nodiscard]] bool empty() const noexcept { return jobs_.empty(); }
  int get() {
    const int job = jobs_.back();
    jobs_.pop_back();
    return job;
  }

  void finished(int count = 1) {
    COWEAVE_REQUIRE(unfinished_ >= count);
    unfinished_ -= count;
    if (unfinished_ > 0) return;
    for (const Future<>& joiner : joiners_) {
      if (!joiner.done()) joiner.set_result();
    }
    joiners_.clear();
  }

  Coro<void> join() {
    while (unfinished_ > 0) {
      const Future<> all_finished = create_future();
      joiners_.push_back(all_finished);
      co_await all_finished;
      if (defect_ != Defect::join_looks_again) co_return;
    }
  }

  void shut_down() {
    const int dropped = static_cast<int>(jobs_.size());
    jobs_.clear();
    if (dropped > 0 && defect_ != Defect::shutdown_forgets_unfinished) finished(dropped);
  }

 private:
  const Defect defect_;
  int unfinished_ = 0;
  std::vector<int> jobs_;
  Line<> joiners_;
};

Coro<void> work(JobStack& jobs, int& done) {
  while (!jobs.empty()) {
    jobs.get();
    co_await sleep(0s);
    ++done;
    jobs.finished();
  }
}

/// After join everything is done.
Coro<void> join_workers(Defect defect) {
  JobStack jobs(defect);
  int done = 0;
  Crew crew;
  for (int job = 0; job < 3; ++job) jobs.put(job);
  for (int worker = 0; worker < 2; ++worker) crew.start(work(jobs, done), "worker");
  co_await jobs.join();
  COWEAVE_REQUIRE(done == 3);
  co_await crew.ended();
}

Coro<void> work_and_ask_for_more(JobStack& jobs) {
  jobs.get();
  co_await sleep(0s);
  jobs.finished();
  co_await sleep(0s);
  jobs.put(2);
}

/// One job; a worker finishes it and puts the next, which whoever joined will do.
Coro<void> join_between_jobs(Defect defect) {
  JobStack jobs(defect);
  Crew crew;
  jobs.put(1);
  crew.start(work_and_ask_for_more(jobs), "worker");
  co_await jobs.join();
  co_await crew.ended();
  jobs.get();
  jobs.finished();
  co_await jobs.join();
}

Coro<void> shut_down(JobStack& jobs) {
  co_await sleep(0s);
  jobs.shut_down();
}

/// Some jobs are done and the rest is dropped; join returns either way.
Coro<void> join_shut_down(Defect defect) {
  JobStack jobs(defect);
  int done = 0;
  Crew crew;
  for (int job = 0; job < 2; ++job) jobs.put(job);
  crew.start(work(jobs, done), "worker");
  crew.start(shut_down(jobs), "closer");
  co_await jobs.join();
  co_await crew.ended();
}

}  // namespace

std::vector<HistoricBug> joins() {
  using enum traces::VerdictKind;
  return {
      {"B18", "LifoQueue: put does not count the item as unfinished",
       [] { return join_workers(Defect::put_does_not_count); }, [] { return join_workers(Defect::none); }, 0,
       assertion},
      {"B23/S30", "Queue: join looks again, and waits for an item that came after all were finished",
       [] { return join_between_jobs(Defect::join_looks_again); },
       [] { return join_between_jobs(Defect::none); }, 0, deadlock},
      {"S32", "Queue: shutdown drops items and does not count them as finished",
       [] { return join_shut_down(Defect::shutdown_forgets_unfinished); },
       [] { return join_shut_down(Defect::none); }, 0, deadlock},
  };
}

}  // namespace coweave::bench::historic
