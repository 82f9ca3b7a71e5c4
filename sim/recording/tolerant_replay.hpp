#pragma once

/// Tolerant replay: brings a trace's order of execution into a program that has changed since.
///
/// The picture to have in mind: the trace says in which order actors took their turns (the first turn of
/// 0.1, the first of 0.0, the second of 0.1, …). Among the ready the one goes first whose next turn comes
/// first in the trace, if it overtook others there; whoever the trace does not know, or knows no further turn
/// of, takes its place in order of arrival, as asyncio would. An injected cancellation comes as soon as the
/// trace has come to its place and its task can be cancelled. A number that the program draws is found by who
/// draws it, under which label, and the how manieth it is; so is a fault, among those of one file. A program
/// that has not changed is followed exactly.
///
/// The identities come from the recorder, so the run must be recorded.

#include <coweave/sim/policy.hpp>
#include <coweave/traces/trace.hpp>

#include <cstddef>
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace coweave::sim {

class Recorder;

class TolerantReplay final : public Policy {
 public:
  /// `trace`, and `recorder`, which records the run, must outlive the policy. Throws std::invalid_argument if
  /// the trace has choices and no events, because then it does not say who took which turn.
  TolerantReplay(const traces::Trace& trace, const Recorder& recorder);

  [[nodiscard]] std::string_view name() const override { return "replay"; }
  bool begin_run(std::uint64_t run) override;
  std::uint32_t pick(const ChoicePoint& point) override;
  void end_run(std::span<const Choice> schedule) override;

  /// The deviations of the trace that the run did not make, a line each: which, and why not. Good after the
  /// run.
  [[nodiscard]] const std::vector<std::string>& skipped() const noexcept { return skipped_; }

 private:
  /// A step of the trace.
  struct Turn {
    const std::string* actor;
    const traces::Choice* overtaking;  ///< null: it did not overtake anybody
    bool taken = false;
    bool overtook = false;
  };
  struct Cancellation {
    const traces::Choice* choice;
    std::size_t after;  ///< turns of the trace that come before it
    bool injected = false;
  };
  struct Draw {
    const traces::Choice* choice;
    bool found = false;
    bool in_range = false;
  };
  /// Indices of what is one actor's in the trace, in order, and how many of them have been.
  struct Queue {
    std::vector<std::size_t> items;
    std::size_t used = 0;
    [[nodiscard]] bool over() const noexcept { return used == items.size(); }
    [[nodiscard]] std::size_t first() const noexcept { return items[used]; }
  };

  void read_turns(const traces::Trace& trace);
  void read_choices(const traces::Trace& trace);
  void hear_steps();
  [[nodiscard]] const Queue* turns_of(const std::string& actor) const;
  std::uint32_t pick_next(const ChoicePoint& point);
  std::uint32_t pick_cancellation(const ChoicePoint& point);
  std::uint32_t pick_number(const ChoicePoint& point);
  void skip(const traces::Choice& choice, const std::string& why);

  const traces::Trace& trace_;
  const Recorder& recorder_;
  std::vector<Turn> turns_;
  std::vector<Cancellation> cancellations_;
  std::vector<Draw> draws_;
  std::map<std::string, Queue> turns_by_actor_;
  /// And label, and of a fault the file where it stands: lines move when a program is changed.
  std::map<std::tuple<std::string, std::string, std::string>, Queue> draws_by_actor_;
  std::size_t heard_ = 0;     ///< events of the recorder
  std::size_t progress_ = 0;  ///< turns of the trace up to the furthest that was taken
  std::string running_;       ///< the actor of the present step
  std::vector<std::string> skipped_;
};

}  // namespace coweave::sim
