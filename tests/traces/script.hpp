#pragma once

/// Writes traces by hand, in the shape in which the simulation records them.

#include <coweave/traces/trace.hpp>

#include <cstdint>
#include <string>

namespace coweave::tests {

class Script {
 public:
  /// A run that passes, of the root task "main" spawned in `file`.
  explicit Script(const std::string& scenario, std::string file);

  /// What follows stands at this line.
  Script& at(std::uint32_t line);
  /// A step of `actor`, the `taken`-th of `options` handles that were ready (0: the first).
  Script& step(const std::string& actor, std::uint32_t options = 1, std::uint32_t taken = 0);
  Script& spawn(const std::string& id, const std::string& name);
  Script& operation(const std::string& verb, std::uint32_t object);
  Script& await(const std::string& text, std::uint32_t object = 0, const std::string& target = {});
  Script& wake(const std::string& target);
  Script& cancel(const std::string& target);
  /// Between two steps.
  Script& inject_cancel(const std::string& target);
  Script& note(const std::string& text);
  Script& finish(const std::string& how = "returned");
  Script& clock(std::int64_t time_ns);
  Script& draw(const std::string& label, std::uint32_t options, std::uint32_t taken);
  /// The id of a new object.
  std::uint32_t object(const std::string& kind, const std::string& name = {});
  /// The failure, at this line of the present actor or, without one, of the loop.
  Script& fail(traces::VerdictKind kind, const std::string& message, bool of_the_loop = false);
  /// `task` waits at `line` when the run ends.
  traces::Wait& wait(const std::string& task, const std::string& what, std::uint32_t line,
                     std::uint32_t object = 0, const std::string& holder = {});

  traces::Trace trace;

 private:
  traces::Event& event(traces::EventKind kind);

  std::string file_;
  std::string actor_ = "~";
  std::uint32_t line_ = 0;
  std::uint64_t step_ = 0;
  std::int64_t time_ns_ = 0;
};

}  // namespace coweave::tests
