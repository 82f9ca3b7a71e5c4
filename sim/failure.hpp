#pragma once

/// A failure of the program under test, as it is known at the moment when it is found.

#include <coweave/traces/trace.hpp>

#include <cstdint>
#include <source_location>
#include <string>

namespace coweave::sim {

class Simulation;

/// The evidence comes from the replay with the recorder.
struct Failure {
  traces::VerdictKind kind = traces::VerdictKind::passed;
  std::string message;
  std::uint32_t task = 0;  ///< serial number of the task concerned, 0: none in particular
  std::source_location at{};
  std::string hint;  ///< for people only: differs between compilers, and so stays out of the trace
  /// Tells failures of one kind apart, so that a shrinker does not exchange one bug for another.
  std::string signature = {};
  std::string subject = {};   ///< of an invariant: its name, and which part of it is broken
  std::string evidence = {};  ///< more lines of the message; made only where the run is recorded
  std::string picture = {};   ///< an SVG document that shows it; made only where the run is recorded
};

/// The signature of a failure that `simulation` has just found, whose tasks still stand where they stood:
/// place and kind of what was thrown (numbers in its text do not count), the objects that a deadlock waits
/// for, where the tasks that leaked were spawned.
[[nodiscard]] std::string signature_of(const Failure& failure, Simulation& simulation);

}  // namespace coweave::sim
