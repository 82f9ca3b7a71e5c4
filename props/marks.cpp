#include <coweave/props/marks.hpp>

#include <coweave/traces/site.hpp>
#include <coweave/traces/words.hpp>

#include <algorithm>
#include <tuple>

namespace coweave::detail {

void MarkTally::add(const Mark& counted) {
  const auto same = [&](const Mark& sum) { return sum.label == counted.label && sum.at == counted.at; };
  const auto sum = std::find_if(sums_.begin(), sums_.end(), same);
  if (sum == sums_.end()) {
    sums_.push_back(counted);
  } else {
    sum->seen += counted.seen;
    sum->held += counted.held;
  }
}

std::vector<Mark> MarkTally::marks(const std::vector<std::string>& expected) const {
  std::vector<Mark> marks;
  for (const std::string& label : expected) {
    const auto is_called = [&](const Mark& mark) { return mark.label == label; };
    if (std::none_of(sums_.begin(), sums_.end(), is_called) &&
        std::none_of(marks.begin(), marks.end(), is_called))
      marks.push_back({label, {}, 0, 0});
  }
  const auto missing = static_cast<std::ptrdiff_t>(marks.size());
  marks.insert(marks.end(), sums_.begin(), sums_.end());
  const auto order = [](const Mark& mark) { return std::tie(mark.at.file, mark.at.line, mark.label); };
  std::sort(marks.begin() + missing, marks.end(),
            [&](const Mark& one, const Mark& other) { return order(one) < order(other); });
  return marks;
}

bool all_held(const std::vector<Mark>& marks) {
  return std::all_of(marks.begin(), marks.end(), [](const Mark& mark) { return mark.held > 0; });
}

std::string in_words(const std::vector<Mark>& marks) {
  if (marks.empty()) return {};
  if (all_held(marks))
    return marks.size() == 1 ? "the mark '" + marks.front().label + "' held in some run\n"
                             : "each of " + traces::counted(marks.size(), "mark") + " held in some run\n";
  std::string text;
  for (const Mark& mark : marks) {
    if (mark.held > 0) continue;
    text += "never: '" + mark.label + "'" +
            (mark.seen == 0
                 ? ", which was expected: no run came by such a mark"
                 : " at " + traces::to_string(mark.at) + ", seen " + traces::counted(mark.seen, "time")) +
            "\n";
  }
  return text;
}

}  // namespace coweave::detail
