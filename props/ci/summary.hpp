#pragma once

/// What explorations came to, in Markdown: for the page that a continuous integration shows of a job.

#include <coweave/props/explore.hpp>
#include <coweave/props/options.hpp>
#include <coweave/props/sweep/sweep.hpp>

#include <string>
#include <vector>

namespace coweave::detail {

/// An item of a list; of a failure with the whole report, folded.
[[nodiscard]] std::string in_markdown(const Exploration& result);
/// The same of a sweep: one item, with a line for each way in which it failed.
[[nodiscard]] std::string in_markdown(const Sweep& result);

/// Appends `text` to the file `options.summary`, if that is one, at once: several processes may do so.
/// Adds to `notes` if that cannot be done.
void summarise(const std::string& text, const Options& options, std::vector<std::string>& notes);

}  // namespace coweave::detail
