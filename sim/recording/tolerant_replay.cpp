#include <coweave/sim/recording/tolerant_replay.hpp>

#include <coweave/sim/recording/origin.hpp>
#include <coweave/sim/recording/recorder.hpp>
#include <coweave/traces/site.hpp>

#include <algorithm>
#include <stdexcept>

namespace coweave::sim {

using traces::EventKind;

TolerantReplay::TolerantReplay(const traces::Trace& trace, const Recorder& recorder)
    : trace_(trace), recorder_(recorder) {
  if (trace.events.empty() && !trace.choices.empty())
    throw std::invalid_argument("the trace of '" + trace.scenario +
                                "' has no events, so it does not say who took which turn: tolerant replay "
                                "needs them; replay it strictly");
  read_turns(trace);
  read_choices(trace);
}

void TolerantReplay::read_turns(const traces::Trace& trace) {
  for (const traces::Event& event : trace.events) {
    if (event.kind != EventKind::run) continue;
    turns_by_actor_[event.actor].items.push_back(turns_.size());
    turns_.push_back({&event.actor, nullptr});
  }
}

/// Choices and steps are both in order, so one walk finds the turn that each choice belongs to.
void TolerantReplay::read_choices(const traces::Trace& trace) {
  std::size_t before = 0;  // turns of earlier steps than that of the choice
  std::vector<std::uint64_t> steps;
  for (const traces::Event& event : trace.events) {
    if (event.kind == EventKind::run) steps.push_back(event.step);
  }
  for (const traces::Choice& choice : trace.choices) {
    while (before < steps.size() && steps[before] < choice.step) ++before;
    const bool has_turn = before < steps.size() && steps[before] == choice.step;
    if (choice.label == "next") {
      if (has_turn && choice.taken != 0) turns_[before].overtaking = &choice;
    } else if (choice.label == "cancel" || choice.label == "expire") {
      if (choice.taken != 0) cancellations_.push_back({&choice, before});
    } else {
      // How late the loop is between two steps is nobody's choice: those are matched in order.
      const std::string actor = has_turn && choice.label != "late" ? *turns_[before].actor : std::string();
      draws_by_actor_[{actor, choice.label, choice.at.file}].items.push_back(draws_.size());
      draws_.push_back({&choice});
    }
  }
}

bool TolerantReplay::begin_run(std::uint64_t) {
  for (Turn& turn : turns_) turn.taken = turn.overtook = false;
  for (Cancellation& cancellation : cancellations_) cancellation.injected = false;
  for (Draw& draw : draws_) draw.found = draw.in_range = false;
  for (auto& [actor, queue] : turns_by_actor_) queue.used = 0;
  for (auto& [actor, queue] : draws_by_actor_) queue.used = 0;
  heard_ = progress_ = 0;
  running_.clear();
  skipped_.clear();
  return true;
}

/// Takes note of the steps since the last choice: most steps are none, because one handle only was ready.
void TolerantReplay::hear_steps() {
  const std::vector<traces::Event>& events = recorder_.trace().events;
  for (; heard_ < events.size(); ++heard_) {
    if (events[heard_].kind != EventKind::run) continue;
    running_ = events[heard_].actor;
    const auto queue = turns_by_actor_.find(running_);
    if (queue == turns_by_actor_.end() || queue->second.over()) continue;
    const std::size_t turn = queue->second.first();
    ++queue->second.used;
    turns_[turn].taken = true;
    progress_ = std::max(progress_, turn + 1);
  }
}

const TolerantReplay::Queue* TolerantReplay::turns_of(const std::string& actor) const {
  const auto queue = turns_by_actor_.find(actor);
  return queue == turns_by_actor_.end() || queue->second.over() ? nullptr : &queue->second;
}

std::uint32_t TolerantReplay::pick(const ChoicePoint& point) {
  hear_steps();
  switch (point.kind) {
    case ChoiceKind::next:
      return pick_next(point);
    case ChoiceKind::cancel:
    case ChoiceKind::expire:
      return pick_cancellation(point);
    case ChoiceKind::random:
    case ChoiceKind::late:
    case ChoiceKind::fault:
      return pick_number(point);
  }
  return 0;
}

std::uint32_t TolerantReplay::pick_next(const ChoicePoint& point) {
  std::uint32_t best = 0;
  std::size_t earliest = turns_.size();
  bool first_is_known = false;
  for (std::uint32_t option = 0; option < point.options; ++option) {
    const Queue* queue = turns_of(recorder_.identity(point, option));
    if (option == 0) first_is_known = queue;
    if (!queue || queue->first() >= earliest) continue;
    earliest = queue->first();
    best = option;
  }
  if (earliest == turns_.size()) return 0;
  Turn& turn = turns_[earliest];
  if (!turn.overtaking) return first_is_known ? best : 0;
  turn.overtook = best != 0;
  return best;
}

std::uint32_t TolerantReplay::pick_cancellation(const ChoicePoint& point) {
  for (Cancellation& cancellation : cancellations_) {
    if (cancellation.injected || cancellation.after > progress_) continue;
    for (std::uint32_t option = 1; option < point.options; ++option) {
      if (recorder_.identity(point, option) != cancellation.choice->picked) continue;
      cancellation.injected = true;
      return option;
    }
  }
  return 0;
}

std::uint32_t TolerantReplay::pick_number(const ChoicePoint& point) {
  const auto queue = draws_by_actor_.find({in_step(point) ? running_ : std::string(), label_of(point),
                                           point.visit ? to_site(point.visit->at).file : std::string()});
  if (queue == draws_by_actor_.end() || queue->second.over()) return 0;
  Draw& draw = draws_[queue->second.first()];
  ++queue->second.used;
  draw.found = true;
  draw.in_range = draw.choice->taken < point.options;
  return draw.in_range ? draw.choice->taken : 0;
}

void TolerantReplay::end_run(std::span<const Choice>) {
  hear_steps();
  for (const traces::Choice& choice : trace_.choices) {
    if (choice.taken == 0) continue;
    for (const Turn& turn : turns_) {
      if (turn.overtaking != &choice || turn.overtook) continue;
      skip(choice, turn.taken ? "there was nobody to overtake" : "it did not come to that turn");
    }
    for (const Cancellation& cancellation : cancellations_) {
      if (cancellation.choice == &choice && !cancellation.injected)
        skip(choice, choice.label == "cancel" ? "from there on the task could not be cancelled"
                                              : "from there on there was no such time-out");
    }
    for (const Draw& draw : draws_) {
      if (draw.choice != &choice || draw.in_range) continue;
      skip(choice, choice.label.starts_with("fault:") ? "the program did not come to it so often"
                   : draw.found                       ? "the program draws from fewer numbers now"
                                                      : "the program did not draw it");
    }
  }
}

void TolerantReplay::skip(const traces::Choice& choice, const std::string& why) {
  const auto index = static_cast<std::size_t>(&choice - trace_.choices.data());
  std::string text = "skipped choice " + std::to_string(index + 1) + " of the trace, '" + choice.label +
                     "' in step " + std::to_string(choice.step);
  if (choice.at.known()) {
    text += " at " + traces::to_string(choice.at);
  } else if (choice.picked.empty()) {
    text += ", " + std::to_string(choice.taken) + " of " + std::to_string(choice.options);
  } else {
    text += ", " + tell_origin(trace_, choice.picked, choice.step);
  }
  skipped_.push_back(text + ": " + why);
}

}  // namespace coweave::sim
