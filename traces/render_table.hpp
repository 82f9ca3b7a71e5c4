#pragma once

/// The interleaving of a run as a table.

#include <coweave/traces/render_options.hpp>
#include <coweave/traces/trace.hpp>

#include <string>

namespace coweave::traces {

/// Time runs downwards, each task has a column, and each event stands as a row in the column of its task,
/// with its site at the right. A step begins with the reason why it runs (who woke the task) and ends with
/// the reason why it stops (what the task awaits, and who holds it). Steps at which the schedule deviates
/// from asyncio's own order have a "*". What repeats itself is folded, and of a long run the middle is left
/// out.
///
/// If more tasks act than fit side by side, those that the verdict is about keep their columns and the others
/// share one; if the verdict is about none, or too many, the table has a single column for what happens. It
/// says so.
[[nodiscard]] std::string render_table(const Trace& trace, const RenderOptions& options = {});

}  // namespace coweave::traces
