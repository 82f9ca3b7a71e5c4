#pragma once

/// A policy answers the choices of a run. It keeps its own state across the runs of one exploration.

#include <coweave/sim/choice.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace coweave::sim {

class Random;
class Search;

/// What a policy may throw from `pick`, except for a choice that is made while a step runs, or from
/// `stepped`, to end the run there. It has told the simulation why, `Simulation::fail`, or has given the run
/// up.
struct StopRun {};

class Policy {
 public:
  Policy() = default;
  Policy(const Policy&) = delete;
  Policy& operator=(const Policy&) = delete;
  virtual ~Policy() = default;

  /// As it is written in options and traces: "fifo", "random".
  [[nodiscard]] virtual std::string_view name() const = 0;

  /// What a policy learns of the program across runs, it learns in so many runs, the first.
  static constexpr std::uint64_t learning_runs = 100;

  /// A run begins, numbered from 1. False: the space is exhausted and there is no such run.
  virtual bool begin_run(std::uint64_t run) = 0;

  /// Whether the runs after the learning ones are independent of each other: what such a run decides follows
  /// from the seed, its number and what the learning runs have shown, so that any process that has seen those
  /// may do any of them, in any order. False for what searches systematically, or replays.
  [[nodiscard]] virtual bool sampled() const noexcept { return false; }

  /// Decides: below `point.options`.
  virtual std::uint32_t pick(const ChoicePoint& point) = 0;

  /// Asked when a run begins: whether it wants to know candidates at each `next` choice, and to hear of each
  /// step, also of those where there was nothing to choose.
  [[nodiscard]] virtual bool looks_closely() const noexcept { return false; }

  /// A step was taken. What `step` refers to is good during the call.
  virtual void stepped(const Step& step) { static_cast<void>(step); }

  /// Asked when a run begins. If `pick` would answer every `next` choice of it with
  /// `generator.below(options)` and nothing else: that generator, and the simulation may draw from it instead
  /// of calling `pick`. It must stay where it is until the run is over. Null: ask `pick`.
  [[nodiscard]] virtual Random* uniform() noexcept { return nullptr; }

  /// Whether it ended the last run, which had not failed, because that led to nothing new.
  [[nodiscard]] virtual bool gave_up() const noexcept { return false; }

  /// Whether the last run showed that schedules are left out in which a task goes on for ever longer (see
  /// Fairness and Patience).
  [[nodiscard]] virtual bool left_out() const noexcept { return false; }
  /// Which those are, in words.
  [[nodiscard]] virtual std::string left_out_in_words() const { return {}; }

  /// What its runs do not show, however many there are, in words; empty: when it has tried everything, no
  /// schedule fails.
  [[nodiscard]] virtual std::string caveat() const { return {}; }

  /// Whether its runs are all schedules, each once, depth first: those that begin alike stand together.
  [[nodiscard]] virtual bool enumerates() const noexcept { return false; }

  /// How many runs it takes in all, estimated from those that it has done; the logarithm to the base 2. None:
  /// not known.
  [[nodiscard]] virtual std::optional<double> runs_in_all() const { return std::nullopt; }

  /// If it tries the schedules of a space one after the other, and others can do parts of that: itself.
  [[nodiscard]] virtual Search* search() noexcept { return nullptr; }

  /// What `runs` runs that did not fail assure, in words, of a program whose runs have at most `actors`
  /// actors and `choices` choices, all of the next handle, and no more than were known before the run; empty:
  /// nothing that is known.
  [[nodiscard]] virtual std::string assurance(std::uint64_t runs, std::uint64_t actors,
                                              std::uint64_t choices) const {
    static_cast<void>(runs);
    static_cast<void>(actors);
    static_cast<void>(choices);
    return {};
  }

  /// The run is over; `schedule` holds its choices.
  virtual void end_run(std::span<const Choice> schedule) { static_cast<void>(schedule); }

  /// When `begin_run` has said that there is no further run: whether every schedule that there is was run.
  [[nodiscard]] virtual bool covers_all() const noexcept { return false; }
  /// What was run then, in words.
  [[nodiscard]] virtual std::string_view whole() const { return "every schedule"; }
};

/// What the passes of policies that take asyncio's own order do not show.
inline constexpr std::string_view only_own_order =
    "tasks ran in asyncio's own order; other orders were not tried";

/// asyncio's own order: 0 everywhere. One run, then exhausted.
class Fifo final : public Policy {
 public:
  [[nodiscard]] std::string_view name() const override { return "fifo"; }
  bool begin_run(std::uint64_t run) override { return run == 1; }
  std::uint32_t pick(const ChoicePoint&) override { return 0; }
  [[nodiscard]] std::string caveat() const override { return std::string(only_own_order); }
};

}  // namespace coweave::sim
