#pragma once

/// What the options of an exploration or a sweep name. A name that nothing has, because of a typo or because
/// the program has changed, leaves its option without effect, and nobody would know.

#include <string>
#include <vector>

namespace coweave {

struct ExpectedName {
  std::string name;    ///< "Shared 'hits'", "Lock 'door'", "fault 'disk full'"
  std::string option;  ///< that names it: "races.silent"
  bool seen = false;   ///< some run came by something that is called so

  friend bool operator==(const ExpectedName&, const ExpectedName&) = default;
};

namespace detail {

/// The full name of a `Shared`.
[[nodiscard]] std::string variable_called(const std::string& name);

/// A line for each that no run came by.
[[nodiscard]] std::string in_words(const std::vector<ExpectedName>& names);

}  // namespace detail
}  // namespace coweave
