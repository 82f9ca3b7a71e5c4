#pragma once

/// What an exploration knows of the marks that its runs came by (see <coweave/core/sometimes.hpp>), and of
/// the fault points (see <coweave/core/fault.hpp>).

#include <coweave/props/races/races.hpp>
#include <coweave/traces/trace.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace coweave {

/// How often a mark was seen in the runs of an exploration, and how often its condition held.
struct Mark {
  std::string label;
  traces::Site at;         ///< not known: it was expected, and no run came by it
  std::uint64_t seen = 0;  ///< times, in all runs together
  std::uint64_t held = 0;  ///< of these

  friend bool operator==(const Mark&, const Mark&) = default;
};

/// How often runs came by a fault point, and what they met there.
struct FaultPoint {
  std::string label;
  traces::Site at;
  std::uint64_t seen = 0;   ///< times, in all runs together
  std::uint64_t armed = 0;  ///< of these: a fault could have been injected
  std::uint64_t fired = 0;  ///< of these: it was

  friend bool operator==(const FaultPoint&, const FaultPoint&) = default;
};

namespace detail {

/// A mark, a fault point, a race, a pattern of a monitor, or what the options name, as it is counted.
struct Counted {
  enum class Kind : std::uint8_t { mark, fault, race, pattern, named };

  std::string label;  ///< of a pattern: its number, see PatternListener
  traces::Site at;
  Kind kind = Kind::mark;
  std::uint64_t seen = 0;
  std::uint64_t held = 0;  ///< of a fault point: it was injected
  std::uint64_t armed = 0;
};

/// Sums up what was counted, whoever counted it.
class MarkTally {
 public:
  void add(const Counted& counted);
  /// By place, then label. Those of `expected`, which are labels, that were not seen stand first, as they are
  /// given.
  [[nodiscard]] std::vector<Mark> marks(const std::vector<std::string>& expected) const;
  /// By place, then label.
  [[nodiscard]] std::vector<FaultPoint> faults() const;
  /// By place, then text.
  [[nodiscard]] std::vector<NotedRace> races() const;
  /// Whether anything occurred that the pattern of that number means.
  [[nodiscard]] bool occurred(std::size_t pattern) const {
    return saw(Counted::Kind::pattern, std::to_string(pattern));
  }
  /// Whether runs came by something that the options name so.
  [[nodiscard]] bool saw(const std::string& name) const { return saw(Counted::Kind::named, name); }

 private:
  [[nodiscard]] bool saw(Counted::Kind kind, const std::string& label) const;

  std::vector<Counted> sums_;
};

/// Whether each of `marks` held.
[[nodiscard]] bool all_held(const std::vector<Mark>& marks);

/// A line for each mark that never held; if all did a line that says so; nothing if there are none.
[[nodiscard]] std::string in_words(const std::vector<Mark>& marks);
/// A line for each fault point where none was injected; if there was one at each a line that says so; nothing
/// if there are none.
[[nodiscard]] std::string in_words(const std::vector<FaultPoint>& faults);
/// A line for each race.
[[nodiscard]] std::string in_words(const std::vector<NotedRace>& races);
/// A line for each that never held.
[[nodiscard]] std::string never_held(const std::vector<Mark>& marks);

}  // namespace detail
}  // namespace coweave
