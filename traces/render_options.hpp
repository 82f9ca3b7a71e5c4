#pragma once

/// How a rendering should look. Every rendering is a pure function of the trace and of these.

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace coweave::traces {

struct RenderOptions {
  int width = 120;              ///< columns of the terminal; less than 60 counts as 60
  bool ascii = false;           ///< nothing but ASCII: no box drawing, other characters as "?"
  bool color = false;           ///< with ANSI colours
  std::size_t steps_max = 150;  ///< steps that the table shows; of a longer run, its beginning and its end
  bool fold = true;             ///< tell what repeats itself once, and how often

  [[nodiscard]] std::size_t columns() const noexcept { return static_cast<std::size_t>(std::max(width, 60)); }
  [[nodiscard]] std::string_view ellipsis() const noexcept { return ascii ? ".." : "…"; }
};

}  // namespace coweave::traces
