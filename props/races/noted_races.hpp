#pragma once

/// The texts of the races that are noted: one for each variable's name, each pattern, and each places of the
/// accesses, with the awaits through which their tasks came there. The accesses are told in their order.

#include <coweave/props/races/access.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace coweave::detail {

/// "Shared 'balance': " and what is wrong with it. A null name: it has none.
[[nodiscard]] std::string race_in_words(const char* name, std::string_view what);

class NotedRaces {
 public:
  /// A number for the awaits through which `task` came to where it stands: the same for the same ones, 0 if
  /// there are none.
  [[nodiscard]] std::uint32_t callers_of(const TaskBase& task);
  /// What is wrong, where the accesses are, and through which awaits each was come to; the same string each
  /// time.
  [[nodiscard]] const std::string& text(const char* name, std::string_view what,
                                        std::span<const SharedAccess* const> accesses);

 private:
  struct Place {
    const char* file = nullptr;  // as the program has it
    unsigned line = 0;
    std::uint32_t callers = 0;
    SharedAccess::Kind kind = {};

    friend bool operator==(const Place&, const Place&) = default;
  };
  struct Known {
    std::array<Place, 3> places;
    std::string_view what;
    std::string name;
    std::string text;
  };

  using Callers = std::vector<std::source_location>;

  [[nodiscard]] std::string in_words(const SharedAccess& access, bool by_another) const;

  std::vector<Known> known_;
  std::vector<Callers> callers_;  // by number, from 1
  Callers scratch_;
};

}  // namespace coweave::detail
