#pragma once

/// The environment of this process, for a scope.

#include <cstdlib>
#include <string>

namespace coweave::tests {

/// Sets a variable, which had no value, and takes it away again.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) { ::setenv(name, value.c_str(), 1); }
  ~Variable() { ::unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

}  // namespace coweave::tests
