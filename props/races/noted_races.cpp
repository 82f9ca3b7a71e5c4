#include <coweave/props/races/noted_races.hpp>

#include <coweave/core/task.hpp>
#include <coweave/sim/detectors/wait_graph.hpp>
#include <coweave/sim/recording/recorder.hpp>
#include <coweave/traces/site.hpp>

#include <algorithm>

namespace coweave::detail {

std::string race_in_words(const char* name, std::string_view what) {
  std::string text = name ? std::string("Shared '") + name + "': " : "a Shared without a name: ";
  return text += what;
}

std::uint32_t NotedRaces::callers_of(const TaskBase& task) {
  sim::user_sites(task, scratch_);
  if (scratch_.size() <= 1) return 0;
  scratch_.erase(scratch_.begin());
  const auto is_same = [&](const Callers& known) {
    return std::equal(known.begin(), known.end(), scratch_.begin(), scratch_.end(),
                      [](const std::source_location& one, const std::source_location& other) {
                        return one.line() == other.line() && one.file_name() == other.file_name();
                      });
  };
  const auto known = std::find_if(callers_.begin(), callers_.end(), is_same);
  const auto number = static_cast<std::uint32_t>(known - callers_.begin()) + 1;
  if (known == callers_.end()) callers_.push_back(scratch_);
  return number;
}

/// "written by another at cache.cpp:5 (in cache.cpp:9, cache.cpp:20)".
std::string NotedRaces::in_words(const SharedAccess& access, bool by_another) const {
  static constexpr std::string_view words[] = {"read", "written", "updated"};
  std::string text(words[static_cast<std::size_t>(access.kind)]);
  if (by_another) text += " by another";
  text += " at " + traces::to_string(sim::to_site(access.at));
  if (access.callers == 0) return text;
  std::string_view before = " (in ";
  for (const std::source_location& at : callers_[access.callers - 1]) {
    text += std::string(before) + traces::to_string(sim::to_site(at));
    before = ", ";
  }
  return text + ")";
}

const std::string& NotedRaces::text(const char* name, std::string_view what,
                                    std::span<const SharedAccess* const> accesses) {
  std::array<Place, 3> places{};
  for (std::size_t index = 0; index < accesses.size(); ++index)
    places[index] = {accesses[index]->at.file_name(), accesses[index]->at.line(), accesses[index]->callers,
                     accesses[index]->kind};
  const std::string_view shown = name ? name : "";
  const auto known = std::find_if(known_.begin(), known_.end(), [&](const Known& one) {
    return one.places == places && one.what.data() == what.data() && one.name == shown;
  });
  if (known != known_.end()) return known->text;
  std::string text = race_in_words(name, what);
  const std::size_t others = accesses.size() - 2;  // of three the second is another's, of two the first
  for (std::size_t index = 0; index < accesses.size(); ++index)
    text += (index == 0 ? "; " : ", ") + in_words(*accesses[index], index == others);
  return known_.emplace_back(Known{places, what, std::string(shown), text}).text;
}

}  // namespace coweave::detail
