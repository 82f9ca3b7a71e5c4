#include <coweave/tests/subprocess.hpp>

#include <array>
#include <cstdio>
#include <stdexcept>
#include <sys/wait.h>

namespace coweave::tests {

Ended run_command(const std::string& command) {
  std::FILE* pipe = ::popen(("{ " + command + "; } 2>&1").c_str(), "r");
  if (!pipe) throw std::runtime_error("cannot run " + command);
  Ended ended;
  std::array<char, 4096> buffer{};
  for (std::size_t size = 1; size > 0;) {
    size = std::fread(buffer.data(), 1, buffer.size(), pipe);
    ended.output.append(buffer.data(), size);
  }
  const int status = ::pclose(pipe);
  ended.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return ended;
}

}  // namespace coweave::tests
