#include <coweave/props/sweep/places.hpp>

#include <coweave/traces/identity.hpp>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

namespace coweave::detail {

namespace {

using traces::Event;
using traces::EventKind;

/// What an await is for, or an operation: "acquire Lock 'door'", "task 'child'".
std::string in_words(const traces::Trace& trace, const Event& event) {
  std::string text = event.text;
  if (event.object != 0) {
    const traces::Object& object = trace.objects[event.object - 1];
    text += " " + object.kind + (object.name.empty() ? "" : " '" + object.name + "'");
  }
  for (const traces::Task& task : trace.tasks) {
    if (task.id == event.target) text += " '" + task.name + "'";
  }
  return text;
}

/// A task is at an await, or has not begun, from the end of one step to the beginning of another.
struct Stay {
  SweepPlace place;
  std::uint32_t task = 0;   ///< serial number
  std::uint64_t since = 0;  ///< the step in which it came there
  std::uint64_t woken = 0;  ///< the step that put it into the ready queue; 0: none did
  std::uint64_t until = 0;  ///< its own step, in which it goes on; 0: it does not
};

class Stays {
 public:
  explicit Stays(const traces::Trace& trace) : trace_(trace), open_(trace.tasks.size()) {
    visits_.resize(trace.tasks.size());
    for (std::size_t index = 0; index < trace.tasks.size(); ++index) index_of_[trace.tasks[index].id] = index;
  }

  std::vector<Stay> read() {
    for (const Event& event : trace_.events) hear(event);
    for (std::optional<Stay>& stay : open_) {
      if (stay) stays_.push_back(std::move(*stay));
    }
    const auto order = [](const Stay& stay) { return std::tuple(stay.since, stay.task, stay.place.visit); };
    std::sort(stays_.begin(), stays_.end(),
              [&](const Stay& one, const Stay& other) { return order(one) < order(other); });
    return std::move(stays_);
  }

 private:
  void hear(const Event& event) {
    const auto actor = index_of_.find(event.actor);
    switch (event.kind) {
      case EventKind::spawn:
        begin(index_of_.at(event.target), event, "start");
        open_[index_of_.at(event.target)]->woken = event.step;
        break;
      case EventKind::await:
        if (actor == index_of_.end()) break;
        begin(actor->second, event, in_words(trace_, event));
        if (event.text == "give way") open_[actor->second]->woken = event.step;
        break;
      case EventKind::wake:
        if (const auto target = index_of_.find(event.target); target != index_of_.end()) {
          std::optional<Stay>& stay = open_[target->second];
          if (stay && stay->woken == 0) stay->woken = event.step;
        }
        break;
      case EventKind::run:
        if (actor == index_of_.end() || !open_[actor->second]) break;
        open_[actor->second]->until = event.step;
        stays_.push_back(std::move(*std::exchange(open_[actor->second], std::nullopt)));
        break;
      default:
        break;
    }
  }

  void begin(std::size_t task, const Event& event, std::string what) {
    Stay stay;
    stay.place = {trace_.tasks[task].id, trace_.tasks[task].name, ++visits_[task], event.at, std::move(what)};
    stay.task = static_cast<std::uint32_t>(task) + 1;  // tasks are numbered in order of creation
    stay.since = event.step;
    open_[task] = std::move(stay);
  }

  const traces::Trace& trace_;
  std::map<std::string, std::size_t, std::less<>> index_of_;
  std::vector<std::optional<Stay>> open_;  // of each task
  std::vector<std::uint64_t> visits_;
  std::vector<Stay> stays_;
};

/// The offers at which the same can be injected, in order, with the option that does.
struct Chances {
  std::vector<std::pair<const Offer*, std::uint32_t>> all;

  void add(const Offer& offer, std::size_t index) {
    all.emplace_back(&offer, static_cast<std::uint32_t>(index) + 1);
  }
};

/// Puts the windows of `stay` into `result`, as far as there are `chances` in them.
void add_windows(const Stay& stay, const SweepPlace& place, const Chances& chances, bool everywhere,
                 std::vector<Injection>& result) {
  struct Taken {
    SweepWindow window;
    std::size_t chance;
  };
  std::vector<Taken> taken;
  const auto step = [&](std::size_t index) { return chances.all[index].first->step; };
  std::size_t first = 0;
  while (first < chances.all.size() && step(first) <= stay.since) ++first;
  std::size_t end = first;
  while (end < chances.all.size() && (stay.until == 0 || step(end) <= stay.until)) ++end;
  // Up to the step that wakes it, and from there on.
  std::size_t middle = first;
  while (middle < end && (stay.woken == 0 || step(middle) <= stay.woken)) ++middle;
  if (stay.woken == stay.since) middle = first;
  if (middle > first) taken.push_back({SweepWindow::waiting, first});
  if (middle > first && stay.woken != 0) taken.push_back({SweepWindow::before, middle - 1});
  if (middle < end) taken.push_back({SweepWindow::after, middle});
  if (middle < end && stay.until != 0) taken.push_back({SweepWindow::woken, end - 1});
  for (std::size_t chance = first; everywhere && chance < end; ++chance) {
    if (std::none_of(taken.begin(), taken.end(), [&](const Taken& each) { return each.chance == chance; }))
      taken.push_back({SweepWindow::between, chance});
  }
  for (const Taken& each : taken) {
    const auto& [offer, option] = chances.all[each.chance];
    result.push_back({place, each.window, offer->choice, option});
  }
}

std::vector<Injection> of_cancellation(const std::vector<Stay>& stays, const std::vector<Offer>& offers,
                                       const std::vector<std::uint32_t>& marked, bool everywhere) {
  std::map<std::uint32_t, Chances> of_task;
  for (const Offer& offer : offers) {
    for (std::size_t index = 0; index < offer.tasks.size(); ++index)
      of_task[offer.tasks[index]].add(offer, index);
  }
  std::vector<Injection> result;
  for (const Stay& stay : stays) {
    if (!marked.empty() && std::find(marked.begin(), marked.end(), stay.task) == marked.end()) continue;
    add_windows(stay, stay.place, of_task[stay.task], everywhere, result);
  }
  return result;
}

std::vector<Injection> of_timeouts(const traces::Trace& trace, const std::vector<Stay>& stays,
                                   const std::vector<Offer>& offers, bool everywhere) {
  std::vector<std::pair<std::string, Chances>> of_timer;  // in the order in which they were offered
  for (const Offer& offer : offers) {
    for (std::size_t index = 0; index < offer.timers.size(); ++index) {
      auto timer = std::find_if(of_timer.begin(), of_timer.end(),
                                [&](const auto& each) { return each.first == offer.timers[index]; });
      if (timer == of_timer.end()) timer = of_timer.insert(timer, {offer.timers[index], {}});
      timer->second.add(offer, index);
    }
  }
  std::vector<Injection> result;
  for (const Stay& stay : stays) {
    for (const auto& [timer, chances] : of_timer) {
      SweepPlace place = stay.place;
      place.what += ", time-out";
      if (const std::size_t number = timer.find('#'); number != std::string::npos)
        place.what += " " + timer.substr(number);
      const std::string_view owner = traces::owner_of(timer);
      for (const traces::Task& task : trace.tasks) {
        if (task.id == owner) place.what += " of '" + task.name + "'";
      }
      add_windows(stay, place, chances, everywhere, result);
    }
  }
  return result;
}

/// Memory is asked for on the way to something. What that is, nobody says; the next thing that the task did
/// when there was memory is the nearest that is known.
void tell_by_what_follows(SweepPlace& place, const traces::Trace& trace, const Offer& offer) {
  for (std::size_t index = offer.events; index < trace.events.size(); ++index) {
    const Event& event = trace.events[index];
    if (event.actor != place.task) continue;
    switch (event.kind) {
      case EventKind::spawn:
        place.what = "before spawn" + in_words(trace, event);
        break;
      case EventKind::operation:
      case EventKind::note:
        place.what = "before " + in_words(trace, event);
        break;
      case EventKind::await:
        place.what = "before await " + in_words(trace, event);
        break;
      case EventKind::finish:
        place.what = "before its end";
        break;
      default:
        continue;
    }
    if (event.at.known()) place.at = event.at;
    return;
  }
}

std::vector<Injection> of_faults(SweepKind kind, const traces::Trace& trace,
                                 const std::vector<Offer>& offers) {
  std::map<std::uint32_t, std::uint64_t> visits;
  std::vector<Injection> result;
  for (const Offer& offer : offers) {
    SweepPlace place{"~", "", ++visits[offer.task], offer.at, offer.label};
    if (offer.task != 0) {
      const traces::Task& task = trace.tasks[offer.task - 1];
      place.task = task.id;
      place.name = task.name;
      if (kind == SweepKind::allocations) tell_by_what_follows(place, trace, offer);
    }
    result.push_back({std::move(place), SweepWindow::here, offer.choice, 1});
  }
  return result;
}

}  // namespace

std::vector<Injection> injections(SweepKind kind, const traces::Trace& trace,
                                  const std::vector<Offer>& offers, const std::vector<std::uint32_t>& marked,
                                  bool everywhere) {
  if (kind == SweepKind::exceptions || kind == SweepKind::allocations) return of_faults(kind, trace, offers);
  const std::vector<Stay> stays = Stays(trace).read();
  if (kind == SweepKind::timeouts) return of_timeouts(trace, stays, offers, everywhere);
  return of_cancellation(stays, offers, marked, everywhere);
}

}  // namespace coweave::detail
