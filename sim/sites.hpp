#pragma once

/// Sites: the places of a program from which objects are used, the same in every run.
///
/// A use is recognised by the object, by where the task that uses it was spawned, by whether it only reads,
/// and by how many uses of that object the task had made before. So all that ten tasks spawned by one loop do
/// first to one object is one site: what holds for one of them, holds for the others. From the eighth use on
/// all are one site, for loops.

#include <coweave/core/handle.hpp>
#include <coweave/sim/step.hpp>

#include <cstdint>
#include <source_location>
#include <utility>
#include <vector>

namespace coweave::sim {

class Sites {
 public:
  /// Numbers count from 1, for each object on its own.
  using Number = std::uint32_t;
  static constexpr Number none = 0;
  static constexpr Number unknown = 0xffff'ffffU;

  /// A run begins. With `learning`, sites that are met for the first time get numbers; otherwise they stay
  /// unknown.
  void begin_run(bool learning);

  /// `actor` is `handle`. Good to know before it uses anything: a task that was never met counts as spawned
  /// nowhere.
  void meet(std::uint32_t actor, const detail::Handle& handle);
  /// The site of what `candidate` has announced; asked once for each use.
  [[nodiscard]] Number use(const Candidate& candidate);

  /// How many sites use `object`.
  [[nodiscard]] std::uint32_t count(std::uint32_t object) const noexcept {
    return object < sites_.size() ? static_cast<std::uint32_t>(sites_[object].size()) : 0;
  }
  /// Whether that site changes the object.
  [[nodiscard]] bool writes(std::uint32_t object, Number site) const noexcept {
    return sites_[object][site - 1].writes;
  }

 private:
  static constexpr std::uint32_t ordinal_max = 7;

  struct Site {
    std::uint32_t spawned_at;  // number of the place
    std::uint32_t ordinal;
    bool writes;

    friend bool operator==(const Site&, const Site&) = default;
  };
  struct Uses {
    std::uint32_t object;
    std::uint32_t count;
  };
  /// Of an actor, in the present run.
  struct Used {
    std::uint32_t spawned_at = nowhere;
    std::vector<Uses> objects;
  };
  static constexpr std::uint32_t nowhere = 0;

  [[nodiscard]] std::uint32_t number_of(const std::source_location& place);
  [[nodiscard]] static std::uint32_t next_ordinal(std::vector<Uses>& uses, std::uint32_t object);

  bool learning_ = false;
  std::vector<std::source_location> places_;  // where tasks were spawned; numbered from 1
  std::vector<std::vector<Site>> sites_;      // by object
  std::vector<Used> used_;                    // by actor
};

}  // namespace coweave::sim
