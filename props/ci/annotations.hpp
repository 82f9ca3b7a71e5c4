#pragma once

/// Failures as annotations of GitHub Actions: remarks that stand beside the lines of the source that they are
/// about. (Workflow commands: `::error file=…,line=…,title=…::message`.)

#include <coweave/props/explore.hpp>
#include <coweave/props/options.hpp>

#include <string>

namespace coweave::detail {

/// The place that a failing trace is about: where it failed, or else the await that the task concerned stood
/// at, or else the last place that the trace tells. Not known if it tells none.
[[nodiscard]] traces::Site place_of_failure(const traces::Trace& trace);

/// A line each: an error where `result` failed, a notice at each of the two awaits whose order decides, and
/// at each further await of a deadlock. Empty if it has passed. `folder` is that of the project in its
/// repository, empty if it is the repository.
[[nodiscard]] std::string annotations(const Exploration& result, const std::string& folder);

/// Tells `annotations` on standard error, if `options` want it.
void annotate(const Exploration& result, const Options& options);

}  // namespace coweave::detail
