#pragma once

/// The order that bounded policies deviate from: whoever ran last goes on as long as it could have gone on
/// without giving way, and then whoever arrived first. With suspensions as scheduling points this is
/// asyncio's own order.

#include <coweave/sim/choice.hpp>

#include <cstdint>

namespace coweave::sim {

/// The option of whoever ran last, if it only gave way because of the scheduling points; else
/// `point.options`.
[[nodiscard]] inline std::uint32_t option_to_go_on(const ChoicePoint& point, std::uint32_t last) noexcept {
  std::uint32_t option = 0;
  while (option < point.options &&
         !(point.candidates[option].actor == last && point.candidates[option].gave_way))
    ++option;
  return option;
}

/// The option that is at `place` of that order, from 0; below `point.options`.
[[nodiscard]] inline std::uint32_t option_at(const ChoicePoint& point, std::uint32_t last,
                                             std::uint32_t place) noexcept {
  const std::uint32_t first = option_to_go_on(point, last);
  if (first == point.options) return place;
  if (place == 0) return first;
  return place <= first ? place - 1 : place;
}

}  // namespace coweave::sim
