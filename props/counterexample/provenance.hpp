#pragma once

/// What a trace says of where its run comes from.

#include <coweave/props/options.hpp>
#include <coweave/traces/trace.hpp>

#include <cstdint>
#include <string>

namespace coweave::detail {

struct Provenance {
  std::string scenario;
  std::string policy;
  std::uint64_t seed;
  std::uint64_t run;

  /// Of run `run` of an exploration.
  Provenance(const Options& options, std::uint64_t run_in)
      : scenario(options.name), policy(options.policy), seed(options.seed), run(run_in) {}
  /// The same as of another trace.
  explicit Provenance(const traces::Trace& trace)
      : scenario(trace.scenario), policy(trace.policy), seed(trace.seed), run(trace.run) {}

  void put_on(traces::Trace& trace) const {
    trace.scenario = scenario;
    trace.policy = policy;
    trace.seed = seed;
    trace.run = run;
  }
};

}  // namespace coweave::detail
