#include <coweave/props/counterexample/why.hpp>

#include <coweave/traces/cast.hpp>
#include <coweave/traces/render_choices.hpp>
#include <coweave/traces/site.hpp>
#include <coweave/traces/text_width.hpp>
#include <coweave/traces/words.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace coweave::detail {

namespace {

constexpr std::size_t steps_listed_max = 12;

using Events = std::vector<traces::Event>;

/// The event with which the step begins; the end if there is none.
Events::const_iterator begin_of(const traces::Trace& trace, std::uint64_t step) {
  return std::find_if(trace.events.begin(), trace.events.end(), [step](const traces::Event& event) {
    return event.kind == traces::EventKind::run && event.step == step;
  });
}

/// The last await of `actor` before `run`.
traces::Site left_at(const traces::Trace& trace, Events::const_iterator run, const std::string& actor) {
  traces::Site from;
  for (auto event = trace.events.begin(); event != run; ++event) {
    const bool awaits = event->kind == traces::EventKind::await && event->actor == actor;
    if (awaits && event->at.known()) from = event->at;
  }
  return from;
}

class Words {
 public:
  Words(const Finding& finding, std::size_t width)
      : finding_(finding), trace_(finding.trace), cast_(finding.trace, false), width_(width) {}

  std::string all() const {
    std::string text;
    if (finding_.neighbour) text += said(neighbour(*finding_.neighbour));
    if (finding_.otherwise && finding_.otherwise->choice < trace_.choices.size())
      text += said(otherwise(*finding_.otherwise));
    if (finding_.decisions && finding_.decisions->all > 0) text += said(decisions(*finding_.decisions));
    return text;
  }

 private:
  [[nodiscard]] std::string said(const std::string& sentence) const {
    return traces::paragraph(sentence, {width_, 0, 2, 10});
  }

  [[nodiscard]] std::string neighbour(const Neighbour& neighbour) const {
    const bool is_new = !neighbour.newcomer.empty();
    return "What decides: it passes if " +
           (is_new ? who(neighbour.newcomer, neighbour.before) : who(neighbour.step)) + " before " +
           who(neighbour.before) +
           (is_new ? ", at step " : ", step " + std::to_string(neighbour.step) + " before step ") +
           std::to_string(neighbour.before) +
           (neighbour.brings_along ? ", and with it what was decided in it or right behind it" : "") +
           (neighbour.alone ? ", and all else stays as it was." : ".");
  }

  /// "What decides, at step 4: it was late, by 3rd of 3 amounts. It passes if it was on time there."
  [[nodiscard]] std::string otherwise(const OtherwiseTaken& otherwise) const {
    traces::Choice choice = trace_.choices[otherwise.choice];
    std::string text =
        "What decides, at step " + std::to_string(choice.step) + ": it " + traces::in_words(choice, cast_);
    choice.taken = otherwise.taken;
    choice.picked.clear();
    return text + ". It passes if it " + traces::in_words(choice, cast_) + ".";
  }

  [[nodiscard]] std::string decisions(const Decisions& decisions) const {
    const std::string whatever = decisions.of_order ? "whoever goes on" : "whatever is decided";
    const std::size_t irrelevant = decisions.irrelevant.size();
    if (irrelevant == 0)
      return decisions.all == 1 ? "Its only decision matters."
                                : "Each of its " + std::to_string(decisions.all) + " decisions matters.";
    if (irrelevant == decisions.all)
      return "None of its " + traces::counted(decisions.all, "decision") +
             " matters on its own: it fails in the same way " + whatever + ".";
    const std::vector<std::uint64_t> named = steps_without_matter(decisions);
    std::vector<std::string> steps;
    for (const std::uint64_t step : named) {
      if (steps.size() == steps_listed_max) {
        steps.push_back(std::to_string(named.size() - steps.size()) + " more");
        break;
      }
      steps.push_back(std::to_string(step));
    }
    std::string text = std::to_string(irrelevant) + " of its " + traces::counted(decisions.all, "decision") +
                       (irrelevant == 1 ? " does not matter on its own" : " do not matter, each on its own");
    if (!steps.empty())
      text += (named.size() < irrelevant ? ", among them "
               : irrelevant == 1         ? ", that of step "
                                         : ", those of steps ") +
              std::string(named.size() == irrelevant ? ""
                          : named.size() == 1        ? "that of step "
                                                     : "those of steps ") +
              traces::enumerated(steps);
    return text + ": it fails in the same way " + whatever + " there.";
  }

  /// The steps, each once, whose decisions do not matter, and in which nothing else was decided that may.
  [[nodiscard]] std::vector<std::uint64_t> steps_without_matter(const Decisions& decisions) const {
    std::vector<std::uint64_t> steps;
    for (const std::uint64_t step : decisions.irrelevant) {
      const auto times = std::count(decisions.irrelevant.begin(), decisions.irrelevant.end(), step);
      const auto is_other = [&](const traces::Choice& choice) {
        if (choice.step != step || choice.label == "next") return false;
        return !decisions.of_order || choice.taken != 0;
      };
      const auto others = std::count_if(trace_.choices.begin(), trace_.choices.end(), is_other);
      if (others > (decisions.of_order ? 0 : times)) continue;
      if (steps.empty() || steps.back() != step) steps.push_back(step);
    }
    return steps;
  }

  /// Who does what with that step: "alice (0.1) goes on from bank.cpp:12".
  [[nodiscard]] std::string who(std::uint64_t step) const {
    const auto run = begin_of(trace_, step);
    if (run == trace_.events.end()) return "step " + std::to_string(step) + " comes";
    return who(run->actor, step);
  }

  /// The same of `actor`, if it takes that step.
  [[nodiscard]] std::string who(const std::string& actor, std::uint64_t step) const {
    const traces::Site from = left_at(trace_, begin_of(trace_, step), actor);
    const std::string name = cast_.full_name(actor);
    if (from.known()) return name + " goes on from " + cast_.shown(traces::to_string(from));
    const traces::Task* task = cast_.task(actor);
    if (task && task->spawned.known())
      return name + ", spawned at " + cast_.shown(traces::to_string(task->spawned)) + ", starts";
    return name + " runs";
  }

  const Finding& finding_;
  const traces::Trace& trace_;
  traces::Cast cast_;
  std::size_t width_;
};

}  // namespace

std::string why_in_words(const Finding& finding, std::size_t width) { return Words(finding, width).all(); }

traces::Site place_before(const traces::Trace& trace, std::uint64_t step, const std::string& newcomer) {
  const auto run = begin_of(trace, step);
  if (run == trace.events.end()) return {};
  const std::string& actor = newcomer.empty() ? run->actor : newcomer;
  if (const traces::Site from = left_at(trace, run, actor); from.known()) return from;
  const auto task = std::find_if(trace.tasks.begin(), trace.tasks.end(),
                                 [&](const traces::Task& one) { return one.id == actor; });
  return task == trace.tasks.end() ? traces::Site{} : task->spawned;
}

}  // namespace coweave::detail
