#pragma once

/// What the subcommands do.

#include <coweave/tools/exit_code.hpp>
#include <coweave/traces/render_options.hpp>

#include <istream>
#include <ostream>
#include <string>
#include <vector>

namespace coweave::tools {

struct Streams {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
};

/// Tells the run in the trace at `path`. "-" is standard input, here and below.
ExitCode show(const std::string& path, const traces::RenderOptions& options, Streams streams);

/// Says of each trace whether it is valid, and if not, where and why.
ExitCode validate(const std::vector<std::string>& paths, Streams streams);

/// Tells where two runs part.
ExitCode diff(const std::string& left, const std::string& right, bool ascii, Streams streams);

}  // namespace coweave::tools
