#include <coweave/props/watchdog.hpp>

#include <coweave/props/options.hpp>

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace coweave::detail {

/// The thread, one of the process; it sleeps while nothing is watched.
class Watchdog {
 public:
  static Watchdog& of_process() { return *slot(); }
  /// Another one, in a copy of the process: of the old one it has no thread, and what that held.
  static void renew() {
    static_cast<void>(slot().release());
    slot() = std::make_unique<Watchdog>();
  }

  Watchdog() {
    // The program's signals are for the program's threads.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([this] { watch(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    // While it begins it allocates. A copy of the process that is made then may never get memory again:
    // AddressSanitizer's locks are copied as they are.
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return has_begun_; });
  }
  ~Watchdog() {
    {
      const std::lock_guard lock(mutex_);
      over_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  void add(Watch& watch) {
    {
      const std::lock_guard lock(mutex_);
      watches_.push_back(&watch);
    }
    changed_.notify_one();
  }
  void remove(Watch& watch) {
    const std::lock_guard lock(mutex_);
    std::erase(watches_, &watch);
  }

 private:
  static std::unique_ptr<Watchdog>& slot() {
    static auto watchdog = std::make_unique<Watchdog>();
    return watchdog;
  }

  /// Time is counted in periods that went by and not read off a clock: a process that was stopped, by a
  /// debugger or by job control, has not hung.
  void watch() {
    std::unique_lock lock(mutex_);
    has_begun_ = true;
    changed_.notify_one();
    while (!over_) {
      if (watches_.empty()) {
        changed_.wait(lock);
        continue;
      }
      std::chrono::nanoseconds period = std::chrono::milliseconds(250);
      for (const Watch* watch : watches_) period = std::min(period, watch->bound_ / 4);
      period = std::max<std::chrono::nanoseconds>(period, std::chrono::milliseconds(1));
      if (changed_.wait_for(lock, period) == std::cv_status::no_timeout) continue;
      for (Watch* watch : watches_) watch->look(period);
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Watch*> watches_;
  bool has_begun_ = false;
  bool over_ = false;
  std::thread thread_;
};

Watch::Watch(const sim::Simulation& simulation, std::string who, std::chrono::nanoseconds step_wall_time_max)
    : simulation_(simulation), who_(std::move(who)), bound_(step_wall_time_max) {
  if (bound_ > std::chrono::nanoseconds::zero()) Watchdog::of_process().add(*this);
}

Watch::~Watch() {
  if (bound_ > std::chrono::nanoseconds::zero()) Watchdog::of_process().remove(*this);
}

void Watch::begin_in_copy(std::function<void()> hangs) {
  hangs_ = std::move(hangs);
  if (bound_ <= std::chrono::nanoseconds::zero()) return;
  Watchdog::renew();
  Watchdog::of_process().add(*this);
}

void Watch::look(std::chrono::nanoseconds period) {
  const std::uint64_t pulse = simulation_.pulse();
  if (pulse == 0 || pulse != seen_) {
    seen_ = pulse;
    unchanged_ = std::chrono::nanoseconds::zero();
    return;
  }
  unchanged_ += period;
  if (unchanged_ < bound_) return;
  const std::uint64_t first = first_pulse_.load(std::memory_order_relaxed) + 1;  // before the first step
  const std::uint64_t step = pulse > first ? pulse - first : 0;
  if (long_run_.load(std::memory_order_relaxed) == 0) {
    long_step_.store(step, std::memory_order_relaxed);
    long_run_.store(run_.load(std::memory_order_relaxed), std::memory_order_release);
  }
  if (unchanged_ >= 2 * bound_) give_up(step);
}

std::string Watch::place(std::uint64_t run, std::uint64_t step) const {
  return "step " + std::to_string(step) + " of run " + std::to_string(run);
}

std::string Watch::complaint() const {
  const std::uint64_t run = long_run_.load(std::memory_order_acquire);
  if (run == 0) return {};
  return place(run, long_step_.load(std::memory_order_relaxed)) + " took more than " + duration_text(bound_) +
         " of real time: code under simulation must not block. The exploration ended there";
}

void Watch::give_up(std::uint64_t step) const {
  if (hangs_) hangs_();
  std::string text =
      "coweave: a step does not come back: " + who_ + ", " +
      place(run_.load(std::memory_order_relaxed), step) + ", has run for more than " +
      duration_text(2 * bound_) +
      " of real time.\nIt blocks, or loops without an await. A step cannot be interrupted, so the "
      "process is aborted. (Option step_wall_time_max; zero for a debugger.)\n";
  std::fputs(text.c_str(), stderr);
  std::fflush(stderr);
  // The thread that owns the schedule is inside a step, and could add to it only by drawing numbers; whatever
  // happens to this reading, what matters most is told by now.
  const sim::Schedule& schedule = simulation_.schedule();
  text = "Its choices so far, options taken of options:";
  for (const sim::Choice& choice : schedule)
    text += " " + std::to_string(choice.taken) + "/" + std::to_string(choice.options());
  text += schedule.empty() ? " none\n" : "\n";
  std::fputs(text.c_str(), stderr);
  std::fflush(stderr);
  std::abort();
}

}  // namespace coweave::detail
