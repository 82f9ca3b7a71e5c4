#pragma once

/// Looks at the accesses of a run to its `Shared` variables: what is told, and why, says docs/races.md.

#include <coweave/props/monitors/run_view.hpp>
#include <coweave/props/races/access.hpp>
#include <coweave/props/races/held_locks.hpp>
#include <coweave/props/races/noted_races.hpp>
#include <coweave/props/races/races.hpp>
#include <coweave/props/races/variable.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace coweave::detail {

class RaceDetector {
 public:
  /// `run` must outlive it, and knows causes if `looks()`.
  RaceDetector(Races races, RunView& run);

  [[nodiscard]] bool looks() const noexcept { return races_.any(); }

  void begin_run();
  /// The running step did something to an object, at the moment of `run`, and the run has not failed.
  void operation(const monitors::Occurrence& now);

 private:
  using Kind = SharedAccess::Kind;
  using Local = Variable::Local;

  void accessed(const monitors::Occurrence& now, std::uint32_t task);
  void uncover(const HeldLocks::Covered& covered, std::uint32_t lock);
  [[nodiscard]] Variable& variable_of(const ObjectRef& object);
  [[nodiscard]] bool is_silent(const ObjectRef& object);

  // Each looks whether there is a race whose last access is `now`.
  void check_read(const Variable& variable, const Local& local, const SharedAccess& now);
  void check_write(const Variable& variable, const Local& local, const SharedAccess& now);
  void check_update(const Variable& variable, const Local& local, const SharedAccess& now);
  bool check_half_written(const Variable& variable, const Local& local, const SharedAccess& now);
  void check_order(const Variable& variable, const SharedAccess& now);

  void not_in_one_piece(const SharedAccess& first, const SharedAccess& other, const SharedAccess& last);
  void found(Severity severity, std::string_view what, std::span<const SharedAccess* const> accesses);

  const Races races_;
  const bool notes_;
  std::vector<std::string> silent_called_;  // in full, by place in `races_.silent`
  RunView& run_;
  HeldLocks held_;
  std::uint32_t accesses_ = 0;
  std::vector<std::uint32_t> slots_;  // of `variables_` by number of the object, from 1
  std::vector<std::uint32_t> numbers_;
  std::vector<Variable> variables_;
  std::size_t variables_count_ = 0;
  NotedRaces noted_;
  // Of the access that is being looked at:
  Knowledge knowledge_{nullptr};
  const monitors::Occurrence* now_ = nullptr;
  const Variable* variable_ = nullptr;
};

}  // namespace coweave::detail
