#include <coweave/traces/terminal.hpp>

#include <sys/ioctl.h>
#include <unistd.h>

namespace coweave::traces {

std::optional<int> terminal_columns() {
  winsize size{};
  if (isatty(STDOUT_FILENO) == 0 || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
    return std::nullopt;
  return size.ws_col;
}

}  // namespace coweave::traces
