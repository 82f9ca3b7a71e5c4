#pragma once

/// The frame of the table: columns side by side, rows downwards, steps and times at the left, sites at the
/// right.

#include <coweave/traces/render_options.hpp>
#include <coweave/traces/story.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace coweave::traces {

struct GridColumn {
  std::string title;
  std::string subtitle;
};

struct GridRow {
  enum class Kind : std::uint8_t {
    cell,  ///< `text` stands in `column`
    span,  ///< `text` stands across all columns
  };
  Kind kind = Kind::cell;
  std::string step;
  std::string time;
  std::size_t column = 0;
  Mark mark = Mark::act;
  std::string text;
  std::string lead;  ///< stands in the first column, if the text is in another
  std::string site;
  bool deviates = false;
};

/// All cells of a grid. Rows refer to columns by index.
struct Grid {
  std::vector<GridColumn> columns;
  std::vector<GridRow> rows;
  std::string site_title = "where";
};

/// How many columns of a useful width fit beside the steps, times and sites of `rows`.
[[nodiscard]] std::size_t columns_that_fit(const std::vector<GridRow>& rows, const RenderOptions& options);

/// The grid as text, no line wider than `options.width`, none with spaces at its end.
[[nodiscard]] std::string draw(const Grid& grid, const RenderOptions& options);

}  // namespace coweave::traces
