#pragma once

/// One call of a history.

#include <coweave/props/linearizability/model.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

namespace coweave {

enum class CallEnd : std::uint8_t {
  pending,   ///< it has not returned
  returned,  ///< with a value or with an exception
  cut_short  ///< it was cancelled, or its time was up
};

/// Who called when. Positions number the beginnings and ends of the calls of a history, from 0.
struct CallRecord {
  std::string process;  ///< the name of the task
  std::uint32_t process_number = 0;
  std::uint32_t invoked = 0;                                           ///< position
  std::uint32_t returned = std::numeric_limits<std::uint32_t>::max();  ///< position, if it is not pending
  std::uint64_t step_invoked = 0;  ///< step of the run; 0 outside a simulation
  std::uint64_t step_returned = 0;
  CallEnd end = CallEnd::pending;
};

template <SequentialModel M>
struct Call : CallRecord {
  typename M::Operation operation;
  std::optional<typename M::Response> response;  ///< there if it returned
};

}  // namespace coweave
