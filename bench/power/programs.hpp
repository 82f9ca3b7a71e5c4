#pragma once

/// Small programs with one known bug each, and how long published tools took to find it.
///
/// The kernels are those of SCTBench (Thomson, Donaldson and Betts, TOPC 2016), in the sizes of the artefact
/// of SURW (Zhao, Wolff, Mathur and Roychoudhury, ASPLOS 2025), written anew from descriptions: every access
/// to a shared variable, every acquisition of a lock and every spawn is a scheduling point. The historic bugs
/// are those of historic.hpp, at asyncio's own scheduling points.

#include <coweave/props/options.hpp>
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
  std::string group;  ///< "kernels" or "historic"
  std::string name;
  sim::Scenario scenario;
  Options options;  ///< the bounds and scheduling points that it is run with
  Published published = {};
};

/// The kernels in the order of the published table, then the historic bugs in their buggy form.
[[nodiscard]] std::vector<Program> programs();

}  // namespace coweave::bench
