#include <coweave/tests/capture.hpp>

#include <array>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <unistd.h>

namespace coweave::tests {

Captured::Captured() : file_(std::tmpfile()) {
  if (!file_) throw std::runtime_error("no temporary file for standard error");
  std::fflush(stderr);
  standard_error_ = dup(STDERR_FILENO);
  dup2(fileno(file_), STDERR_FILENO);
}

Captured::~Captured() {
  std::fflush(stderr);
  dup2(standard_error_, STDERR_FILENO);
  close(standard_error_);
  std::fclose(file_);
}

std::string Captured::text() const {
  std::fflush(stderr);
  std::string text;
  std::array<char, 1024> part;
  for (off_t offset = 0;;) {
    const ssize_t count = pread(fileno(file_), part.data(), part.size(), offset);
    if (count <= 0) return text;
    text.append(part.data(), static_cast<std::size_t>(count));
    offset += count;
  }
}

}  // namespace coweave::tests
