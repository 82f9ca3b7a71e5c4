#pragma once

/// Random programs, as a rapidcheck generator.
///
/// Each program uses a few parts of the layer, drawn at random (swarm testing): a program of everything
/// seldom gets far in anything. Its shrinks are smaller programs, see shrink.hpp.

#include <coweave/tests/conformance/program.hpp>

#include <rapidcheck/Gen.h>

namespace coweave::conformance {

/// Programs of the whole layer. The size of rapidcheck bounds their length; 100 is the most.
[[nodiscard]] rc::Gen<Program> programs();

}  // namespace coweave::conformance
