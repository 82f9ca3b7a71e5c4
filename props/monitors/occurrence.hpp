#pragma once

/// What monitors see: something that happens in a run, at a step, to a task.

#include <coweave/core/note.hpp>
#include <coweave/core/observer.hpp>

#include <cstddef>
#include <cstdint>
#include <source_location>
#include <span>
#include <string>

namespace coweave::monitors {

struct Occurrence {
  enum class Kind : std::uint8_t {
    note,              ///< the program called `note`
    operation,         ///< a primitive of the layer was used
    spawned,           ///< a task was created
    finished,          ///< a task ended
    cancel_requested,  ///< somebody asked for the cancellation of a task
  };
  Kind kind = Kind::note;
  Verb verb = Verb::read;                  ///< of an operation
  const char* label = nullptr;             ///< of a note
  ObjectRef object = {};                   ///< of an operation
  std::span<const NoteValue> values = {};  ///< of a note
  /// Whoever makes the note or does the operation; else the task that was created, ended or is to be
  /// cancelled. Null: no task, but a callback or the body of a `to_thread`.
  const TaskBase* task = nullptr;
  std::source_location at = {};  ///< of a note, a request to cancel, or an operation that is not awaited
  bool in_thread = false;        ///< it is the body of a `to_thread`

  /// Value number `index` from 0, null if there are not so many.
  [[nodiscard]] const NoteValue* value(std::size_t index) const noexcept {
    return index < values.size() ? &values[index] : nullptr;
  }
};

/// Who, and what, on one line: "alice: ships 12", "alice: put on Queue 'jobs'", "alice: finished".
[[nodiscard]] std::string to_string(const Occurrence& occurrence);

}  // namespace coweave::monitors
