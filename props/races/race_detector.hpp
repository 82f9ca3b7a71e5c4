#pragma once

/// Looks at the accesses of a run to its `Shared` variables.

#include <coweave/props/monitors/run_view.hpp>
#include <coweave/props/races/held_locks.hpp>
#include <coweave/props/races/races.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace coweave::detail {

class RaceDetector {
 public:
  /// `run` must outlive it.
  RaceDetector(Races races, RunView& run) : races_(std::move(races)), run_(run) {}

  [[nodiscard]] bool looks() const noexcept { return races_.any(); }

  void begin_run();
  /// The running step did something to an object; causes were told of it, and the run has not failed.
  void operation(const monitors::Occurrence& now);

 private:
  struct Access {
    bool is = false;  ///< there is one
    bool reads = false;
    bool writes = false;
    std::uint32_t task = 0;
    sim::Moment moment;
    Memo memo = 0;
    HeldLocks::Set locks;
  };

  /// What others have done since the last access of a task: one that could come anywhere, and one that at
  /// least comes after that access in every run.
  struct Others {
    Access unordered;
    Access after;

    void add(const Access& access, bool is_after) {
      if (is_after) {
        after = access;
      } else if (!unordered.is) {
        unordered = access;
      }
    }
    void clear() noexcept { unordered.is = after.is = false; }
  };

  /// What a variable has seen of a task.
  struct Local {
    std::uint32_t task = 0;
    Access last;  ///< with which a piece could begin
    Others reads;
    Others writes;
  };

  struct Variable {
    std::uint32_t number = 0;
    bool silent = false;
    std::vector<Local> locals;
    Access last_write;
    std::vector<Access> reads;  ///< since then, the last of each task
    HeldLocks::Counts locks;    ///< at all accesses
  };

  [[nodiscard]] Variable& variable_of(const ObjectRef& object);
  [[nodiscard]] static Local& local_of(Variable& variable, std::uint32_t task);
  /// The one of `others` that what happens now does not know of, if it came where it came by luck.
  [[nodiscard]] const Access* in_between(const Others& others);
  void check_piece(const Variable& variable, Local& local, const Access& access,
                   const monitors::Occurrence& now);
  void keep(Variable& variable, Local& local, const Access& access, bool compares);
  void check_order(Variable& variable, const Access& access, const monitors::Occurrence& now);
  /// `accesses` in their order, the last of which is `now`.
  void found(Severity severity, const std::string& what, const Variable& variable,
             std::span<const Access* const> accesses, const monitors::Occurrence& now);

  const Races races_;
  RunView& run_;
  std::vector<Variable> variables_;
  HeldLocks held_;
};

}  // namespace coweave::detail
