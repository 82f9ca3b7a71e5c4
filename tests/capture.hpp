#pragma once

/// Looks at what the library writes to standard error.

#include <cstdio>
#include <string>

namespace coweave::tests {

/// From its construction to its destruction standard error goes to a file of its own.
class Captured {
 public:
  Captured();
  ~Captured();
  Captured(const Captured&) = delete;
  Captured& operator=(const Captured&) = delete;

  /// What has been written so far.
  [[nodiscard]] std::string text() const;

 private:
  std::FILE* file_;
  int standard_error_;
};

}  // namespace coweave::tests
