#pragma once

/// What explorations came to, in Markdown: for the page that a continuous integration shows of a job.

#include <coweave/props/explore.hpp>
#include <coweave/props/options.hpp>

#include <string>

namespace coweave::detail {

/// An item of a list; of a failure with the whole report, folded.
[[nodiscard]] std::string in_markdown(const Exploration& result);

/// Appends `in_markdown` to the file `options.summary`, if that is one, at once: several processes may do so.
/// Notes if that cannot be done.
void summarise(Exploration& result, const Options& options);

}  // namespace coweave::detail
