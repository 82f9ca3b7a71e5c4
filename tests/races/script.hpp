#pragma once

/// Histories of accesses, written down and run: what tasks do to one variable, in this order and no other.
///
///     run_script("Ar Bw Aw")   // A reads, B writes, A writes
///
/// Each word is a task, what it does, and for locks and events which one. Every task sleeps until it is its
/// turn, and time orders nothing, so that no task knows of another unless the script says so.
///
/// | r, w, u, x | reads, writes, updates, exchanges |
/// | c, f | compares and exchanges, with success or without |
/// | [1, ]1 | acquires, releases lock 1 |
/// | !1, ?1 | sets, waits for event 1, which was set |
/// | +1, -1 | gives, takes a permit of semaphore 1, which has none at first |

#include <coweave/props/races/races.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace coweave::tests {

struct Word {
  char task;
  char does;
  char which = 0;
};

[[nodiscard]] std::vector<Word> words_of(std::string_view script);

struct ScriptRace {
  std::string what = "none";  ///< without "race for Shared 'it': "
  std::size_t word = 0;       ///< at which one
  std::string message = {};   ///< in full
};

/// What the locks of a script are.
enum class Guards {
  locks,
  semaphores,  ///< of one permit
  pools,       ///< semaphores of two permits, which keep nobody out
};

[[nodiscard]] ScriptRace run_script(const std::vector<Word>& words, const Races& races,
                                    Guards guards = Guards::locks);
[[nodiscard]] ScriptRace run_script(std::string_view script,
                                    const Races& races = {.atomicity = Severity::failure},
                                    Guards guards = Guards::locks);

}  // namespace coweave::tests
