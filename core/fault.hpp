#pragma once

/// Fault points: places where something may go wrong, if a simulation wants it to.
///
///     if (fault("disk full")) throw IoError("no space left");
///     throw_point<IoError>("disk full");  // the same
///
/// In production nothing ever goes wrong here, at the cost of a look at one pointer. Under simulation it is a
/// choice: recorded, replayed, and the first thing that is taken away when a counterexample is made small.
/// (FoundationDB's BUGGIFY: Zhou et al., SIGMOD 2021.)

#include <source_location>
#include <stdexcept>
#include <string>

namespace coweave {

namespace detail {

/// Decides about faults.
class FaultSource {
 public:
  virtual bool injects(const char* label, const std::source_location& at) = 0;

 protected:
  ~FaultSource() = default;
};

/// Of the simulation that is running on this thread; null: nothing goes wrong.
inline constinit thread_local FaultSource* fault_source = nullptr;

}  // namespace detail

/// What `throw_point` throws if nothing else is asked for.
class InjectedFault : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Whether a fault is to happen here and now. Always false outside a simulation; under simulation a choice,
/// as often in a run as the option `faults_max` says. A label says what goes wrong; several places may share
/// one, and are armed together. `label` is read during the call only; null is taken as "".
[[nodiscard]] inline bool fault(const char* label,
                                std::source_location at = std::source_location::current()) {
  if (detail::fault_source) [[unlikely]]
    return detail::fault_source->injects(label, at);
  return false;
}

/// Throws an Error that is made of the text "injected fault: <label>", if a fault is to happen here: see
/// `fault`.
template <class Error = InjectedFault>
void throw_point(const char* label, std::source_location at = std::source_location::current()) {
  if (fault(label, at)) throw Error("injected fault: " + std::string(label ? label : ""));
}

}  // namespace coweave
