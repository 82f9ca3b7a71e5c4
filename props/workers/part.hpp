#pragma once

/// What whoever does a piece of an exploration is told, and says of it, as messages between processes.

#include <coweave/props/coverage/census.hpp>
#include <coweave/props/coverage/mark_counter.hpp>
#include <coweave/sim/choice.hpp>
#include <coweave/sim/search/search.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace coweave::detail {

/// What one run of a part has seen of one mark or fault point.
struct MarksOfRun {
  std::uint64_t run;   ///< of the part, from 0; the run that came then is behind the others
  std::uint64_t mark;  ///< of the marks of the part, from 0
  std::uint64_t seen;
  std::uint64_t held;
  std::uint64_t armed;
};

/// Some runs of a piece that passed, in their order, and what came then.
struct Part {
  enum class Then : std::uint8_t {
    more,     ///< another part of the piece
    end,      ///< the end of the piece
    failed,   ///< a run that failed
    another,  ///< a run that was another the second time
    blocked,  ///< a step that took too much real time
    crashed,  ///< the end of the process
  };
  std::uint64_t piece = 0;
  std::vector<RunRecord> runs;
  Then then = Then::more;
  bool exhausted = false;                   ///< it has come to its end because there is no further run
  std::string left = {};                    ///< what its search has left, at its end
  sim::Schedule schedule = {};              ///< of the run that came then, if one did
  std::uint64_t steps = 0;                  ///< its steps
  bool kept = false;                        ///< of one that ended the process: its choices are known
  std::vector<Counted> marks = {};          ///< that are spoken of; their own counts say nothing
  std::vector<MarksOfRun> marks_seen = {};  ///< by the runs, in their order
};

[[nodiscard]] std::string to_message(const sim::Piece& piece);
/// The next one that comes through a pipe from the parent.
[[nodiscard]] sim::Piece await_piece(int pipe);

[[nodiscard]] std::string to_message(const Part& part);
/// Whether its choices were kept is no part of the message: who sends one has not ended.
[[nodiscard]] Part part_of_message(const char* from);

}  // namespace coweave::detail
