#include <coweave/tests/capture.hpp>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <unistd.h>

namespace coweave::tests {

Captured::Captured() {
  std::string name = "/tmp/coweave-test-XXXXXX";
  file_ = mkstemp(name.data());
  if (file_ < 0) throw std::runtime_error("no temporary file for standard error");
  unlink(name.c_str());
  std::fflush(stderr);
  standard_error_ = dup(STDERR_FILENO);
  dup2(file_, STDERR_FILENO);
}

Captured::~Captured() {
  std::fflush(stderr);
  dup2(standard_error_, STDERR_FILENO);
  close(standard_error_);
  close(file_);
}

std::string Captured::text() const {
  std::fflush(stderr);
  std::string text;
  std::array<char, 1024> part;
  for (off_t offset = 0;;) {
    const ssize_t count = pread(file_, part.data(), part.size(), offset);
    if (count <= 0) return text;
    text.append(part.data(), static_cast<std::size_t>(count));
    offset += count;
  }
}

}  // namespace coweave::tests
