#include <coweave/traces/grid.hpp>

#include <coweave/traces/text_width.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <string_view>
#include <utility>

namespace coweave::traces {

namespace {

constexpr std::size_t column_width_min = 14;
constexpr std::size_t site_width_max = 32;
constexpr std::size_t lead_width_max = 24;
constexpr std::size_t cell_lines_max = 6;

struct Glyphs {
  std::string_view bar, line, cross, strong, strong_cross, ellipsis;
  std::string_view begin, stop, end, alert, failure;
};

constexpr Glyphs unicode = {"│", "─", "┼", "━", "┿", "…", "▸", "◦", "✓", "!", "✗"};
constexpr Glyphs ascii = {"|", "-", "+", "=", "=", "..", ">", "o", "+", "!", "X"};

std::string_view glyph_of(Mark mark, const Glyphs& glyphs) {
  switch (mark) {
    case Mark::begin:
      return glyphs.begin;
    case Mark::act:
      return " ";
    case Mark::stop:
      return glyphs.stop;
    case Mark::end:
      return glyphs.end;
    case Mark::alert:
      return glyphs.alert;
    case Mark::failure:
      return glyphs.failure;
  }
  return " ";
}

std::string repeated(std::string_view glyph, std::size_t count) {
  std::string result;
  for (std::size_t index = 0; index < count; ++index) result += glyph;
  return result;
}

/// The widths of everything that stands beside the columns.
struct Margins {
  std::size_t step = 4;
  std::size_t time = 0;
  std::size_t site = 0;
  std::size_t width;

  Margins(const std::vector<GridRow>& rows, const RenderOptions& options) : width(options.columns()) {
    for (const GridRow& row : rows) {
      step = std::max(step, width_of(row.step));
      time = std::max(time, width_of(row.time));
      site = std::max(site, width_of(row.site));
    }
    site = std::min({site, site_width_max, width / 4});
    if (time > 0) time = std::max<std::size_t>(time, 4);
    // Numbers of twenty digits may leave no room for a column: the sites go first, then the end of the times.
    constexpr std::size_t column = 3 + column_width_min + 1;
    if (left() + right() + column > width) site = 0;
    if (left() + column > width) time -= left() + column - width;
  }

  /// " step  time │"
  [[nodiscard]] std::size_t left() const { return 1 + step + (time == 0 ? 0 : 2 + time) + 1; }
  /// "│ site", of which the bar belongs to the last column.
  [[nodiscard]] std::size_t right() const { return site == 0 ? 0 : site + 1; }
  /// For the columns, each with a bar at its left and a space at either side, and one bar at the end.
  [[nodiscard]] std::size_t room() const { return width - left() - right() - 1; }
};

class Artist {
 public:
  Artist(const Grid& grid, const RenderOptions& options)
      : grid_(grid),
        options_(options),
        glyphs_(options.ascii ? ascii : unicode),
        margins_(grid.rows, options) {
    spread();
  }

  std::string draw() {
    head();
    for (const GridRow& row : grid_.rows) {
      if (row.kind == GridRow::Kind::cell) {
        cell(row);
      } else {
        span(row);
      }
    }
    return text_;
  }

 private:
  /// Gives each column what it needs, or an equal share of what the others leave.
  void spread() {
    const std::size_t count = grid_.columns.size();
    std::vector<std::size_t> wanted(count, column_width_min);
    for (std::size_t index = 0; index < count; ++index) {
      wanted[index] = std::max(
          {wanted[index], width_of(grid_.columns[index].title), width_of(grid_.columns[index].subtitle)});
    }
    std::size_t span_wanted = 0;
    for (const GridRow& row : grid_.rows) {
      const std::size_t text = std::min(width_of(row.text) + 2, margins_.width);
      if (row.kind == GridRow::Kind::cell) {
        wanted[row.column] = std::max(wanted[row.column], text);
        wanted[0] = std::max(wanted[0], std::min(width_of(row.lead), lead_width_max));
      }
      if (row.kind == GridRow::Kind::span) span_wanted = std::max(span_wanted, text);
    }
    widths_ = wanted;
    const std::size_t room = margins_.room() - std::min(margins_.room(), 3 * count);
    for (std::size_t rest = total(); rest > room; rest = total()) {
      // The widest column gives way, down to the next widest.
      const auto widest = std::max_element(widths_.begin(), widths_.end());
      if (*widest <= 4) break;
      --*widest;
    }
    // What spans the columns may need more than they do.
    while (count > 0 && total() + 3 * count < span_wanted + 3 && total() < room) {
      for (std::size_t& width : widths_) {
        if (total() < room) ++width;
      }
    }
  }

  [[nodiscard]] std::size_t total() const {
    return std::accumulate(widths_.begin(), widths_.end(), std::size_t{0});
  }
  [[nodiscard]] std::size_t span_width() const { return total() + 3 * widths_.size() - 3; }

  void head() {
    std::vector<std::string> titles;
    std::vector<std::string> subtitles;
    bool has_subtitles = false;
    for (const GridColumn& column : grid_.columns) {
      titles.push_back(column.title);
      subtitles.push_back(column.subtitle);
      has_subtitles |= !column.subtitle.empty();
    }
    heading("step", margins_.time > 0 ? "time" : "", titles, grid_.site_title);
    if (has_subtitles) heading("", "", subtitles, "");
    rule(glyphs_.line, glyphs_.cross);
  }

  void heading(std::string_view step, std::string_view time, const std::vector<std::string>& cells,
               std::string_view site) {
    std::string line = left(step, time);
    for (std::size_t index = 0; index < cells.size(); ++index)
      line += fmt::format("{} {} ", glyphs_.bar,
                          padded(clipped(cells[index], widths_[index], glyphs_.ellipsis), widths_[index]));
    emit(line + right(site), "1");
  }

  [[nodiscard]] std::string left(std::string_view step, std::string_view time) const {
    std::string result = " " + padded_front(step, margins_.step);
    if (margins_.time > 0)
      result += "  " + padded_front(clipped(time, margins_.time, glyphs_.ellipsis), margins_.time);
    return result + " ";
  }

  [[nodiscard]] std::string right(std::string_view site) const {
    if (margins_.site == 0) return std::string(glyphs_.bar);
    return fmt::format("{} {}", glyphs_.bar, clipped_front(site, margins_.site, glyphs_.ellipsis));
  }

  void rule(std::string_view line, std::string_view cross) {
    std::string text = repeated(line, margins_.left());
    for (const std::size_t width : widths_) text += std::string(cross) + repeated(line, width + 2);
    emit(text + std::string(cross) + repeated(line, margins_.right()), "");
  }

  void cell(const GridRow& row) {
    const std::vector<std::string> lines =
        wrapped(row.text, widths_[row.column] - 2, 1, cell_lines_max, glyphs_.ellipsis);
    for (std::size_t index = 0; index < lines.size(); ++index) {
      const bool is_first = index == 0;
      std::string line = is_first ? left(row.step, row.time) : left("", "");
      for (std::size_t column = 0; column < widths_.size(); ++column) {
        std::string text = is_first && column == 0 ? clipped(row.lead, widths_[0], glyphs_.ellipsis) : "";
        if (column == row.column)
          text = fmt::format("{} {}", is_first ? glyph_of(row.mark, glyphs_) : " ", lines[index]);
        line += fmt::format("{} {} ", glyphs_.bar, padded(text, widths_[column]));
      }
      emit(line + right(is_first ? row.site : ""), color_of(row));
    }
  }

  void span(const GridRow& row) {
    if (row.mark == Mark::failure) rule(glyphs_.strong, glyphs_.strong_cross);
    const std::vector<std::string> lines =
        wrapped(row.text, span_width() - 2, 0, cell_lines_max, glyphs_.ellipsis);
    for (std::size_t index = 0; index < lines.size(); ++index) {
      const bool is_first = index == 0;
      const std::string text =
          fmt::format("{} {}", is_first ? glyph_of(row.mark, glyphs_) : " ", lines[index]);
      emit(fmt::format("{}{} {} {}", is_first ? left(row.step, row.time) : left("", ""), glyphs_.bar,
                       padded(text, span_width()), right(is_first ? row.site : "")),
           color_of(row));
    }
    if (row.mark == Mark::failure) rule(glyphs_.strong, glyphs_.strong_cross);
  }

  static std::string_view color_of(const GridRow& row) {
    if (row.mark == Mark::failure) return "1;31";
    if (row.mark == Mark::alert || row.deviates) return "33";
    return row.kind == GridRow::Kind::span ? "2" : "";
  }

  void emit(std::string line, std::string_view color) {
    while (line.ends_with(' ')) line.pop_back();
    line = with_spaces(std::move(line));
    text_ += options_.color && !color.empty() ? fmt::format("\x1b[{}m{}\x1b[0m\n", color, line) : line + "\n";
  }

  const Grid& grid_;
  const RenderOptions& options_;
  const Glyphs& glyphs_;
  Margins margins_;
  std::vector<std::size_t> widths_;
  std::string text_;
};

}  // namespace

std::size_t columns_that_fit(const std::vector<GridRow>& rows, const RenderOptions& options) {
  return Margins(rows, options).room() / (column_width_min + 3);
}

std::string draw(const Grid& grid, const RenderOptions& options) { return Artist(grid, options).draw(); }

}  // namespace coweave::traces
