#include <coweave/props/trace_files.hpp>

#include <coweave/props/ci/corpus.hpp>
#include <coweave/traces/file.hpp>

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
    std::fprintf(
        stderr,
        "coweave: the trace %s was not replayed: it is of '%s', and no exploration of that name was run\n",
        path_.c_str(), scenario_.c_str());
  }
  void replayed() {
    const std::lock_guard lock(mutex_);
    replayed_ = true;
  }
  void not_replayed(const std::string& path, const std::string& scenario) {
    const std::lock_guard lock(mutex_);
    path_ = path;
    scenario_ = scenario;
  }

 private:
  std::mutex mutex_;
  bool replayed_ = false;
  std::string path_;
  std::string scenario_;
};

ReplayWatch& replay_watch() {
  static ReplayWatch watch;
  return watch;
}

}  // namespace

/// A number makes up for what is lost of characters other than letters, digits and spaces, so that no two
/// scenarios share a file: "users: bob" is "users--bob-5e2ac0bd.json".
std::string trace_file_name(const std::string& name) {
  std::string file;
  std::uint32_t hash = 2166136261;  // FNV-1a
  bool lossy = name.empty();
  for (const char character : name) {
    hash = (hash ^ static_cast<unsigned char>(character)) * 16777619;
    const bool plain = (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
                       (character >= '0' && character <= '9') || character == '_';
    file += plain ? character : '-';
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

/// Whether the trace could be written.
bool write(Exploration& result, const std::string& path) {
  Finding& finding = *result.finding;
  if (const auto problem = traces::write_trace_file(finding.trace, path)) {
    result.notes.push_back("the trace could not be written: " + traces::to_string(*problem));
    return false;
  }
  finding.trace_path = path;
  if (!finding.picture.empty()) write_picture(result, path);
  return true;
}

}  // namespace

void write_finding(Exploration& result, const Options& options, const std::string& which) {
  if (!result.finding) return;
  const std::string name = options.name + (which.empty() ? "" : " " + which);
  if (!options.trace_dir.empty())
    write(result, (std::filesystem::path(options.trace_dir) / trace_file_name(name)).string());
  if (options.corpus.empty() || result.replayed) return;
  if (result.finding->trace.verdict.kind == traces::VerdictKind::nondeterminism) {
    result.notes.emplace_back("not added to the corpus, because it cannot be replayed");
  } else if (write(result, free_path(options.corpus, options.name))) {
    result.notes.push_back("added to the corpus, and replayed first from now on: " +
                           result.finding->trace_path);
  }
}

std::optional<traces::Trace> trace_to_replay(const Options& options, std::vector<std::string>& notes) {
  if (options.replay.empty()) return std::nullopt;
  traces::ReadResult read = traces::read_trace_file(options.replay);
  if (!read)
    throw std::runtime_error("the trace to replay, " + options.replay +
                             ", cannot be used: " + traces::to_string(read.error));
  if (read.trace->scenario == options.name) {
    replay_watch().replayed();
    return std::move(read.trace);
  }
  replay_watch().not_replayed(options.replay, read.trace->scenario);
  notes.push_back("the trace " + options.replay + " is of '" + read.trace->scenario +
                  "', and was not replayed");
  return std::nullopt;
}

}  // namespace coweave::detail
