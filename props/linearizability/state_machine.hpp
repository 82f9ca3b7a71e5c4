#pragma once

/// Parallel state-machine testing: commands are generated from a model, run on the system under every kind of
/// schedule, and the history is checked. After "Finding Race Conditions in Erlang with QuickCheck and PULSE"
/// (Claessen, Palka, Smallbone, Hughes, Svensson, Arts and Wiger, 2009).
///
///     struct CacheTest {
///       using Model = models::Map<int, int>;
///       using System = Cache;
///       static rc::Gen<Model::Operation> command(const Model& model);     // one to try in this state
///       static Coro<Model::Response> run(System& cache, Model::Operation operation);
///     };
///     const Exploration result = state_machine<CacheTest>("cache");
///
/// What a test may have besides:
///   static Model model()                            the state to begin with, if it is not Model()
///   static System system()                          a system in that state, if it is not System()
///   static bool allowed(const Model&, const Operation&)   the precondition of a command
///
/// A program is a few commands one after another, and then two or three processes with a few each. Only
/// programs are run of which the model says that in every order all preconditions hold and all commands come
/// to an end. A failing program is made smaller together with its schedule, as by `property`.

#include <coweave/core/sometimes.hpp>
#include <coweave/props/linearizability/commands.hpp>
#include <coweave/props/linearizability/history.hpp>
#include <coweave/props/property.hpp>

#include <algorithm>
#include <source_location>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace coweave {

namespace detail {

/// Runs a program on a fresh system and requires that its history is linearizable.
template <class Test>
class ProgramRun {
  using Model = typename Test::Model;
  using Operation = typename Model::Operation;
  using Operations = std::vector<Operation>;

 public:
  ProgramRun(std::string name, CheckOptions options, std::source_location at)
      : name_(std::move(name)), options_(options), at_(at) {}

  Coro<void> operator()(const CommandProgram<Test>& program) const {
    History<Model> history(initial_model<Test>(), name_);
    if constexpr (requires { Test::system(); }) {
      typename Test::System system = Test::system();
      co_await run(program, system, history);
    } else {
      typename Test::System system;
      co_await run(program, system, history);
    }
    sometimes(program.parallel.size() > 1, "commands at once", at_);
    sometimes(std::any_of(history.calls().begin(), history.calls().end(), has_answered),
              "a command that does not throw", at_);
    history.require_linearizable(options_, at_);
  }

 private:
  static bool has_answered(const Call<Model>& call) {
    return call.response && !std::holds_alternative<Raised>(*call.response);
  }

  Coro<void> run(const CommandProgram<Test>& program, typename Test::System& system,
                 History<Model>& history) const {
    co_await process(program.prefix, system, history);
    std::vector<Task<void>> tasks;
    for (const Operations& operations : program.parallel)
      tasks.push_back(create_task(process(operations, system, history),
                                  {.name = "process " + std::to_string(tasks.size() + 1)}, at_));
    for (const Task<void>& task : tasks) co_await task;
  }

  static Coro<void> process(const Operations& operations, typename Test::System& system,
                            History<Model>& history) {
    for (const Operation& operation : operations) {
      try {
        static_cast<void>(co_await history.call(operation, Test::run(system, operation)));
      } catch (const CancelledError&) {
        throw;
      } catch (...) {  // the history has it
      }
    }
  }

  std::string name_;
  CheckOptions options_;
  std::source_location at_;
};

}  // namespace detail

/// Runs generated programs under `options.runs` schedules together, 20 for each program unless
/// `options.cases` says how many there are. A history that is not consistent, as `check` says, is a failure
/// of kind non_linearizable; whatever else fails does too, among it that commands of the system wait for ever
/// which the model lets go. Two marks say whether anything was tested: that two processes had commands, and
/// that some command did not throw. What `command` cannot generate in a state, a GenerationFailure of
/// rapidcheck, is not offered there. The environment overrides `options`.
template <class Test>
Exploration state_machine(std::string name, Options options = {}, CheckOptions check = {},
                          std::source_location at = std::source_location::current()) {
  detail::ProgramRun<Test> run(name, check, at);
  return detail::check_property(std::move(name), std::move(run), std::move(options), 20);
}

}  // namespace coweave
