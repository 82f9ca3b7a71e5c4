#include <coweave/tests/traces/random_trace.hpp>

#include <coweave/traces/limits.hpp>
#include <coweave/traces/names.hpp>

#include <rapidcheck.h>

#include <limits>
#include <set>
#include <string>
#include <vector>

namespace coweave::tests {

using namespace traces;

namespace {

std::size_t below(std::size_t count) { return *rc::gen::inRange<std::size_t>(0, count); }
bool one_in(std::size_t count) { return below(count) == 0; }

std::string text_if_any() {
  std::string text;
  for (std::size_t count = below(4); count > 0; --count) {
    text += *rc::gen::element<std::string>("a", "bob", " ", "\"", "\\", "/", "\n", "\r\n", "\t", "\x01",
                                           "\x7F", "\u0085", "\u2028", "\u202E", "é", "銀行", "🏦",
                                           "</script>", "'", std::string(1, '\0'), "e\u0301", "\uFFFD",
                                           "a long one, with words and spaces", "~!#:?");
  }
  return text;
}

std::string text() {
  std::string result = text_if_any();
  return result.empty() ? "x" : result;
}

std::uint64_t number(std::uint64_t min, std::uint64_t max) {
  const std::uint64_t extreme = *rc::gen::element<std::uint64_t>(
      0, 1, 2, number_max - 1, number_max, number_max + 1, std::numeric_limits<std::int64_t>::max(),
      std::numeric_limits<std::uint64_t>::max());
  const std::uint64_t any = one_in(2) ? extreme : *rc::gen::arbitrary<std::uint64_t>();
  return max - min == std::numeric_limits<std::uint64_t>::max() ? any : min + any % (max - min + 1);
}

std::uint32_t number32(std::uint32_t min = 0) {
  return static_cast<std::uint32_t>(number(min, std::numeric_limits<std::uint32_t>::max()));
}

std::uint64_t number64(std::uint64_t min = 0) {
  return number(min, std::numeric_limits<std::uint64_t>::max());
}

std::int64_t nanoseconds(std::int64_t min = 0) {
  return static_cast<std::int64_t>(
      number(static_cast<std::uint64_t>(min), std::numeric_limits<std::int64_t>::max()));
}

Site site_if_known() {
  if (one_in(3)) return {};
  return {*rc::gen::element<std::string>("a.cpp", "src/ü b.cpp", "c:d.hpp", "?", "x\ny.cpp", "..",
                                         "src/deep/er/f.cpp"),
          number32(1)};
}

std::vector<Site> stack() {
  std::vector<Site> sites(below(4));
  for (Site& site : sites) site = site_if_known();
  return sites;
}

class Composer {
 public:
  Trace compose() {
    header();
    tasks();
    for (std::uint32_t id = 1; id <= below(4); ++id) trace_.objects.push_back({id, text(), text_if_any()});
    choices();
    if (!trace_.tasks.empty()) events();
    verdict();
    return std::move(trace_);
  }

 private:
  void header() {
    trace_.scenario = text_if_any();
    trace_.policy = text_if_any();
    trace_.seed = number64();
    trace_.run = number64(1);
    trace_.settings = {number64(1),
                       nanoseconds(1),
                       number64(1),
                       nanoseconds(),
                       one_in(2) ? nanoseconds() : 0,
                       number32(),
                       one_in(2),
                       static_cast<SchedulingPoints>(below(3)),
                       one_in(2) ? number32() : 1,
                       {},
                       static_cast<SweepKind>(below(sweep_kind_names().size())),
                       {}};
    if (one_in(3)) trace_.settings.may_be_held.push_back(text_if_any());
    for (std::size_t count = below(3); count > 0; --count)
      trace_.settings.fault_labels.push_back(text_if_any());
    if (one_in(2)) return;
    Generated generated{number64(), number32(), {}, {}};
    for (std::size_t count = below(4); count > 0; --count) generated.shrinks.push_back(number32());
    for (std::size_t count = below(3); count > 0; --count)
      generated.arguments.push_back({text_if_any(), text_if_any()});
    trace_.generated.push_back(std::move(generated));
  }

  void tasks() {
    if (one_in(4)) return;
    trace_.tasks.push_back({"0", text_if_any(), site_if_known()});
    std::set<std::string> ids{"0"};
    for (std::size_t count = below(8); count > 0; --count) {
      const std::string id =
          trace_.tasks[below(trace_.tasks.size())].id + "." + std::to_string(below(3) * below(3) * 7);
      if (ids.insert(id).second) trace_.tasks.push_back({id, text_if_any(), site_if_known()});
    }
  }

  std::string task() { return trace_.tasks.empty() ? "0.3" : trace_.tasks[below(trace_.tasks.size())].id; }

  std::string actor() {
    std::string identity = one_in(4) ? "~" : task();
    if (one_in(3))
      identity += *rc::gen::element<std::string>("!timer", "!call#1", "!done#12", "!group", "!odd_role#0");
    return identity;
  }

  void choices() {
    std::uint64_t step = 1;
    for (std::size_t count = below(6); count > 0; --count) {
      Choice choice;
      choice.step = step = number64(step);
      choice.label = *rc::gen::element<std::string>("next", "cancel", "random:", "random:a b", "later",
                                                    "x_y:\n", "expire", "fault:a b", "fault:");
      const bool is_fault = choice.label.starts_with("fault:");
      if (is_fault) choice.at = site_if_known();
      choice.options = is_fault ? 2 : number32(2);
      choice.taken = static_cast<std::uint32_t>(number(0, choice.options - 1));
      if (one_in(2)) choice.picked = actor();
      if (choice.label == "next" && one_in(4)) choice.preempted = task();
      trace_.choices.push_back(std::move(choice));
    }
  }

  std::uint32_t object_if_any() { return static_cast<std::uint32_t>(below(trace_.objects.size() + 1)); }

  void events() {
    std::uint64_t step = 0;
    std::int64_t time_ns = 0;
    for (std::size_t count = below(20); count > 0; --count) {
      Event event;
      event.step = step = one_in(8) ? number64(step) : step + (step < number_max ? below(2) : 0);
      event.time_ns = time_ns = one_in(8) ? nanoseconds(time_ns) : time_ns;
      event.actor = actor();
      event.kind = static_cast<EventKind>(below(event_kind_names().size()));
      if (event.kind == EventKind::operation && trace_.objects.empty()) event.kind = EventKind::note;
      event.object = object_if_any();
      if (one_in(2)) event.target = actor();
      event.text = text_if_any();
      event.at = site_if_known();
      if (event.kind == EventKind::operation) {
        event.object = std::max(event.object, 1U);
        event.text = text();
      }
      if (event.kind == EventKind::spawn) event.target = task();
      if (event.kind == EventKind::wake || event.kind == EventKind::cancel || event.kind == EventKind::inject)
        event.target = actor();
      trace_.events.push_back(std::move(event));
    }
  }

  void verdict() {
    Verdict& verdict = trace_.verdict;
    verdict.kind = static_cast<VerdictKind>(below(verdict_kind_names().size()));
    verdict.step = number64();
    verdict.time_ns = nanoseconds();
    if (verdict.kind == VerdictKind::passed) return;
    verdict.message = text_if_any();
    if (one_in(2)) verdict.task = task();
    verdict.at = site_if_known();
    verdict.stack = stack();
    std::set<std::string> waiting;
    for (std::size_t count = below(5); count > 0; --count) {
      Wait wait{task(), text(), object_if_any(), one_in(2) ? task() : "", {}, stack()};
      while (one_in(2)) wait.held_by.push_back(task());
      if (waiting.insert(wait.task).second) verdict.waits.push_back(std::move(wait));
    }
    if (verdict.kind != VerdictKind::deadlock || one_in(3)) return;
    verdict.shape = deadlock_shape_names()[below(3)];
    if (verdict.shape != "cycle") return;
    if (waiting.empty()) verdict.shape = "lost_wakeup";
    for (const Wait& wait : verdict.waits) verdict.cycle.push_back(wait.task);
  }

  Trace trace_;
};

}  // namespace

Trace random_trace(std::uint64_t seed) {
  constexpr int size = 100;  // rapidcheck's own: ranges are whole
  return rc::gen::exec([] { return Composer().compose(); })(rc::Random(seed), size).value();
}

}  // namespace coweave::tests
