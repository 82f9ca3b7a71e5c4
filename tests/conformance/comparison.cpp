#include <coweave/tests/conformance/comparison.hpp>

#include <coweave/tests/conformance/generate.hpp>
#include <coweave/tests/conformance/program_json.hpp>

#include <rapidcheck.h>

namespace coweave::conformance {

Logs Comparison::run(const Program& program) {
  return {interpreter_.run(program, coverage_), python_.run(to_json(program))};
}

Program Comparison::shrink(rc::Shrinkable<Program> differing) {
  const Coverage before = coverage_;
  Program smallest = differing.value();
  for (bool found = true; found;) {
    found = false;
    auto shrinks = differing.shrinks();
    while (auto candidate = shrinks.next()) {
      Program program = candidate->value();
      if (run(program).equal()) continue;
      smallest = std::move(program);
      differing = std::move(*candidate);
      found = true;
      break;
    }
  }
  coverage_ = before;  // of the programs that were generated only
  return smallest;
}

rc::Shrinkable<Program> program_at(std::uint64_t seed, std::uint64_t index) {
  static const rc::Gen<Program> generator = programs();
  // Every program has its own key, so that it does not depend on how many threads share the work.
  const rc::Random random(rc::Random::Key{seed, index, 0, 0});
  return generator(random, static_cast<int>(20 + index % 81));
}

}  // namespace coweave::conformance
