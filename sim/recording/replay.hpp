#pragma once

/// Policies that follow a schedule of the same program. (Those that follow a trace of a program that may have
/// changed are in trace_replay.hpp and tolerant_replay.hpp.)

#include <coweave/sim/policy.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

namespace coweave::sim {

/// Where a run left the schedule that it was to follow.
struct Divergence {
  std::size_t position = 0;        ///< which choice, from 0
  std::optional<Choice> expected;  ///< none: the schedule was at its end
  std::optional<Choice> found;     ///< none: the run was at its end
};

/// Follows a schedule exactly; the first difference is noted and the rest of the run takes 0.
class StrictReplay final : public Policy {
 public:
  explicit StrictReplay(Schedule schedule) noexcept : schedule_(std::move(schedule)) {}

  [[nodiscard]] std::string_view name() const override { return "replay"; }
  bool begin_run(std::uint64_t) override {
    position_ = 0;
    divergence_.reset();
    return true;
  }
  std::uint32_t pick(const ChoicePoint& point) override;
  void end_run(std::span<const Choice> schedule) override;

  [[nodiscard]] const std::optional<Divergence>& divergence() const noexcept { return divergence_; }

 private:
  Schedule schedule_;
  std::size_t position_ = 0;
  std::optional<Divergence> divergence_;
};

/// Follows a schedule as far as it goes: a choice that is out of range counts as 0, and so does everything
/// behind the end. What the shrinkers try their candidates with.
class LooseReplay final : public Policy {
 public:
  void follow(std::span<const Choice> schedule) { schedule_.assign(schedule.begin(), schedule.end()); }

  [[nodiscard]] std::string_view name() const override { return "replay"; }
  bool begin_run(std::uint64_t) override {
    position_ = 0;
    return true;
  }
  std::uint32_t pick(const ChoicePoint& point) override {
    if (position_ >= schedule_.size()) return 0;
    const Choice& choice = schedule_[position_++];
    return choice.kind() == point.kind && choice.taken < point.options ? choice.taken : 0;
  }

 private:
  Schedule schedule_;
  std::size_t position_ = 0;
};

/// Follows a schedule loosely in the first run, and leaves all others to another policy.
class ReplayFirst final : public Policy {
 public:
  ReplayFirst(std::span<const Choice> schedule, std::unique_ptr<Policy> next) : next_(std::move(next)) {
    first_.follow(schedule);
  }

  [[nodiscard]] std::string_view name() const override { return next_->name(); }
  bool begin_run(std::uint64_t run) override {
    is_first_ = run == 1;
    return is_first_ ? first_.begin_run(1) : next_->begin_run(run - 1);
  }
  std::uint32_t pick(const ChoicePoint& point) override {
    return is_first_ ? first_.pick(point) : next_->pick(point);
  }
  [[nodiscard]] Random* uniform() noexcept override { return is_first_ ? nullptr : next_->uniform(); }
  [[nodiscard]] bool looks_closely() const noexcept override { return !is_first_ && next_->looks_closely(); }
  void stepped(const Step& step) override { next_->stepped(step); }
  [[nodiscard]] bool gave_up() const noexcept override { return !is_first_ && next_->gave_up(); }
  [[nodiscard]] bool left_out() const noexcept override { return !is_first_ && next_->left_out(); }
  [[nodiscard]] std::string left_out_in_words() const override { return next_->left_out_in_words(); }
  [[nodiscard]] std::string caveat() const override { return next_->caveat(); }
  void end_run(std::span<const Choice> schedule) override {
    if (!is_first_) next_->end_run(schedule);
  }
  [[nodiscard]] bool covers_all() const noexcept override { return next_->covers_all(); }
  [[nodiscard]] std::string_view whole() const override { return next_->whole(); }

 private:
  LooseReplay first_;
  std::unique_ptr<Policy> next_;
  bool is_first_ = true;
};

/// Follows a schedule in every run, and lets another policy go on behind it. It covers what that one covers,
/// of the runs that begin so.
class ContinuedReplay : public Policy {
 public:
  ContinuedReplay(Schedule prefix, std::unique_ptr<Policy> next) noexcept
      : prefix_(std::move(prefix)), next_(std::move(next)) {}

  [[nodiscard]] std::string_view name() const override { return next_->name(); }
  bool begin_run(std::uint64_t run) override {
    position_ = 0;
    return next_->begin_run(run);
  }
  std::uint32_t pick(const ChoicePoint& point) override {
    if (position_ == prefix_.size()) return next_->pick(point);
    const std::uint32_t taken = prefix_[position_++].taken;
    return taken < point.options ? taken : 0;  // of a program that depends on more than the schedule
  }
  [[nodiscard]] bool looks_closely() const noexcept override { return next_->looks_closely(); }
  void stepped(const Step& step) override { next_->stepped(step); }
  [[nodiscard]] bool gave_up() const noexcept override { return next_->gave_up(); }
  [[nodiscard]] bool left_out() const noexcept override { return next_->left_out(); }
  [[nodiscard]] std::string left_out_in_words() const override { return next_->left_out_in_words(); }
  [[nodiscard]] std::string caveat() const override { return next_->caveat(); }
  void end_run(std::span<const Choice> schedule) override { next_->end_run(schedule.subspan(position_)); }
  [[nodiscard]] bool covers_all() const noexcept override { return next_->covers_all(); }
  [[nodiscard]] std::string_view whole() const override { return next_->whole(); }

 private:
  Schedule prefix_;
  std::unique_ptr<Policy> next_;
  std::size_t position_ = 0;
};

}  // namespace coweave::sim
