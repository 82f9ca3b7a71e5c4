#pragma once

/// Programs of commands: some one after another, then several processes at once. Generated from a model so
/// that every order of the parallel part keeps the preconditions and gets to its end; and made smaller.
///
/// What a test describes stands in state_machine.hpp.

#include <coweave/props/linearizability/model.hpp>

#include <rapidcheck.h>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace coweave {

template <class Test>
struct CommandProgram {
  using Operation = typename Test::Model::Operation;
  std::vector<Operation> prefix;                 ///< one after another
  std::vector<std::vector<Operation>> parallel;  ///< then these at once
};

namespace detail {

std::ostream& write_program(std::ostream& stream, const std::vector<std::string>& prefix,
                            const std::vector<std::vector<std::string>>& parallel);
void write_program_type(std::ostream& stream);

template <class Test>
[[nodiscard]] typename Test::Model initial_model() {
  if constexpr (requires { Test::model(); }) {
    return Test::model();
  } else {
    return typename Test::Model();
  }
}

/// Whether `operation` may be generated in the state of `model`.
template <class Test>
[[nodiscard]] bool allowed(const typename Test::Model& model,
                           const typename Test::Model::Operation& operation) {
  if constexpr (requires { Test::allowed(model, operation); }) {
    return Test::allowed(model, operation);
  } else {
    return true;
  }
}

/// Walks through all states that the parallel part can be in.
template <class Test>
class Interleavings {
  using Model = typename Test::Model;

 public:
  Interleavings(const Model& begin, const std::vector<std::vector<typename Test::Model::Operation>>& parallel)
      : parallel_(parallel) {
    seen_.push_back({std::vector<std::size_t>(parallel.size(), 0), begin});
  }

  /// Whether preconditions hold wherever they count, and no order ends with everybody waiting.
  bool are_good() {
    for (std::size_t next = 0; next < seen_.size(); ++next) {
      const State state = seen_[next];
      bool done = true;
      bool goes_on = false;
      for (std::size_t process = 0; process < parallel_.size(); ++process) {
        if (state.done[process] == parallel_[process].size()) continue;
        done = false;
        const auto& operation = parallel_[process][state.done[process]];
        if (!allowed<Test>(state.model, operation)) return false;
        State after = state;
        if (!detail::apply(after.model, operation, nullptr).allowed) continue;
        goes_on = true;
        ++after.done[process];
        if (std::find(seen_.begin(), seen_.end(), after) == seen_.end()) seen_.push_back(std::move(after));
      }
      if (!done && !goes_on) return false;
    }
    return true;
  }

 private:
  struct State {
    std::vector<std::size_t> done;  ///< by process
    Model model;
    bool operator==(const State&) const = default;
  };

  const std::vector<std::vector<typename Test::Model::Operation>>& parallel_;
  std::vector<State> seen_;
};

template <class Test>
[[nodiscard]] bool is_good(const CommandProgram<Test>& program) {
  auto model = initial_model<Test>();
  for (const auto& operation : program.prefix) {
    if (!allowed<Test>(model, operation) || !detail::apply(model, operation, nullptr).allowed) return false;
  }
  return Interleavings<Test>(model, program.parallel).are_good();
}

/// A command as it was generated, with what it may shrink to.
template <class Test>
struct GeneratedCommand {
  using Model = typename Test::Model;
  using Operation = typename Model::Operation;

  std::shared_ptr<const Model> state;  ///< that the generator was given, and may refer to
  rc::Shrinkable<Operation> shrinkable;
  Operation operation;

  GeneratedCommand(std::shared_ptr<const Model> given, rc::Shrinkable<Operation> made)
      : state(std::move(given)), shrinkable(std::move(made)), operation(shrinkable.value()) {}

  /// What was made in its place; nothing if that cannot be generated after all.
  [[nodiscard]] rc::Maybe<GeneratedCommand> shrunk_to(rc::Shrinkable<Operation> smaller) const {
    try {
      return GeneratedCommand(state, std::move(smaller));
    } catch (const rc::GenerationFailure&) {
      return rc::Nothing;
    }
  }
};

template <class Test>
struct GeneratedProgram {
  using Commands = std::vector<GeneratedCommand<Test>>;
  Commands prefix;
  std::vector<Commands> parallel;

  [[nodiscard]] CommandProgram<Test> program() const {
    const auto operations = [](const Commands& commands) {
      std::vector<typename Test::Model::Operation> result;
      for (const auto& command : commands) result.push_back(command.operation);
      return result;
    };
    CommandProgram<Test> result{operations(prefix), {}};
    for (const Commands& commands : parallel) result.parallel.push_back(operations(commands));
    return result;
  }
  [[nodiscard]] bool is_good() const { return detail::is_good(program()); }

  [[nodiscard]] std::vector<GeneratedCommand<Test>*> commands() {
    std::vector<GeneratedCommand<Test>*> all;
    for (auto& command : prefix) all.push_back(&command);
    for (Commands& process : parallel) {
      for (auto& command : process) all.push_back(&command);
    }
    return all;
  }
};

/// Generates by adding one command at a time, each good for what is there already.
template <class Test>
class ProgramGenerator {
  using Model = typename Test::Model;
  using Commands = typename GeneratedProgram<Test>::Commands;

 public:
  ProgramGenerator(const rc::Random& random, int size)
      : random_(random), size_(size), model_(std::make_shared<const Model>(initial_model<Test>())) {}

  GeneratedProgram<Test> generate() {
    const std::size_t prefix = below(2 + static_cast<std::size_t>(size_) / 20);
    while (program_.prefix.size() < prefix && add(program_.prefix)) {
    }
    const std::size_t processes = 2 + below(2);
    program_.parallel.resize(processes);
    const std::size_t commands = processes + below(2 + static_cast<std::size_t>(size_) / 15);
    for (std::size_t command = 0; command < commands; ++command)
      add(program_.parallel[command < processes ? command : below(processes)]);
    std::erase_if(program_.parallel, [](const Commands& process) { return process.empty(); });
    return std::move(program_);
  }

 private:
  std::size_t below(std::size_t bound) { return random_.split().next() % bound; }

  bool add(Commands& commands) {
    for (int attempt = 0; attempt < 5; ++attempt) {
      try {
        commands.emplace_back(model_, Test::command(*model_)(random_.split(), size_));
      } catch (const rc::GenerationFailure&) {  // nothing to offer in this state
        continue;
      }
      if (program_.is_good()) {
        Model after = *model_;
        if (detail::apply(after, commands.back().operation, nullptr).allowed)
          model_ = std::make_shared<const Model>(std::move(after));
        return true;
      }
      commands.pop_back();
    }
    return false;
  }

  rc::Random random_;
  int size_;
  std::shared_ptr<const Model> model_;
  GeneratedProgram<Test> program_;
};

/// Programs with fewer commands, or fewer of them at once; the smallest first.
template <class Test>
[[nodiscard]] std::vector<GeneratedProgram<Test>> with_fewer_commands(const GeneratedProgram<Test>& program) {
  std::vector<GeneratedProgram<Test>> candidates;
  const auto offer = [&](GeneratedProgram<Test> candidate) {
    std::erase_if(candidate.parallel, [](const auto& commands) { return commands.empty(); });
    if (candidate.is_good()) candidates.push_back(std::move(candidate));
  };
  const auto without = [&](auto member, std::size_t begin, std::size_t end) {
    GeneratedProgram<Test> candidate = program;
    auto& commands = member(candidate);
    commands.erase(commands.begin() + static_cast<std::ptrdiff_t>(begin),
                   commands.begin() + static_cast<std::ptrdiff_t>(end));
    offer(std::move(candidate));
  };
  const auto shorten = [&](auto member) {
    const std::size_t count = member(program).size();
    if (count > 1) without(member, 0, count);
    for (std::size_t index = count; index-- > 0;) without(member, index, index + 1);
  };
  shorten([](auto& candidate) -> auto& { return candidate.prefix; });
  for (std::size_t process = 0; process < program.parallel.size(); ++process)
    shorten([process](auto& candidate) -> auto& { return candidate.parallel[process]; });
  // What comes before the others makes less of a tangle than what comes with them.
  for (std::size_t process = 0; process < program.parallel.size() && program.parallel.size() > 1; ++process) {
    GeneratedProgram<Test> candidate = program;
    auto& commands = candidate.parallel[process];
    candidate.prefix.push_back(commands.front());
    commands.erase(commands.begin());
    offer(std::move(candidate));
  }
  return candidates;
}

/// Programs in which some commands are shrunk: each of them to its first shrink, then each to its second, and
/// so on. Several at once, because they may have to agree, say on a key.
template <class Test>
class SmallerCommands {
  using Command = GeneratedCommand<Test>;

 public:
  SmallerCommands(const GeneratedProgram<Test>& program, std::vector<std::size_t> chosen)
      : program_(program), chosen_(std::move(chosen)) {
    const auto commands = program_.commands();
    for (const std::size_t index : chosen_) shrinks_.push_back(commands[index]->shrinkable.shrinks());
  }

  rc::Maybe<GeneratedProgram<Test>> operator()() {
    for (;;) {
      GeneratedProgram<Test> candidate = program_;
      const auto commands = candidate.commands();
      bool any = false;
      bool made = true;
      for (std::size_t number = 0; number < chosen_.size(); ++number) {
        auto smaller = shrinks_[number].next();
        if (!smaller) continue;
        any = true;
        Command& command = *commands[chosen_[number]];
        rc::Maybe<Command> shrunk = command.shrunk_to(std::move(*smaller));
        if (shrunk)
          command = std::move(*shrunk);
        else
          made = false;
      }
      if (!any) return rc::Nothing;
      if (made && candidate.is_good()) return candidate;
    }
  }

 private:
  GeneratedProgram<Test> program_;
  std::vector<std::size_t> chosen_;                                                ///< numbers of commands
  std::vector<rc::Seq<rc::Shrinkable<typename Test::Model::Operation>>> shrinks_;  ///< of those
};

/// The programs that are a little smaller, the smallest first: with fewer commands, then with smaller ones;
/// all of those together, one, or two of them.
template <class Test>
[[nodiscard]] rc::Seq<GeneratedProgram<Test>> smaller_programs(GeneratedProgram<Test> program) {
  const std::size_t count = program.commands().size();
  std::vector<std::vector<std::size_t>> choices;
  if (count > 1) {
    choices.emplace_back(count);
    std::iota(choices.front().begin(), choices.front().end(), std::size_t{0});
  }
  for (std::size_t one = 0; one < count; ++one) choices.push_back({one});
  for (std::size_t one = 0; one < count && count > 2; ++one) {
    for (std::size_t other = one + 1; other < count; ++other) choices.push_back({one, other});
  }
  auto fewer = rc::seq::fromContainer(with_fewer_commands(program));
  auto smaller = rc::seq::map(rc::seq::fromContainer(std::move(choices)),
                              [program = std::move(program)](std::vector<std::size_t> chosen) {
                                return rc::makeSeq<SmallerCommands<Test>>(program, std::move(chosen));
                              });
  return rc::seq::concat(std::move(fewer), rc::seq::join(std::move(smaller)));
}

}  // namespace detail

/// "put(1), then [get()] and [put(2), get()] at once".
template <class Test>
std::ostream& operator<<(std::ostream& stream, const CommandProgram<Test>& program) {
  const auto texts = [](const auto& operations) {
    std::vector<std::string> result;
    for (const auto& operation : operations) result.push_back(detail::show_call_part(operation));
    return result;
  };
  std::vector<std::vector<std::string>> parallel;
  for (const auto& operations : program.parallel) parallel.push_back(texts(operations));
  return detail::write_program(stream, texts(program.prefix), parallel);
}

}  // namespace coweave

namespace rc {

template <class Test>
struct Arbitrary<coweave::CommandProgram<Test>> {
  static Gen<coweave::CommandProgram<Test>> arbitrary() {
    return [](const Random& random, int size) {
      using Program = coweave::detail::GeneratedProgram<Test>;
      return shrinkable::map(
          shrinkable::shrinkRecur(
              coweave::detail::ProgramGenerator<Test>(random, size).generate(),
              [](const Program& program) { return coweave::detail::smaller_programs<Test>(program); }),
          [](const Program& program) { return program.program(); });
    };
  }
};

template <class Test>
struct ShowType<coweave::CommandProgram<Test>> {
  static void showType(std::ostream& stream) { coweave::detail::write_program_type(stream); }
};

}  // namespace rc
