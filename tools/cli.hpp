#pragma once

/// The command line, apart from the process: tests call it.

#include <istream>
#include <ostream>
#include <string>
#include <vector>

namespace coweave::tools {

/// What the output goes to.
struct Terminal {
  int width = 120;
  bool color = false;  ///< whether colours are welcome, if nobody says otherwise
};

/// Runs `coweave` with `args` (without the name of the program) and returns its exit code. "-" as the name of
/// a trace is `in`. Throws nothing.
int run_cli(std::vector<std::string> args, std::istream& in, std::ostream& out, std::ostream& err,
            const Terminal& terminal = {});

}  // namespace coweave::tools
