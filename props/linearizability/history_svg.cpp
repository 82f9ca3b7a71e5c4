#include <coweave/props/linearizability/history_picture.hpp>
#include <coweave/props/linearizability/moments.hpp>
#include <coweave/traces/printable.hpp>
#include <coweave/traces/text_width.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace coweave {

namespace {

using detail::Lanes;
using detail::Moment;

constexpr int margin = 28;
constexpr int top = 84;
constexpr int lane_height = 66;
constexpr int bar_height = 22;
constexpr int character = 8;  // at most, of the font of labels
constexpr int moment_gap = 18;
constexpr int dot_gap = 26;
constexpr int dot = 10;

std::string escaped(std::string_view text) {
  std::string result;
  for (const char character_of_text : traces::printable(text)) {
    switch (character_of_text) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      default:
        result += character_of_text;
    }
  }
  return result;
}

int width_of(std::string_view text) { return static_cast<int>(traces::width_of(text)) * character; }

class SvgPicture {
 public:
  explicit SvgPicture(const HistoryPicture& picture)
      : picture_(picture), lanes_(picture.bars), places_(picture.bars.size()) {
    for (const std::string& name : lanes_.names) left_ = std::max(left_, margin + width_of(name) + 24);
    place();
  }

  std::string write() {
    const int height = top + lane_height * static_cast<int>(lanes_.names.size()) + 44;
    const int width = std::max(right_ + margin, 2 * margin + width_of(picture_.headline()) + 8);
    text_ = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\">\n"
        "<style>\n"
        "  text {{ font-family: ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; font-size: "
        "13px; "
        "fill: #1f2933; paint-order: stroke; stroke: #ffffff; stroke-width: 3px }}\n"
        "  .title {{ font-size: 13px; font-weight: bold; fill: #b3261e }}\n"
        "  .legend, .step {{ font-size: 11px; fill: #7b8794 }}\n"
        "  .name {{ font-weight: bold; fill: #52606d }}\n"
        "  .dot {{ font-size: 11px; font-weight: bold; fill: #ffffff; stroke: none; text-anchor: middle }}\n"
        "  .step {{ text-anchor: middle }}\n"
        "</style>\n"
        "<rect width=\"{0}\" height=\"{1}\" rx=\"10\" fill=\"#ffffff\"/>\n",
        width, height);
    text_ += fmt::format("<text class=\"title\" x=\"{}\" y=\"30\">{}</text>\n", margin,
                         escaped(picture_.headline()));
    text_ += fmt::format("<text class=\"legend\" x=\"{}\" y=\"50\">{}</text>\n", margin,
                         "numbered: the longest order that the model allows");
    lanes(width);
    path();
    for (std::size_t bar = 0; bar < picture_.bars.size(); ++bar) draw(bar);
    steps(height);
    return text_ + "</svg>\n";
  }

 private:
  struct Place {
    int from = 0;
    int to = 0;
    int dot = 0;  ///< 0: it has none
  };

  /// Sets moments and numbers from left to right, as close as labels allow. The number of a call stands
  /// behind the latest beginning of those up to it, if that is within the call; else at its beginning.
  void place() {
    std::vector<std::size_t> order;
    for (std::size_t bar = 0; bar < picture_.bars.size(); ++bar) {
      if (picture_.bars[bar].number != 0) order.push_back(bar);
    }
    std::sort(order.begin(), order.end(), [this](std::size_t one, std::size_t other) {
      return picture_.bars[one].number < picture_.bars[other].number;
    });
    std::vector<std::uint32_t> behind;
    std::uint32_t latest = 0;
    for (const std::size_t bar : order) {
      latest = std::max(latest, picture_.bars[bar].invoked);
      behind.push_back(latest);
      within_ = within_ && latest < picture_.bars[bar].returned;
    }
    int x = left_;
    std::size_t next = 0;
    for (const Moment& moment : detail::moments_of(picture_.bars)) {
      Place& place = places_[moment.call];
      if (moment.is_end) {
        x = place.to = std::max(x + moment_gap, place.from + label_width(moment.call));
      } else {
        x = place.from = std::max(x + moment_gap, lane_end(moment.call) + moment_gap);
        if (!within_ && picture_.bars[moment.call].number != 0) {
          x = place.dot = place.from + dot + 6;
        }
      }
      if (!within_) continue;
      for (; next < order.size() && behind[next] <= moment.position; ++next) {
        x = places_[order[next]].dot = x + dot_gap;
        if (next + 1 == order.size() || behind[next + 1] > moment.position) x += dot_gap - moment_gap;
      }
    }
    right_ = x + 2 * moment_gap;
    for (std::size_t bar = 0; bar < places_.size(); ++bar) {
      if (!picture_.bars[bar].ends()) right_ = std::max(right_, places_[bar].from + label_width(bar));
    }
    for (std::size_t bar = 0; bar < places_.size(); ++bar) {
      if (!picture_.bars[bar].ends()) places_[bar].to = right_;
    }
  }

  [[nodiscard]] int lane_end(std::size_t bar) const {
    int end = left_ - moment_gap;
    for (std::size_t other = 0; other < bar; ++other) {
      if (lanes_.of_bar[other] == lanes_.of_bar[bar]) end = std::max(end, places_[other].to);
    }
    return end;
  }

  [[nodiscard]] std::string label(std::size_t bar) const {
    return picture_.bars[bar].operation + (picture_.bars[bar].answered ? " → " : ", ") +
           picture_.bars[bar].response;
  }
  [[nodiscard]] int label_width(std::size_t bar) const { return width_of(label(bar)) + 12; }
  [[nodiscard]] int middle(std::size_t bar) const {
    return top + lane_height * static_cast<int>(lanes_.of_bar[bar]) + lane_height / 2 + 8;
  }

  void lanes(int width) {
    for (std::size_t lane = 0; lane < lanes_.names.size(); ++lane) {
      const int y = top + lane_height * static_cast<int>(lane);
      text_ += fmt::format(
          "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\"/>\n"
          "<text class=\"name\" x=\"{}\" y=\"{}\">{}</text>\n",
          margin / 2, y, width - margin, lane_height, lane % 2 == 0 ? "#f5f7fa" : "#ffffff", margin,
          y + lane_height / 2 + 12, escaped(lanes_.names[lane]));
    }
  }

  /// The way from number to number.
  void path() {
    std::vector<std::size_t> order(picture_.bars.size() + 1, picture_.bars.size());
    for (std::size_t bar = 0; bar < picture_.bars.size(); ++bar) order[picture_.bars[bar].number] = bar;
    std::string points;
    for (std::size_t number = 1; number < order.size() && order[number] != picture_.bars.size(); ++number)
      points += fmt::format("{}{},{}", points.empty() ? "" : " ", places_[order[number]].dot,
                            middle(order[number]));
    if (within_ && !points.empty())
      text_ += fmt::format(
          "<polyline points=\"{}\" fill=\"none\" stroke=\"#2f6fb3\" stroke-opacity=\"0.35\" "
          "stroke-width=\"2\" "
          "stroke-dasharray=\"2 4\" stroke-linecap=\"round\"/>\n",
          points);
  }

  void draw(std::size_t index) {
    const CallBar& bar = picture_.bars[index];
    const Place& place = places_[index];
    const int y = middle(index);
    const char* stroke = bar.misfit ? "#b3261e" : bar.number != 0 ? "#2f6fb3" : "#9aa5b1";
    const char* fill = bar.misfit ? "#fde8e7" : bar.number != 0 ? "#dcebf9" : "#eef1f4";
    text_ += fmt::format(
        "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"6\" fill=\"{}\" fill-opacity=\"0.85\" "
        "stroke=\"{}\" "
        "stroke-width=\"{}\"{}/>\n",
        place.from, y - bar_height / 2, place.to - place.from, bar_height, fill, stroke,
        bar.misfit ? "2" : "1.3", bar.ends() ? "" : " stroke-dasharray=\"5 4\"");
    text_ += fmt::format("<text x=\"{}\" y=\"{}\"{}>{}</text>\n", place.from + 2, y - bar_height / 2 - 7,
                         bar.misfit ? " style=\"fill: #b3261e\"" : "", escaped(label(index)));
    if (bar.misfit) {
      const int x = (place.from + place.to) / 2;
      text_ += fmt::format(
          "<path d=\"M{} {}l10 10m0 -10l-10 10\" stroke=\"#b3261e\" stroke-width=\"2.6\" "
          "stroke-linecap=\"round\"/>\n",
          x - 5, y - 5);
    } else if (bar.number != 0) {
      text_ += fmt::format(
          "<circle cx=\"{0}\" cy=\"{1}\" r=\"{2}\" fill=\"#2f6fb3\"/>\n"
          "<text class=\"dot\" x=\"{0}\" y=\"{3}\">{4}</text>\n",
          place.dot, y, dot, y + 4, bar.number);
    }
  }

  /// The steps at which calls begin and end, where they are known and there is room.
  void steps(int height) {
    int free_from = 0;
    bool any = false;
    for (const Moment& moment : detail::moments_of(picture_.bars)) {
      const CallBar& bar = picture_.bars[moment.call];
      const std::uint64_t step = moment.is_end ? bar.step_returned : bar.step_invoked;
      const int x = moment.is_end ? places_[moment.call].to : places_[moment.call].from;
      const std::string number = std::to_string(step);
      if (step == 0 || x - width_of(number) / 2 < free_from) continue;
      text_ += fmt::format("<text class=\"step\" x=\"{}\" y=\"{}\">{}</text>\n", x, height - 20, number);
      free_from = x + width_of(number) / 2 + 4;
      any = true;
    }
    if (any)
      text_ += fmt::format("<text class=\"legend\" x=\"{}\" y=\"{}\">step</text>\n", margin, height - 20);
  }

  const HistoryPicture& picture_;
  Lanes lanes_;
  std::vector<Place> places_;
  std::string text_;
  int left_ = margin + 60;
  int right_ = 0;
  bool within_ = true;  ///< each number stands within its bar
};

}  // namespace

std::string HistoryPicture::svg() const { return SvgPicture(*this).write(); }

}  // namespace coweave
