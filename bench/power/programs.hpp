#pragma once

/// Small programs with one known bug each, and how long published tools took to find it.
///
/// They are kernels of SCTBench (Thomson, Donaldson and Betts, TOPC 2016), in the sizes of the artefact of
/// SURW (Zhao, Wolff, Mathur and Roychoudhury, ASPLOS 2025), written anew from descriptions: every access to
/// a shared variable, every acquisition of a lock and every spawn is a scheduling point.

#include <coweave/sim/simulation.hpp>

#include <optional>
#include <string>
#include <vector>

namespace coweave::bench {

/// Mean runs to the first failure, of those of 20 trials of 10,000 runs that had one; nothing: none had, or
/// it was not published.
struct Published {
  std::optional<double> surw;
  std::optional<double> urw;
  std::optional<double> pct3;
  std::optional<double> pos;
  std::optional<double> random;
};

struct Program {
  std::string name;
  sim::Scenario scenario;
  Published published;
};

/// In the order of the published table.
[[nodiscard]] std::vector<Program> programs();

}  // namespace coweave::bench
