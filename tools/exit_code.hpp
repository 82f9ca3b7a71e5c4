#pragma once

/// The exit codes of the command line. They are an interface: scripts rely on them.

namespace coweave::tools {

enum class ExitCode : int {
  good = 0,       ///< done; traces are valid, or equal
  finding = 1,    ///< a trace is not valid, or two differ
  usage = 2,      ///< the arguments make no sense
  no_input = 3,   ///< a file cannot be read
  internal = 70,  ///< a defect of coweave, or output that cannot be written
};

}  // namespace coweave::tools
