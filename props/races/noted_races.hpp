#pragma once

/// The texts of the races that are noted: one for each variable's name, each pattern, and each places of the
/// accesses.

#include <coweave/props/races/access.hpp>

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace coweave::detail {

/// "Shared 'balance': " and what is wrong with it. A null name: it has none.
[[nodiscard]] std::string race_in_words(const char* name, std::string_view what);

class NotedRaces {
 public:
  /// What is wrong, and where the accesses before the last are; the same string each time.
  [[nodiscard]] const std::string& text(const char* name, std::string_view what,
                                        std::span<const SharedAccess* const> accesses);

 private:
  struct Place {
    const char* file = nullptr;  // as the program has it
    unsigned line = 0;

    friend bool operator==(const Place&, const Place&) = default;
  };
  struct Known {
    std::array<Place, 3> places;
    std::string_view what;
    std::string name;
    std::string text;
  };

  std::vector<Known> known_;
};

}  // namespace coweave::detail
