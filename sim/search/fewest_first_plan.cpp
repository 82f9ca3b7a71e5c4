#include <coweave/sim/search/fewest_first_plan.hpp>

#include <coweave/sim/search/message.hpp>
#include <coweave/traces/words.hpp>

#include <algorithm>
#include <utility>

namespace coweave::sim {

using detail::get;
using detail::get_list;
using detail::get_text;
using detail::put;
using detail::put_list;

namespace {

/// A piece becomes so many at most.
constexpr std::uint64_t parts_max = 8;

void put_stem(std::string& message, const Stem& stem) {
  put(message, stem.cost);
  put(message, stem.more_max);
  put(message, std::string_view(stem.decisions));
}

std::shared_ptr<const Stem> get_stem(const char*& from) {
  Stem stem;
  stem.cost = get<std::uint32_t>(from);
  stem.more_max = get<std::uint32_t>(from);
  stem.decisions = get_text(from);
  return std::make_shared<const Stem>(std::move(stem));
}

}  // namespace

std::string to_message(const FewestFirstTask& task) {
  std::string message;
  put(message, task.cost);
  put_list(message, task.ranges, [&](const Range& range) {
    put_stem(message, *range.stem);
    put(message, range.first);
    put(message, range.last);
  });
  return message;
}

FewestFirstTask fewest_first_task(std::string_view message) {
  const char* from = message.data();
  FewestFirstTask task{.cost = get<std::uint32_t>(from)};
  get_list(from, task.ranges, [&](Range& range) {
    range.stem = get_stem(from);
    range.first = get<std::uint64_t>(from);
    range.last = get<std::uint64_t>(from);
  });
  return task;
}

std::string to_message(const FewestFirstLeft& left) {
  std::string message;
  put(message, left.cost);
  put_stem(message, *left.last_run);
  put(message, left.range);
  put(message, left.number);
  put_list(message, left.kept, [&](const std::shared_ptr<const Stem>& stem) { put_stem(message, *stem); });
  put(message, left.full_at);
  return message;
}

FewestFirstLeft fewest_first_left(std::string_view message) {
  const char* from = message.data();
  FewestFirstLeft left;
  left.cost = get<std::uint32_t>(from);
  left.last_run = get_stem(from);
  left.range = get<std::size_t>(from);
  left.number = get<std::uint64_t>(from);
  get_list(from, left.kept, [&](std::shared_ptr<const Stem>& stem) { stem = get_stem(from); });
  left.full_at = get<std::optional<std::uint32_t>>(from);
  return left;
}

std::string dropped_in_words(std::optional<std::uint32_t> full_at, const std::string& unit) {
  if (!full_at) return "";
  const std::string which = *full_at == 0 ? unit + "s" : "more than " + traces::counted(*full_at, unit);
  return "there was no room to keep more for later: of the schedules with " + which + " only some were tried";
}

std::string FewestFirstPlan::dropped() const { return dropped_in_words(kept_.full_at(), unit_); }

std::optional<std::string> FewestFirstPlan::message(FewestFirstTask& task) {
  return task.ranges.empty() ? std::string() : to_message(task);
}

FewestFirstLeft FewestFirstPlan::unfold(FewestFirstTask& task, std::string_view message) {
  FewestFirstLeft left = fewest_first_left(message);
  if (task.ranges.empty()) {  // the first, which has made its ranges itself, of what it kept
    for (const std::shared_ptr<const Stem>& stem : left.kept) {
      if (stem->cost < left.cost)
        task.ranges.push_back({stem, 0, Beginnings(*stem, left.cost - stem->cost, rank_cost_).count()});
    }
  }
  std::vector<Range> ranges{{left.last_run, 0, Beginnings(*left.last_run, 0, rank_cost_).count()}};
  for (std::size_t range = left.range; range < task.ranges.size(); ++range) {
    ranges.push_back(std::move(task.ranges[range]));
    if (range == left.range) ranges.back().first = std::max(ranges.back().first, left.number);
  }
  task = {};
  add_parts(left.cost, ranges);
  return left;
}

void FewestFirstPlan::follow(const FewestFirstLeft& left) {
  cost_ = std::max(cost_, left.cost);
  for (const std::shared_ptr<const Stem>& stem : left.kept) kept_.keep(stem);
  if (left.full_at) kept_.set_full(*left.full_at);
  while (empty() && cost_ < cost_max_ && kept_.cost_max() > cost_) {
    ++cost_;
    add_parts(cost_, ranges_of(cost_));
  }
}

/// All that costs so much, of runs that cost less.
std::vector<Range> FewestFirstPlan::ranges_of(std::uint32_t cost) const {
  std::vector<Range> ranges;
  for (const std::shared_ptr<const Stem>& stem : kept_.stems()) {
    if (stem->cost < cost && cost - stem->cost <= stem->more_max)
      ranges.push_back({stem, 0, Beginnings(*stem, cost - stem->cost, rank_cost_).count()});
  }
  return ranges;
}

/// In parts with as many beginnings each.
void FewestFirstPlan::add_parts(std::uint32_t cost, const std::vector<Range>& ranges) {
  std::uint64_t all = 0;
  for (const Range& range : ranges) all += range.last - range.first;
  const std::uint64_t parts = std::min(parts_max, all);
  auto range = ranges.begin();
  std::uint64_t taken = 0;  // of that range
  for (std::uint64_t part = 0; part < parts; ++part) {
    FewestFirstTask task{.cost = cost};
    std::uint64_t wanted = all * (part + 1) / parts - all * part / parts;
    for (; wanted > 0; ++range, taken = 0) {
      const std::uint64_t first = range->first + taken;
      const std::uint64_t last = std::min(range->last, first + wanted);
      if (first < last) task.ranges.push_back({range->stem, first, last});
      wanted -= last - first;
      taken += last - first;
      if (last < range->last) break;
    }
    add(std::move(task));
  }
}

}  // namespace coweave::sim
