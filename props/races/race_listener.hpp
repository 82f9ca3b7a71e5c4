#pragma once

/// Who counts the races that are noted.

#include <source_location>
#include <string>

namespace coweave::detail {

class RaceListener {
 public:
  /// A run has the race `what`, the last access of which is at `at`.
  virtual void raced(const std::string& what, const std::source_location& at) = 0;

 protected:
  ~RaceListener() = default;
};

/// Of the exploration whose run is going on on this thread; null: nobody counts.
inline constinit thread_local RaceListener* race_listener = nullptr;

}  // namespace coweave::detail
