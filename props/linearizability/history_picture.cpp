#include <coweave/props/linearizability/history_picture.hpp>

#include <coweave/props/linearizability/moments.hpp>
#include <coweave/traces/printable.hpp>
#include <coweave/traces/text_width.hpp>

#include <algorithm>

namespace coweave {

namespace detail {

Lanes::Lanes(const std::vector<CallBar>& bars) {
  std::vector<std::uint32_t> process_of;
  std::vector<const CallBar*> last;
  for (const CallBar& bar : bars) {
    std::size_t lane = 0;
    while (lane < names.size() && (process_of[lane] != bar.process_number || !last[lane]->ends() ||
                                   last[lane]->returned > bar.invoked))
      ++lane;
    if (lane == names.size()) {
      names.push_back(traces::printable(bar.process));
      process_of.push_back(bar.process_number);
      last.push_back(nullptr);
    }
    last[lane] = &bar;
    of_bar.push_back(lane);
  }
}

}  // namespace detail

namespace {

using detail::Lanes;
using detail::Moment;

class TextPicture {
 public:
  explicit TextPicture(const HistoryPicture& picture)
      : picture_(picture), lanes_(picture.bars), under_way_(lanes_.names.size(), nullptr) {}

  std::string write() {
    const bool steps_known = std::any_of(picture_.bars.begin(), picture_.bars.end(),
                                         [](const CallBar& bar) { return bar.step_invoked != 0; });
    std::vector<std::string> head{steps_known ? "step   " : ""};
    head.insert(head.end(), lanes_.names.begin(), lanes_.names.end());
    rows_.push_back(std::move(head));
    const std::vector<Moment> moments = detail::moments_of(picture_.bars);
    for (std::size_t index = 0; index < moments.size(); ++index) {
      const Moment& moment = moments[index];
      const CallBar& bar = picture_.bars[moment.call];
      const bool at_once = !moment.is_end && index + 1 < moments.size() &&
                           moments[index + 1].call == moment.call && bar.step_invoked == bar.step_returned;
      if (at_once) ++index;
      row(moment, at_once);
    }
    if (std::any_of(under_way_.begin(), under_way_.end(),
                    [](const CallBar* bar) { return bar != nullptr; })) {
      std::vector<std::string> cells(1 + under_way_.size());
      for (std::size_t lane = 0; lane < under_way_.size(); ++lane) {
        if (under_way_[lane]) cells[1 + lane] = "┆ " + traces::printable(under_way_[lane]->response);
      }
      rows_.push_back(std::move(cells));
    }
    return aligned();
  }

 private:
  void row(const Moment& moment, bool at_once) {
    const CallBar& bar = picture_.bars[moment.call];
    const std::size_t lane = lanes_.of_bar[moment.call];
    std::vector<std::string> cells(1 + under_way_.size());
    const std::uint64_t step = moment.is_end ? bar.step_returned : bar.step_invoked;
    cells[0] = step != 0 ? traces::padded_front(std::to_string(step), 4) : "";
    for (std::size_t other = 0; other < under_way_.size(); ++other) {
      if (under_way_[other]) cells[1 + other] = "│";
    }
    const std::string called = mark(bar) + traces::printable(bar.operation);
    const std::string gave = (bar.answered ? "→ " : "") + traces::printable(bar.response);
    if (moment.is_end) {
      cells[1 + lane] = "└ " + gave;
    } else if (at_once) {
      cells[1 + lane] = "╶ " + called + " " + gave;
    } else {
      cells[1 + lane] = "┌ " + called;
    }
    under_way_[lane] = moment.is_end || at_once ? nullptr : &bar;
    rows_.push_back(std::move(cells));
  }

  static std::string mark(const CallBar& bar) {
    if (bar.misfit) return "✗ ";
    return bar.number == 0 ? "" : std::to_string(bar.number) + ". ";
  }

  [[nodiscard]] std::string aligned() const {
    std::vector<std::size_t> widths(rows_.front().size(), 0);
    for (const auto& cells : rows_) {
      for (std::size_t column = 0; column < cells.size(); ++column)
        widths[column] = std::max(widths[column], traces::width_of(cells[column]));
    }
    std::string text;
    for (const auto& cells : rows_) {
      std::string line = traces::padded(cells[0], widths[0]);
      for (std::size_t column = 1; column < cells.size(); ++column)
        line += (column == 1 ? "" : "   ") + traces::padded(cells[column], widths[column]);
      text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    }
    return text;
  }

  const HistoryPicture& picture_;
  Lanes lanes_;
  std::vector<const CallBar*> under_way_;  ///< by lane
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace

std::string HistoryPicture::headline() const {
  const auto misfit = std::find_if(bars.begin(), bars.end(), [](const CallBar& bar) { return bar.misfit; });
  if (misfit == bars.end()) return "no order of the calls fits";
  std::string text = traces::printable(misfit->operation) + " → " + traces::printable(misfit->response) +
                     " of " + traces::printable(misfit->process) + " fits nowhere";
  if (expectation.empty() || expectation == misfit->response) return text;
  std::uint32_t last = 0;
  for (const CallBar& bar : bars) last = std::max(last, bar.number);
  text += last == 0 ? "; at first" : last == 1 ? "; after 1." : "; after 1. to " + std::to_string(last) + ".";
  return text +
         (expectation == "it waits" ? " it waits" : " it would be → " + traces::printable(expectation));
}

std::string HistoryPicture::text() const {
  std::string text = headline() + "\n\n" + TextPicture(*this).write();
  if (!smallest)
    text +=
        "\nNot all of these calls need to be part of it: to look for the smallest history took too long.\n";
  text.pop_back();
  return text;
}

}  // namespace coweave
