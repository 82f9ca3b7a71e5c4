#pragma once

/// Who is who: what renderings call the tasks and objects of a trace.

#include <coweave/traces/trace.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace coweave::traces {

/// Good for as long as the trace is. All that it gives is printable, and ASCII if so asked.
class Cast {
 public:
  Cast(const Trace& trace, bool ascii);

  /// Short: "bob"; "worker 0.3" if another task has that name too; "0.1" if it has none; "bob's timer";
  /// "the loop".
  [[nodiscard]] std::string name(std::string_view identity) const;

  /// With its identity: "bob (0.1)".
  [[nodiscard]] std::string full_name(std::string_view identity) const;

  /// "Lock 'left'"; "Lock 'left' #2" if another one is called so too; "Lock #2" if it has no name.
  [[nodiscard]] std::string object(std::uint32_t id) const;

  /// Without the kind if the name says enough: "'left'", "'jobs' (join)" for a part of the Queue 'jobs'.
  /// Spaces in the name are hard ones.
  [[nodiscard]] std::string short_object(std::uint32_t id) const;

  /// Whether the object is a part of another one, such as the Event inside a Queue for `join`.
  [[nodiscard]] bool is_inner(std::uint32_t id) const;

  /// Text of the program, fit to be shown.
  [[nodiscard]] std::string shown(std::string_view text) const;

  /// Null if the trace does not list it.
  [[nodiscard]] const Task* task(std::string_view identity) const;

 private:
  const Trace& trace_;
  bool ascii_;
  std::map<std::string_view, const Task*> tasks_;
  std::map<std::string_view, int> bearers_;                                 ///< of a task's name
  std::map<std::string_view, int> objects_;                                 ///< by name, without inner ones
  std::map<std::pair<std::string_view, std::string_view>, int> namesakes_;  ///< of an object's kind and name
};

/// "timer", "done callback #2": what a part of an identity after its "!" says.
[[nodiscard]] std::string role_in_words(std::string_view role);

}  // namespace coweave::traces
