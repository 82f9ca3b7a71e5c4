#include <coweave/props/ci/corpus.hpp>

#include <coweave/props/trace_files.hpp>
#include <coweave/traces/file.hpp>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <stdexcept>
#include <system_error>
#include <utility>
#include <vector>

namespace coweave {

namespace {

namespace fs = std::filesystem;

std::string& corpus_of_process() {
  static std::string folder;
  return folder;
}

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw std::runtime_error("the trace " + path + " of the corpus " + why);
}

/// Of `folder`, which need not exist, in order of their names.
std::vector<std::string> trace_paths(const std::string& folder) {
  std::error_code error;
  std::vector<std::string> paths;
  if (!fs::exists(folder, error) && !error) return paths;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->path().extension() == ".json") paths.push_back(entry->path().string());
  }
  if (error) throw std::runtime_error("the corpus " + folder + " cannot be read: " + error.message());
  std::sort(paths.begin(), paths.end());
  return paths;
}

traces::Trace read(const std::string& path) {
  traces::ReadResult read = traces::read_trace_file(path);
  if (!read) refuse(path, "cannot be used: " + traces::to_string(read.error));
  return std::move(*read.trace);
}

/// A trace without events has nothing to tell its tasks by.
ReplayMode mode_for(const traces::Trace& trace) {
  return trace.events.empty() ? ReplayMode::strict : ReplayMode::tolerant;
}

}  // namespace

void use_corpus(std::string folder) { corpus_of_process() = std::move(folder); }

namespace detail {

std::string corpus_of(const Options& options) {
  if (options.corpus == no_corpus) return {};
  const std::string& folder = options.corpus.empty() ? corpus_of_process() : options.corpus;
  std::error_code error;
  const fs::path present = fs::current_path(error);
  if (error || !folder.starts_with(present.string() + "/")) return folder;
  return fs::path(folder).lexically_relative(present).string();  // what a person would write
}

Exploration replay_corpus(const std::string& folder, const std::string& name, const ReplayOne& replay) {
  Exploration all;
  all.name = name;
  if (folder.empty()) return all;
  for (const std::string& path : trace_paths(folder)) {
    const traces::Trace trace = read(path);
    if (trace.scenario != name) continue;
    Exploration one;
    try {
      one = replay(trace, mode_for(trace));
    } catch (const std::exception& error) {
      refuse(path,
             std::string("cannot be replayed: ") + error.what() + ". Delete it, or record the failure again");
    }
    ++all.corpus_replayed;
    if (!one.notes.empty()) ++all.corpus_in_part;
    if (one.passed()) continue;
    one.corpus_replayed = all.corpus_replayed;
    one.corpus_in_part = all.corpus_in_part;
    one.recorded = path;
    return one;
  }
  return all;
}

std::string free_path(const std::string& folder, const std::string& name) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    throw std::runtime_error("the folder " + folder + " of the corpus cannot be made: " + error.message());
  const fs::path first = fs::path(folder) / trace_file_name(name);
  fs::path path = first;
  for (int number = 2; fs::exists(path, error); ++number)
    path = fs::path(folder) / (first.stem().string() + "-" + std::to_string(number) + ".json");
  return path.string();
}

}  // namespace detail
}  // namespace coweave
