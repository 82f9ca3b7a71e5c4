#include <coweave/props/races/noted_races.hpp>

#include <coweave/sim/recording/recorder.hpp>
#include <coweave/traces/site.hpp>

#include <algorithm>

namespace coweave::detail {

std::string race_in_words(const char* name, std::string_view what) {
  std::string text = name ? std::string("Shared '") + name + "': " : "a Shared without a name: ";
  return text += what;
}

const std::string& NotedRaces::text(const char* name, std::string_view what,
                                    std::span<const SharedAccess* const> accesses) {
  std::array<Place, 3> places{};
  for (std::size_t index = 0; index < accesses.size(); ++index)
    places[index] = {accesses[index]->at.file_name(), accesses[index]->at.line()};
  const std::string_view shown = name ? name : "";
  const auto known = std::find_if(known_.begin(), known_.end(), [&](const Known& one) {
    return one.places == places && one.what.data() == what.data() && one.name == shown;
  });
  if (known != known_.end()) return known->text;
  std::string text = race_in_words(name, what) + " (after ";
  for (std::size_t index = 0; index + 1 < accesses.size(); ++index)
    text += (index == 0 ? "" : " and ") + traces::to_string(sim::to_site(accesses[index]->at));
  return known_.emplace_back(Known{places, what, std::string(shown), text + ")"}).text;
}

}  // namespace coweave::detail
