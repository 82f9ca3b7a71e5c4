#pragma once

/// What is left of a process that ends in the middle of a run: a piece of memory that it shares with its
/// parent. A process that is about to be ended (by a signal that it did not survive, by a sanitizer, by
/// `exit`) puts the choices of its run there. What cannot be foreseen (`_exit`, SIGKILL) is another matter:
/// then each choice must be put there when it is made, see Witness.

#include <coweave/sim/choice.hpp>
#include <coweave/sim/simulation.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace coweave::detail {

class BlackBox {
 public:
  /// Throws std::system_error if there is no memory to share.
  BlackBox();
  ~BlackBox();
  BlackBox(const BlackBox&) = delete;
  BlackBox& operator=(const BlackBox&) = delete;

  // In the process that may end.

  /// From now on, until the end of the process, whatever ends it keeps the run of `simulation` first.
  void guard(const sim::Simulation& simulation);
  /// Puts the choices and steps of the present or last run there. Safe in a signal handler.
  void keep(const sim::Simulation& simulation) noexcept;
  // Choice by choice, of a run that may end without a word.
  void choices_begin() noexcept {
    content_->foreseen = false;
    content_->steps = 0;
    content_->spawned = 0;
    content_->count = 0;
    content_->kept.store(true);
  }
  void keep_choice(const sim::Choice& choice, std::uint64_t step) noexcept {
    content_->steps = step;
    if (content_->count < choices_max) choices()[content_->count++] = choice;
  }
  void keep_step(std::uint64_t step) noexcept { content_->steps = step; }

  /// Notes which piece of work comes next.
  void work_begins(std::uint64_t piece) noexcept {
    content_->work.store(piece);
    content_->run.store(0);
    content_->kept.store(false);
    content_->complete.store(false);
  }

  /// Notes that a step does not come back.
  void note_hang() noexcept { content_->hangs.store(true); }
  /// Notes whether a search has left out nothing so far.
  void note_complete(bool complete) noexcept {
    content_->complete.store(complete, std::memory_order_relaxed);
  }
  /// Notes which run of it comes next, from 1.
  void run_begins(std::uint64_t run) noexcept { content_->run.store(run, std::memory_order_relaxed); }

  // In its parent.

  [[nodiscard]] std::uint64_t work() const noexcept { return content_->work.load(); }
  [[nodiscard]] bool hangs() const noexcept { return content_->hangs.load(); }
  [[nodiscard]] bool complete() const noexcept { return content_->complete.load(); }
  /// 0: none had begun.
  [[nodiscard]] std::uint64_t run() const noexcept { return content_->run.load(); }
  /// Whether the end was seen coming, and not only choice by choice what came before it.
  [[nodiscard]] bool foreseen() const noexcept { return content_->foreseen; }
  /// Whether choices were put there.
  [[nodiscard]] bool kept() const noexcept { return content_->kept.load(); }
  [[nodiscard]] std::uint64_t steps() const noexcept { return content_->steps; }
  /// The line where the task that was running was spawned; 0: none was running.
  [[nodiscard]] std::uint64_t spawned() const noexcept { return content_->spawned; }
  [[nodiscard]] sim::Schedule schedule() const;

  /// As much as it can hold; what a longer schedule has beyond it is lost.
  static constexpr std::size_t choices_max = std::size_t{1} << 23U;

 private:
  struct Content {
    std::atomic<std::uint64_t> work;
    std::atomic<std::uint64_t> run;
    std::atomic<bool> kept;
    std::atomic<bool> hangs;
    std::atomic<bool> complete;
    bool foreseen;
    std::uint64_t steps;
    std::uint64_t spawned;
    std::size_t count;
  };

  [[nodiscard]] sim::Choice* choices() const noexcept;

  Content* content_;
};

}  // namespace coweave::detail
