#pragma once

/// The Python side: finds an interpreter and keeps it running, a program in, a log out.

#include <cstdio>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace coweave::conformance {

struct Version {
  int major = 0;
  int minor = 0;
  int micro = 0;

  friend auto operator<=>(const Version&, const Version&) = default;
};
[[nodiscard]] std::string to_string(const Version& version);

struct PythonFound {
  std::string path;
  Version version;
};

/// `asked`, if it is not empty, or else the environment's COWEAVE_PYTHON; or else a 3.13, or else the newest
/// from 3.11 on, among python3.13 and python3 in PATH and the versions of pyenv. Throws std::runtime_error
/// that says what to do if there is none.
[[nodiscard]] PythonFound find_python(std::string asked);

/// A process that runs interpreter.py. Throws std::runtime_error if it dies.
class Python {
 public:
  explicit Python(const PythonFound& python);
  Python(const Python&) = delete;
  Python& operator=(const Python&) = delete;
  ~Python();

  /// The log of the program, which is JSON on one line.
  [[nodiscard]] std::vector<std::string> run(std::string_view program);

 private:
  [[nodiscard]] std::string read_line();

  std::FILE* to_ = nullptr;
  std::FILE* from_ = nullptr;
  pid_t process_ = -1;
};

}  // namespace coweave::conformance
