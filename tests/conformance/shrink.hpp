#pragma once

/// Smaller programs out of one: how a difference is brought down to what matters.

#include <coweave/tests/conformance/program.hpp>

#include <vector>

namespace coweave::conformance {

/// Programs that are smaller than `program` by one step, the largest steps first: without a body, without a
/// run of operations, with a block in place of what held it, without an object, with a smaller number.
[[nodiscard]] std::vector<Program> smaller_programs(const Program& program);

}  // namespace coweave::conformance
