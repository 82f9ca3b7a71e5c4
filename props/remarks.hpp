#pragma once

/// What the reports of explorations and those of sweeps say in the same words.

#include <coweave/props/coverage/expected_names.hpp>
#include <coweave/props/coverage/marks.hpp>
#include <coweave/props/monitors/expected.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace coweave::detail {

/// Each line of `lines` two columns further in.
[[nodiscard]] std::string indented(const std::string& lines);

/// A line for each of `notes`.
[[nodiscard]] std::string remarks(const std::vector<std::string>& notes);

/// That traces of the corpus were replayed first, `in_part` of them not in full.
[[nodiscard]] std::string corpus_in_words(std::uint64_t replayed, std::uint64_t in_part);

/// A line for each mark that never held, each pattern that never occurred, each name that nothing had, and
/// each race.
template <class Result>
[[nodiscard]] std::string warnings(const Result& result) {
  return never_held(result.marks) + in_words(result.patterns) + in_words(result.names) +
         in_words(result.races);
}

}  // namespace coweave::detail
