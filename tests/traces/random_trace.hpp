#pragma once

/// Traces of every shape that `check_trace` allows, most of which no simulation would make.

#include <coweave/traces/trace.hpp>

#include <cstdint>

namespace coweave::tests {

/// The trace that `seed` gives, by rapidcheck's generators: with extreme numbers and rude text, always valid.
traces::Trace random_trace(std::uint64_t seed);

}  // namespace coweave::tests
