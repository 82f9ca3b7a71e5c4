#pragma once

/// How a rendering should look. Every rendering is a pure function of the trace and of these.

#include <cstddef>

namespace coweave::traces {

struct RenderOptions {
  int width = 120;              ///< columns of the terminal; less than 60 counts as 60
  bool ascii = false;           ///< nothing but ASCII: no box drawing, other characters as "?"
  bool color = false;           ///< with ANSI colours
  std::size_t steps_max = 150;  ///< steps that the table shows; of a longer run, its beginning and its end
  bool fold = true;             ///< tell what repeats itself once, and how often
};

}  // namespace coweave::traces
