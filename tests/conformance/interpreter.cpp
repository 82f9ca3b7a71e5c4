#include <coweave/tests/conformance/interpreter.hpp>

#include <coweave/sim/policy.hpp>
#include <coweave/sim/simulation.hpp>
#include <coweave/tests/conformance/run.hpp>

namespace coweave::conformance {

namespace {

traces::Settings settings() {
  traces::Settings settings;
  settings.steps_max = 1'000'000;
  settings.time_max_ns = std::int64_t{10'000'000} * 1'000'000'000;
  settings.tasks_max = 10'000;
  return settings;
}

}  // namespace

struct Interpreter::Machine {
  sim::Simulation simulation{settings()};
  sim::Fifo policy;
};

Interpreter::Interpreter() : machine_(std::make_unique<Machine>()) {}
Interpreter::~Interpreter() = default;

std::vector<std::string> Interpreter::run(const Program& program, Coverage& coverage) {
  machine_->policy.begin_run(1);
  return run(program, coverage, machine_->policy);
}

std::vector<std::string> Interpreter::run(const Program& program, Coverage& coverage, sim::Policy& policy) {
  Run run(program, machine_->simulation, coverage);
  const sim::Failure* failure = machine_->simulation.run([&run] { return run.main(); }, policy);
  return run.finish(failure);
}

}  // namespace coweave::conformance
