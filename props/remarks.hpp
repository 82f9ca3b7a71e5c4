#pragma once

/// What the reports of explorations and those of sweeps say in the same words.

#include <coweave/props/coverage/marks.hpp>
#include <coweave/props/monitors/expected.hpp>

#include <string>
#include <vector>

namespace coweave::detail {

/// Each line of `lines` two columns further in.
[[nodiscard]] std::string indented(const std::string& lines);

/// A line for each of `notes`.
[[nodiscard]] std::string remarks(const std::vector<std::string>& notes);

/// A line for each mark that never held, each pattern that never occurred, and each race.
[[nodiscard]] std::string warnings(const std::vector<Mark>& marks,
                                   const std::vector<ExpectedPattern>& patterns,
                                   const std::vector<NotedRace>& races);

}  // namespace coweave::detail
