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

/// Generates by adding one command at a time, each good for what is there already.
template <class Test>
class ProgramGenerator {
 public:
  ProgramGenerator(const rc::Random& random, int size)
      : random_(random), size_(size), model_(initial_model<Test>()) {}

  CommandProgram<Test> generate() {
    const std::size_t prefix = below(2 + static_cast<std::size_t>(size_) / 20);
    while (program_.prefix.size() < prefix && add(program_.prefix)) {
    }
    const std::size_t processes = 2 + below(2);
    program_.parallel.resize(processes);
    const std::size_t commands = processes + below(2 + static_cast<std::size_t>(size_) / 15);
    for (std::size_t command = 0; command < commands; ++command)
      add(program_.parallel[command < processes ? command : below(processes)]);
    std::erase_if(program_.parallel, [](const auto& operations) { return operations.empty(); });
    return std::move(program_);
  }

 private:
  std::size_t below(std::size_t bound) { return random_.split().next() % bound; }

  bool add(std::vector<typename Test::Model::Operation>& operations) {
    for (int attempt = 0; attempt < 5; ++attempt) {
      try {
        operations.push_back(Test::command(model_)(random_.split(), size_).value());
      } catch (const rc::GenerationFailure&) {  // nothing to offer in this state
        continue;
      }
      if (is_good(program_)) {
        auto after = model_;
        if (detail::apply(after, operations.back(), nullptr).allowed) model_ = std::move(after);
        return true;
      }
      operations.pop_back();
    }
    return false;
  }

  rc::Random random_;
  int size_;
  typename Test::Model model_;
  CommandProgram<Test> program_;
};

/// The programs that are a little smaller, the smallest first.
template <class Test>
[[nodiscard]] std::vector<CommandProgram<Test>> smaller_programs(const CommandProgram<Test>& program) {
  std::vector<CommandProgram<Test>> candidates;
  const auto offer = [&](CommandProgram<Test> candidate) {
    std::erase_if(candidate.parallel, [](const auto& operations) { return operations.empty(); });
    if (is_good(candidate)) candidates.push_back(std::move(candidate));
  };
  const auto without = [&](auto member, std::size_t begin, std::size_t end) {
    CommandProgram<Test> candidate = program;
    auto& operations = member(candidate);
    operations.erase(operations.begin() + static_cast<std::ptrdiff_t>(begin),
                     operations.begin() + static_cast<std::ptrdiff_t>(end));
    offer(std::move(candidate));
  };
  const auto shorten = [&](auto member) {
    CommandProgram<Test> copy = program;
    const std::size_t count = member(copy).size();
    if (count > 1) without(member, 0, count);
    for (std::size_t index = count; index-- > 0;) without(member, index, index + 1);
  };
  shorten([](CommandProgram<Test>& candidate) -> auto& { return candidate.prefix; });
  for (std::size_t process = 0; process < program.parallel.size(); ++process)
    shorten([process](CommandProgram<Test>& candidate) -> auto& { return candidate.parallel[process]; });
  // What comes before the others makes less of a tangle than what comes with them.
  for (std::size_t process = 0; process < program.parallel.size() && program.parallel.size() > 1; ++process) {
    CommandProgram<Test> candidate = program;
    auto& operations = candidate.parallel[process];
    candidate.prefix.push_back(operations.front());
    operations.erase(operations.begin());
    offer(std::move(candidate));
  }
  return candidates;
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
      return shrinkable::shrinkRecur(coweave::detail::ProgramGenerator<Test>(random, size).generate(),
                                     [](const coweave::CommandProgram<Test>& program) {
                                       return seq::fromContainer(coweave::detail::smaller_programs(program));
                                     });
    };
  }
};

template <class Test>
struct ShowType<coweave::CommandProgram<Test>> {
  static void showType(std::ostream& stream) { coweave::detail::write_program_type(stream); }
};

}  // namespace rc
