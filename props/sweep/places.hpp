#pragma once

/// From the run into which nothing was injected to the places where a sweep injects.

#include <coweave/props/sweep/scout.hpp>
#include <coweave/props/sweep/sweep.hpp>
#include <coweave/traces/trace.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace coweave::detail {

/// One thing to try.
struct Injection {
  SweepPlace place;
  SweepWindow window = SweepWindow::here;
  std::size_t choice = 0;    ///< of the run: the choice to make otherwise ...
  std::uint32_t option = 1;  ///< ... and how
};

/// What there is to try around the run that `trace` tells, in which there were these `offers`; for
/// cancellations only into the tasks whose serial numbers are `marked`, into all if that is empty.
[[nodiscard]] std::vector<Injection> injections(SweepKind kind, const traces::Trace& trace,
                                                const std::vector<Offer>& offers,
                                                const std::vector<std::uint32_t>& marked, bool everywhere);

}  // namespace coweave::detail
