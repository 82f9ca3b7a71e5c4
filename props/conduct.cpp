#include <coweave/props/conduct.hpp>

#include <coweave/props/ci/annotations.hpp>
#include <coweave/props/ci/corpus.hpp>
#include <coweave/props/ci/summary.hpp>
#include <coweave/props/trace_files.hpp>

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace coweave::detail {

namespace {

/// The corpus first, and if none of its traces fails, the search.
Exploration explore_anew(const Conducted& kind, const Options& options) {
  Exploration known = replay_corpus(
      options.corpus, options.name, kind.sweep,
      [&](const traces::Trace& trace, ReplayMode mode) { return kind.replay(trace, mode, options); });
  if (!known.passed()) return known;
  Exploration result = kind.search(options);
  result.corpus_replayed = known.corpus_replayed;
  result.corpus_in_part = known.corpus_in_part;
  return result;
}

}  // namespace

Exploration conduct(const Conducted& kind, Options options) {
  options = with_environment(std::move(options));
  if (options.name.empty()) throw std::invalid_argument("an exploration needs a name that is not empty");
  options.corpus = corpus_of(options);
  make_trace_dir(options);
  std::vector<std::string> notes;
  const std::optional<traces::Trace> trace = trace_to_replay(options, kind.sweep, notes);
  Exploration result =
      trace ? kind.replay(*trace, options.replay_mode, options) : explore_anew(kind, options);
  result.notes.insert(result.notes.begin(), notes.begin(), notes.end());
  write_finding(result, options);
  annotate(result, options);
  if (kind.sweep == traces::SweepKind::none) summarise(in_markdown(result), options, result.notes);
  return result;
}

}  // namespace coweave::detail
