#include <coweave/tools/cli.hpp>
#include <coweave/traces/terminal.hpp>

#include <cstdlib>
#include <iostream>
#include <string_view>
#include <unistd.h>

namespace {

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value && *value != '\0';
}

coweave::tools::Terminal terminal() {
  coweave::tools::Terminal terminal;
  if (isatty(STDOUT_FILENO) == 0) return terminal;
  terminal.width = coweave::traces::terminal_columns().value_or(terminal.width);
  const char* kind = std::getenv("TERM");
  terminal.color = !is_set("NO_COLOR") && kind && std::string_view(kind) != "dumb";
  return terminal;
}

}  // namespace

int main(int argc, char** argv) {
  return coweave::tools::run_cli({argv + 1, argv + argc}, std::cin, std::cout, std::cerr, terminal());
}
