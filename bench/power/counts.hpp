#pragma once

/// How many executions exhaustive search with partial-order reduction takes, against what is published, and
/// how long.

namespace coweave::bench {

/// Prints both. False: a number of executions is another than the one that was published.
bool compare_counts();

}  // namespace coweave::bench
