#include <coweave/props/trace_files.hpp>

#include <coweave/props/ci/corpus.hpp>
#include <coweave/traces/file.hpp>
#include <coweave/traces/names.hpp>

#include <fmt/format.h>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <stdexcept>
#include <string>

namespace coweave::detail {

namespace {

/// Tells at the end of the process if a trace was to be replayed and no exploration was of its scenario.
class ReplayWatch {
 public:
  ~ReplayWatch() {
    if (replayed_ || path_.empty()) return;
    std::fprintf(stderr,
                 "coweave: the trace %s was not replayed: it is of %s, and none of that name was run\n",
                 path_.c_str(), origin_.c_str());
  }
  void replayed() {
    const std::lock_guard lock(mutex_);
    replayed_ = true;
  }
  void not_replayed(const std::string& path, const std::string& origin) {
    const std::lock_guard lock(mutex_);
    path_ = path;
    origin_ = origin;
  }

 private:
  std::mutex mutex_;
  bool replayed_ = false;
  std::string path_;
  std::string origin_;
};

/// "an exploration of 'bank'", "a sweep over cancellation of 'bank'".
std::string origin_of(const traces::Trace& trace) {
  const traces::SweepKind sweep = trace.settings.sweep;
  const std::string what =
      sweep == traces::SweepKind::none ? "an exploration" : "a sweep over " + std::string(to_string(sweep));
  return what + " of '" + trace.scenario + "'";
}

ReplayWatch& replay_watch() {
  static ReplayWatch watch;
  return watch;
}

}  // namespace

/// A number makes up for what is lost of characters other than letters, digits and spaces, and of a long
/// name, so that no two scenarios share a file: "users: bob" is "users--bob-5e2ac0bd.json".
std::string trace_file_name(const std::string& name) {
  constexpr std::size_t shown_max = 200;  // file systems take 255 bytes, the number and endings included
  std::string file;
  std::uint32_t hash = 2166136261;  // FNV-1a
  bool lossy = name.empty() || name.size() > shown_max;
  for (const char character : name) {
    hash = (hash ^ static_cast<unsigned char>(character)) * 16777619;
    const bool plain = (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
                       (character >= '0' && character <= '9') || character == '_';
    if (file.size() < shown_max) file += plain ? character : '-';
    lossy = lossy || (!plain && character != ' ');
  }
  return lossy ? fmt::format("{}-{:08x}.json", file, hash) : file + ".json";
}

void make_trace_dir(const Options& options) {
  if (options.trace_dir.empty()) return;
  std::error_code error;
  std::filesystem::create_directories(options.trace_dir, error);
  if (error)
    throw std::runtime_error("the directory " + options.trace_dir +
                             " for traces cannot be made: " + error.message());
}

namespace {

/// Beside the trace at `trace_path`.
void write_picture(Exploration& result, const std::string& trace_path) {
  const std::string path = std::filesystem::path(trace_path).replace_extension(".svg").string();
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << result.finding->picture;
  file.close();
  if (file) {
    result.finding->picture_path = path;
  } else {
    result.notes.push_back("the picture " + path + " could not be written");
  }
}

void write(Exploration& result, const std::string& path) {
  Finding& finding = *result.finding;
  if (const auto problem = traces::write_trace_file(finding.trace, path)) {
    result.notes.push_back("the trace could not be written: " + traces::to_string(*problem));
    return;
  }
  finding.trace_path = path;
  if (!finding.picture.empty()) write_picture(result, path);
}

}  // namespace

void write_finding(Exploration& result, const Options& options, const std::string& which) {
  if (!result.finding) return;
  if (!options.trace_dir.empty()) {
    std::filesystem::path file(trace_file_name(options.name));
    if (!which.empty()) file.replace_extension(which + ".json");
    write(result, (std::filesystem::path(options.trace_dir) / file).string());
  }
  if (options.corpus.empty() || result.replayed) return;
  if (result.finding->trace.verdict.kind == traces::VerdictKind::nondeterminism) {
    result.notes.emplace_back("not added to the corpus, because it cannot be replayed");
    return;
  }
  try {
    const Added added = add_to_corpus(options.corpus, result.finding->trace);
    result.notes.push_back(
        (added.is_new ? "added to the corpus, and replayed first from now on: " : "is in the corpus: ") +
        added.path);
    result.finding->trace_path = added.path;
    if (!result.finding->picture.empty()) write_picture(result, added.path);
  } catch (const std::runtime_error& error) {
    result.notes.emplace_back(error.what());
  }
}

std::optional<traces::Trace> trace_to_replay(const Options& options, traces::SweepKind sweep,
                                             std::vector<std::string>& notes) {
  if (options.replay.empty()) return std::nullopt;
  traces::ReadResult read = traces::read_trace_file(options.replay);
  if (!read)
    throw std::runtime_error("the trace to replay, " + options.replay +
                             ", cannot be used: " + traces::to_string(read.error));
  if (read.trace->scenario == options.name && read.trace->settings.sweep == sweep) {
    replay_watch().replayed();
    return std::move(read.trace);
  }
  replay_watch().not_replayed(options.replay, origin_of(*read.trace));
  notes.push_back("the trace " + options.replay + " is of " + origin_of(*read.trace) +
                  ", and was not replayed");
  return std::nullopt;
}

}  // namespace coweave::detail
