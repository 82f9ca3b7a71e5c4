#pragma once

/// Who counts the races that are noted, and keeps account of the variables of which nothing is said.

#include <source_location>
#include <string>

namespace coweave::detail {

class RaceListener {
 public:
  /// A run has the race `what`, the last access of which is at `at`.
  virtual void raced(const std::string& what, const std::source_location& at) = 0;
  /// A run has a variable of which nothing is said, called `name` in full. Called in each run once for each
  /// such variable.
  virtual void kept_silent(const std::string& name) = 0;

 protected:
  ~RaceListener() = default;
};

/// Of the exploration whose run is going on on this thread; null: nobody counts.
inline constinit thread_local RaceListener* race_listener = nullptr;

}  // namespace coweave::detail
