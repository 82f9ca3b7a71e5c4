#include <coweave/coweave.hpp>
#include <coweave/sim/policies/policy_name.hpp>
#include <coweave/sim/simulation.hpp>
#include <coweave/sim/witness.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <source_location>
#include <string>

using namespace coweave;

namespace {

/// Writes down what it hears, of what it wants to.
class Listener final : public sim::Witness {
 public:
  explicit Listener(Heard wanted) : wanted_(wanted) {}
  [[nodiscard]] const std::string& heard() const noexcept { return heard_; }

  [[nodiscard]] Heard hears_itself() const noexcept override { return wanted_; }
  [[nodiscard]] bool hears_steps() const noexcept override { return false; }
  void run_begins(sim::Simulation&, Observer* next) override { pass_on_to(next); }
  void step_begins(const detail::Handle&) override { heard_ += "step "; }
  void step_ended() override {}
  void run_ended() override {}

  void task_created(const TaskBase&) override { heard_ += "created "; }
  void task_finished(const TaskBase&) override { heard_ += "finished "; }
  void cancel_requested(const TaskBase&, std::source_location) override { heard_ += "cancel "; }
  void woken(const detail::Handle&) override { heard_ += "woken "; }
  void operation(Verb verb, const ObjectRef&, std::source_location) override {
    heard_ += std::string(to_string(verb)) + " ";
  }
  void looked_at(const FutureBase&) override { heard_ += "look "; }
  void touched(Access, const ObjectRef&) override { heard_ += "touch "; }
  void lined_up(const ObjectRef&) override { heard_ += "line "; }
  void noted(const Note& note) override { heard_ += std::string(note.label) + " "; }

 private:
  Heard wanted_;
  std::string heard_;
};

Coro<void> waits(Event& event) {
  co_await event.wait();
  note("over");
}

Coro<void> some_of_each() {
  Event event;
  const Task<> task = create_task(waits(event));
  const Task<> other = create_task(waits(event));
  note("begins");
  co_await sleep(Duration::zero());
  other.cancel();
  event.set();
  co_await task;
}

/// What somebody hears who wants to hear `wanted`, in asyncio's own order.
std::string told_of(Heard wanted) {
  sim::Simulation simulation(Options{}.settings());
  Listener listener(wanted);
  simulation.let_witness(&listener);
  const std::unique_ptr<sim::Policy> policy = sim::make_policy("fifo", 1);
  policy->begin_run(1);
  CHECK(!simulation.run(some_of_each, *policy));
  return listener.heard();
}

}  // namespace

TEST_CASE("observer: whoever wants to hear nothing is told nothing") { CHECK(told_of(0).empty()); }

TEST_CASE("observer: it hears of what it names, and of nothing else") {
  CHECK(told_of(heard::notes) == "begins over ");
  CHECK(told_of(heard::of(Verb::set)) == "set ");
  CHECK(told_of(heard::of(Verb::wait) | heard::of(Verb::set)) == "wait wait set ");
  CHECK(told_of(heard::of(Verb::clear)).empty());
  CHECK(told_of(heard::tasks) == "created created created cancel finished finished finished ");
}

TEST_CASE("observer: all that there is to hear is told of somebody who wants it all") {
  const std::string all = told_of(heard::all);
  for (const char* kind : {"created", "finished", "cancel", "woken", "wait", "set", "begins", "over"})
    CHECK_MESSAGE(all.find(kind) != std::string::npos, kind);
}
