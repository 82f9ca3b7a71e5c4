#include <coweave/traces/fold.hpp>

#include <coweave/traces/identity.hpp>
#include <coweave/traces/site.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace coweave::traces {

namespace {

constexpr std::size_t period_max = 12;
constexpr std::size_t scenes_saved_min = 4;

constexpr std::size_t others_min = 5;

/// A number for each scene, the same for scenes that say the same. With `by_anybody`, whoever acts.
std::vector<std::size_t> signatures(const std::vector<Scene>& scenes, bool by_anybody) {
  std::map<std::string, std::size_t> numbers;
  std::vector<std::size_t> result;
  result.reserve(scenes.size());
  for (const Scene& scene : scenes) {
    const std::string_view self = owner_of(scene.actor);
    std::string key(by_anybody ? role_of(scene.actor) : scene.actor);
    bool is_unique = scene.deviates;
    for (const Line& line : scene.lines) {
      is_unique |= line.mark == Mark::failure;
      key += '\n' + std::to_string(static_cast<int>(line.mark)) +
             (by_anybody && line.owner == self ? std::string() : line.owner) + '\t' + line.text + '\t' +
             to_string(line.at);
    }
    if (is_unique) key += "\n#" + std::to_string(result.size());
    result.push_back(numbers.emplace(std::move(key), numbers.size()).first->second);
  }
  return result;
}

/// How many scenes from `first` on say the same, each of another task.
std::size_t told_by_others(const std::vector<Scene>& scenes, const std::vector<std::size_t>& entries,
                           std::size_t first) {
  std::set<std::string_view> actors;
  std::size_t end = first;
  while (end < scenes.size() && entries[end] == entries[first] && actors.insert(scenes[end].actor).second)
    ++end;
  return end - first;
}

/// How often the `period` entries from `first` stand there one after another, at least once.
std::size_t repeats(const std::vector<std::size_t>& entries, std::size_t first, std::size_t period) {
  std::size_t end = first + period;
  while (end < entries.size() && entries[end] == entries[end - period]) ++end;
  return (end - first) / period;
}

}  // namespace

std::vector<Stretch> folded(const std::vector<Scene>& scenes) {
  const std::vector<std::size_t> entries = signatures(scenes, false);
  const std::vector<std::size_t> anonymous = signatures(scenes, true);
  std::vector<Stretch> result;
  std::size_t first = 0;
  while (first < entries.size()) {
    Stretch best{first, 1, 1};
    for (std::size_t period = 1; period <= period_max && first + 2 * period <= entries.size(); ++period) {
      const std::size_t times = repeats(entries, first, period);
      const bool saves_enough = times >= 3 && (times - 1) * period >= scenes_saved_min;
      if (saves_enough && times * period > best.count * best.times) best = {first, period, times};
    }
    const std::size_t others = told_by_others(scenes, anonymous, first);
    if (others >= others_min && others > best.count * best.times) best = {first, 1, others, true};
    if (best.times == 1 && !result.empty() && result.back().times == 1) {
      ++result.back().count;
    } else {
      result.push_back(best);
    }
    first = best.end();
  }
  return result;
}

std::vector<Stretch> shortened(const std::vector<Stretch>& stretches, std::size_t scenes_max) {
  std::size_t shown = 0;
  for (const Stretch& stretch : stretches) shown += stretch.count;
  if (scenes_max == 0 || shown <= scenes_max) return stretches;
  // The end is where it failed: most of what is shown belongs there.
  const std::size_t head = std::min<std::size_t>(scenes_max / 5, 20);
  const std::size_t tail = scenes_max - head;
  std::vector<Stretch> result;
  Stretch hidden{0, 0, 1, false, true};
  std::size_t position = 0;  // among the scenes that would be shown
  const auto hide = [&](const Stretch& stretch) {
    if (hidden.count == 0) {
      hidden.first = stretch.first;
      result.push_back(hidden);
    }
    hidden.count += stretch.count * stretch.times;
    result.back() = hidden;
  };
  for (const Stretch& stretch : stretches) {
    const std::size_t begin = position;
    position += stretch.count;
    if (position <= head || begin >= shown - tail) {
      result.push_back(stretch);
    } else if (stretch.times > 1) {
      hide(stretch);
    } else {
      // Part of it may belong to the head, part to the tail.
      const std::size_t before = head > begin ? head - begin : 0;
      const std::size_t after = position > shown - tail ? position - (shown - tail) : 0;
      if (before > 0) result.push_back({stretch.first, before, 1});
      hide({stretch.first + before, stretch.count - before - after, 1});
      if (after > 0) result.push_back({stretch.first + stretch.count - after, after, 1});
    }
  }
  return result;
}

}  // namespace coweave::traces
