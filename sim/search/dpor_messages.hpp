#pragma once

/// What DporPlan tells whoever does a piece, and what it hears when that is done. Actors and objects are
/// known by their keys: numbers are those of one process.

#include <coweave/sim/search/dpor_run.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace coweave::sim {

/// A step that was tried, and what it did.
struct DporTried {
  std::uint64_t actor = 0;
  std::vector<KeyedOperation> effects;
};

/// A piece: what lies behind a choice.
struct DporTask {
  struct Taken {
    bool is_step;
    std::uint64_t taken;
    std::uint32_t options;
  };
  std::vector<Taken> path;        ///< what was taken, the choice of the piece last
  std::vector<DporTried> asleep;  ///< at that
};

/// A choice behind which something is left to do.
struct DporNode {
  bool is_step = true;
  std::uint64_t taken = 0;  ///< what was done of it is in the nodes behind it; of the last nothing was done
  std::uint32_t options = 0;
  std::vector<KeyedOperation> effects;  ///< of the step that was taken, but for the last
  std::vector<std::uint64_t> candidates;
  std::vector<std::uint64_t> to_try;
  std::vector<DporTried> tried;
  std::vector<DporTried> asleep;
};

struct DporLeft {
  std::vector<KeyedOperation> effects;  ///< of the step that the piece lies behind
  std::vector<DporNode> nodes;
  std::vector<Race> races;  ///< with steps that lead to the piece, that one among them
};

[[nodiscard]] std::string to_message(const DporTask& task);
[[nodiscard]] std::string to_message(const DporLeft& left);
[[nodiscard]] DporTask dpor_task(std::string_view message);
[[nodiscard]] DporLeft dpor_left(std::string_view message);

}  // namespace coweave::sim
