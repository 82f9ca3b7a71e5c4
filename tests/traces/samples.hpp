#pragma once

/// Traces of realistic shape, for all tests of the folder.

#include <coweave/traces/trace.hpp>

#include <span>
#include <string>

namespace coweave::tests {

/// Two deposits read the same balance: one task per column, a deviation, an assertion.
traces::Trace lost_update();

/// Three dining philosophers and a host, in a cycle.
traces::Trace philosophers();

/// Thirty workers that take jobs, one of which polls; one of them raises. More tasks than a table has
/// columns.
traces::Trace crowd();

/// Thirty workers, two of which hold each other up.
traces::Trace cycle_in_a_crowd();

/// Fourteen traders of one name, each with something of its own to say: more than a table has columns.
traces::Trace market();

/// Timers, a cancellation that is injected, random numbers, a generated argument, a callback of the loop.
traces::Trace cancellation();

/// A task that polls until the bound on steps.
traces::Trace livelock();

/// Names, notes and sites that try to break whatever shows them: quotes, control characters, wide ones.
traces::Trace rude();

/// Nothing but choices, as a crash leaves it.
traces::Trace choices_alone();

/// A run that passed.
traces::Trace passed();

struct Sample {
  const char* name;
  traces::Trace trace;
};

/// All of them.
std::span<const Sample> samples();

/// The sample of that name.
const traces::Trace& sample(const std::string& name);

}  // namespace coweave::tests
