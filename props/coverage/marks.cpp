#include <coweave/props/coverage/marks.hpp>

#include <coweave/traces/site.hpp>
#include <coweave/traces/words.hpp>

#include <algorithm>
#include <tuple>

namespace coweave::detail {

namespace {

template <class Point>
void sort_by_place(typename std::vector<Point>::iterator from, std::vector<Point>& points) {
  const auto order = [](const Point& point) { return std::tie(point.at.file, point.at.line, point.label); };
  std::sort(from, points.end(),
            [&](const Point& one, const Point& other) { return order(one) < order(other); });
}

}  // namespace

void MarkTally::add(const Counted& counted) {
  const auto same = [&](const Counted& sum) {
    return sum.kind == counted.kind && sum.label == counted.label && sum.at == counted.at;
  };
  const auto sum = std::find_if(sums_.begin(), sums_.end(), same);
  if (sum == sums_.end()) {
    sums_.push_back(counted);
  } else {
    sum->seen += counted.seen;
    sum->held += counted.held;
    sum->armed += counted.armed;
  }
}

std::vector<Mark> MarkTally::marks(const std::vector<std::string>& expected) const {
  std::vector<Mark> marks;
  for (const std::string& label : expected) {
    const auto is_called = [&](const Mark& mark) { return mark.label == label; };
    const auto was_seen = [&](const Counted& sum) {
      return sum.kind == Counted::Kind::mark && sum.label == label;
    };
    if (std::none_of(sums_.begin(), sums_.end(), was_seen) &&
        std::none_of(marks.begin(), marks.end(), is_called))
      marks.push_back({label, {}, 0, 0});
  }
  const auto missing = static_cast<std::ptrdiff_t>(marks.size());
  for (const Counted& sum : sums_) {
    if (sum.kind == Counted::Kind::mark) marks.push_back({sum.label, sum.at, sum.seen, sum.held});
  }
  sort_by_place(marks.begin() + missing, marks);
  return marks;
}

std::vector<FaultPoint> MarkTally::faults() const {
  std::vector<FaultPoint> faults;
  for (const Counted& sum : sums_) {
    if (sum.kind == Counted::Kind::fault)
      faults.push_back({sum.label, sum.at, sum.seen, sum.armed, sum.held});
  }
  sort_by_place(faults.begin(), faults);
  return faults;
}

std::vector<NotedRace> MarkTally::races() const {
  std::vector<NotedRace> races;
  for (const Counted& sum : sums_) {
    if (sum.kind == Counted::Kind::race) races.push_back({sum.label, sum.at, sum.seen});
  }
  std::sort(races.begin(), races.end(), [](const NotedRace& one, const NotedRace& other) {
    return std::tie(one.at.file, one.at.line, one.what) < std::tie(other.at.file, other.at.line, other.what);
  });
  return races;
}

bool MarkTally::saw(Counted::Kind kind, const std::string& label) const {
  return std::any_of(sums_.begin(), sums_.end(), [&](const Counted& sum) {
    return sum.kind == kind && sum.label == label && sum.seen > 0;
  });
}

bool all_held(const std::vector<Mark>& marks) {
  return std::all_of(marks.begin(), marks.end(), [](const Mark& mark) { return mark.held > 0; });
}

std::string in_words(const std::vector<Mark>& marks) {
  if (marks.empty()) return {};
  if (all_held(marks))
    return marks.size() == 1 ? "the mark '" + marks.front().label + "' held in some run\n"
                             : "each of " + traces::counted(marks.size(), "mark") + " held in some run\n";
  return never_held(marks);
}

std::string never_held(const std::vector<Mark>& marks) {
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

std::string in_words(const std::vector<FaultPoint>& faults) {
  std::string text;
  for (const FaultPoint& fault : faults) {
    if (fault.fired > 0) continue;
    text += "no fault: '" + fault.label + "' at " + traces::to_string(fault.at) + ", seen " +
            traces::counted(fault.seen, "time") + ", armed " + traces::counted(fault.armed, "time") + "\n";
  }
  if (!text.empty() || faults.empty()) return text;
  return faults.size() == 1
             ? "the fault '" + faults.front().label + "' was injected in some run\n"
             : "each of " + traces::counted(faults.size(), "fault") + " was injected in some run\n";
}

std::string in_words(const std::vector<NotedRace>& races) {
  std::string text;
  for (const NotedRace& race : races)
    text += "race: " + race.what + ", " + traces::counted(race.times, "time") + "\n";
  return text;
}

}  // namespace coweave::detail
