#pragma once

/// Approved output: text that people read is compared with a file that a person has looked at.
///
///     CHECK(tests::compare_with_approved("traces/approved/bank.txt", render_table(trace)) == "");
///
/// With the environment variable COWEAVE_APPROVE=1 the file is written instead: look at the difference, then
/// commit.

#include <string>
#include <string_view>

namespace coweave::tests {

/// Compares `text` with the file at `path`, relative to the folder `tests`. Empty if they are equal; else
/// says where they differ first, and what to do.
[[nodiscard]] std::string compare_with_approved(std::string_view path, std::string_view text);

/// Where `text` first differs from `expected`, in words; empty if it does not.
[[nodiscard]] std::string first_difference(std::string_view expected, std::string_view text);

/// The bytes of the file at `path`, relative to the folder `tests`; throws std::runtime_error if it cannot be
/// read.
[[nodiscard]] std::string read_test_file(std::string_view path);

}  // namespace coweave::tests
