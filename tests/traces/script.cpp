#include <coweave/tests/traces/script.hpp>

#include <utility>

namespace coweave::tests {

using traces::EventKind;

Script::Script(const std::string& scenario, std::string file) : file_(std::move(file)) {
  trace.scenario = scenario;
  trace.policy = "random";
  trace.seed = 42;
  trace.run = 7;
  trace.settings = {100'000, 3'600'000'000'000, 10'000, 0, 0, false};
  spawn("0", "main");
  trace.tasks[0].spawned = {};
  trace.events[0].at = {};
}

traces::Event& Script::event(EventKind kind) {
  traces::Event event;
  event.step = step_;
  event.time_ns = time_ns_;
  event.actor = actor_;
  event.kind = kind;
  return trace.events.emplace_back(std::move(event));
}

Script& Script::at(std::uint32_t line) {
  line_ = line;
  return *this;
}

Script& Script::step(const std::string& actor, std::uint32_t options, std::uint32_t taken) {
  ++step_;
  if (options > 1) trace.choices.push_back({step_, "next", options, taken, actor});
  actor_ = actor;
  event(EventKind::run);
  return *this;
}

Script& Script::spawn(const std::string& id, const std::string& name) {
  const traces::Site site{file_, line_ == 0 ? 1 : line_};
  trace.tasks.push_back({id, name, site});
  traces::Event& spawn = event(EventKind::spawn);
  spawn.target = id;
  spawn.at = site;
  return wake(id);
}

Script& Script::operation(const std::string& verb, std::uint32_t object) {
  traces::Event& operation = event(EventKind::operation);
  operation.text = verb;
  operation.object = object;
  return *this;
}

Script& Script::await(const std::string& text, std::uint32_t object, const std::string& target) {
  traces::Event& await = event(EventKind::await);
  await.text = text;
  await.object = object;
  await.target = target;
  await.at = {file_, line_};
  actor_ = "~";
  return *this;
}

Script& Script::wake(const std::string& target) {
  event(EventKind::wake).target = target;
  return *this;
}

Script& Script::cancel(const std::string& target) {
  event(EventKind::cancel).target = target;
  return *this;
}

Script& Script::inject_cancel(const std::string& target) {
  actor_ = "~";
  trace.settings.cancellations_max = 1;
  trace.choices.push_back({step_ + 1, "cancel", 2, 1, target});
  traces::Event& inject = event(EventKind::inject);
  inject.text = "cancel";
  inject.target = target;
  return cancel(target).wake(target);
}

Script& Script::note(const std::string& text) {
  traces::Event& note = event(EventKind::note);
  note.text = text;
  note.at = {file_, line_};
  return *this;
}

Script& Script::finish(const std::string& how) {
  event(EventKind::finish).text = how;
  return *this;
}

Script& Script::clock(std::int64_t time_ns) {
  time_ns_ = time_ns;
  actor_ = "~";
  event(EventKind::clock);
  return *this;
}

Script& Script::draw(const std::string& label, std::uint32_t options, std::uint32_t taken) {
  trace.choices.push_back({step_, "random:" + label, options, taken, {}});
  return *this;
}

std::uint32_t Script::object(const std::string& kind, const std::string& name) {
  const auto id = static_cast<std::uint32_t>(trace.objects.size() + 1);
  trace.objects.push_back({id, kind, name});
  return id;
}

Script& Script::fail(traces::VerdictKind kind, const std::string& message, bool of_the_loop) {
  if (of_the_loop) actor_ = "~";
  traces::Event& fail = event(EventKind::fail);
  fail.text = message;
  traces::Verdict& verdict = trace.verdict;
  verdict.kind = kind;
  verdict.message = message;
  verdict.step = step_;
  verdict.time_ns = time_ns_;
  if (of_the_loop) return *this;
  verdict.task = actor_;
  verdict.at = fail.at = {file_, line_};
  return *this;
}

traces::Wait& Script::wait(const std::string& task, const std::string& what, std::uint32_t line,
                           std::uint32_t object, const std::string& holder) {
  traces::Wait wait;
  wait.task = task;
  wait.what = what;
  wait.object = object;
  if (!holder.empty()) wait.held_by = {holder};
  wait.stack = {{file_, line}};
  return trace.verdict.waits.emplace_back(std::move(wait));
}

}  // namespace coweave::tests
