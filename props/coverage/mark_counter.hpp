#pragma once

/// Counts the marks, the fault points and the races that runs come by, the patterns that occur in them, and
/// the variables that are kept silent.
///
/// A mark is known again by its line and the addresses of its texts, which is quick; where those fail, by the
/// texts themselves. What is counted depends on the texts alone.

#include <coweave/core/sometimes.hpp>
#include <coweave/props/coverage/marks.hpp>
#include <coweave/props/monitors/expected.hpp>
#include <coweave/props/races/race_listener.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace coweave::detail {

class MarkCounter final : public MarkListener, public RaceListener, public PatternListener {
 public:
  /// Everything that happens on this thread as long as it lives is counted by `counter`.
  class Counting {
   public:
    explicit Counting(MarkCounter& counter)
        : outer_(std::exchange(mark_listener, &counter)),
          outer_races_(std::exchange(race_listener, &counter)),
          outer_patterns_(std::exchange(pattern_listener, &counter)) {}
    ~Counting() {
      mark_listener = outer_;
      race_listener = outer_races_;
      pattern_listener = outer_patterns_;
    }
    Counting(const Counting&) = delete;
    Counting& operator=(const Counting&) = delete;

   private:
    MarkListener* outer_;
    RaceListener* outer_races_;
    PatternListener* outer_patterns_;
  };

  void marked(bool holds, const char* label, const std::source_location& at) override;
  void came_by_fault(bool armed, bool injected, const char* label, const std::source_location& at) override;
  void raced(const std::string& what, const std::source_location& at) override;
  void kept_silent(const std::string& name) override;
  void occurred(std::size_t pattern) override;

  /// In the order in which they were first seen. Also those that were not seen since `start_anew`.
  [[nodiscard]] const std::vector<Counted>& marks() const noexcept { return marks_; }
  /// Everything is 0 again.
  void start_anew() noexcept;

 private:
  /// Where a mark was seen last, as the program has it.
  struct Known {
    const char* label = nullptr;  // null: none
    const char* file = nullptr;
    std::uint32_t line = 0;
    Counted::Kind kind = Counted::Kind::mark;
    std::size_t mark = 0;
  };
  static constexpr std::size_t lines = 64;

  Counted& find(Counted::Kind kind, const char* label, const std::source_location& at);
  [[gnu::cold, gnu::noinline]] Known look_up(Counted::Kind kind, const char* label,
                                             const std::source_location& at);

  std::vector<Counted> marks_;
  std::vector<const char*> files_;    // of each, as the program has it
  std::array<Known, lines> known_{};  // by line, modulo their number
};

}  // namespace coweave::detail
