#include <coweave/props/ci/corpus.hpp>

#include <coweave/props/trace_files.hpp>
#include <coweave/traces/file.hpp>
#include <coweave/traces/write.hpp>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>
#include <unistd.h>
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

[[noreturn]] void refuse_folder(const std::string& folder, const std::string& why) {
  throw std::runtime_error("the corpus " + folder + " " + why);
}

bool has_bytes(const fs::path& path, const std::string& bytes) {
  std::ifstream file(path, std::ios::binary);
  return file && std::string(std::istreambuf_iterator<char>(file), {}) == bytes;
}

/// Of `folder`, which need not exist, in order of their names.
std::vector<std::string> trace_paths(const std::string& folder) {
  std::error_code error;
  std::vector<std::string> paths;
  if (!fs::exists(folder, error) && !error) return paths;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->path().extension() == ".json") paths.push_back(entry->path().string());
  }
  if (error) refuse_folder(folder, "cannot be read: " + error.message());
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

Exploration replay_corpus(const std::string& folder, const std::string& name, traces::SweepKind sweep,
                          const ReplayOne& replay) {
  Exploration all;
  all.name = name;
  if (folder.empty()) return all;
  for (const std::string& path : trace_paths(folder)) {
    const traces::Trace trace = read(path);
    if (trace.scenario != name || trace.settings.sweep != sweep) continue;
    Exploration one;
    try {
      one = replay(trace, mode_for(trace));
    } catch (const std::exception& error) {
      refuse(path,
             std::string("cannot be replayed: ") + error.what() + ". Delete it, or record the failure again");
    }
    ++all.corpus_replayed;
    all.corpus_in_part += one.corpus_in_part;
    if (one.passed()) continue;
    one.corpus_replayed = all.corpus_replayed;
    one.corpus_in_part = all.corpus_in_part;
    one.recorded = path;
    return one;
  }
  return all;
}

Added add_to_corpus(const std::string& folder, const traces::Trace& trace) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) refuse_folder(folder, "cannot be made: " + error.message());
  const fs::path first = fs::path(folder) / trace_file_name(trace.scenario);
  const fs::path fresh = first.string() + "." + std::to_string(::getpid());
  if (const auto problem = traces::write_trace_file(trace, fresh))
    refuse_folder(folder, "takes no trace: " + traces::to_string(*problem));
  const std::string bytes = traces::write_trace(trace);
  fs::path path = first;
  bool is_new = false;
  for (int number = 2; !has_bytes(path, bytes); ++number) {
    fs::create_hard_link(fresh, path, error);  // takes the place of nothing, unlike a renaming
    is_new = !error;
    if (error != std::errc::file_exists) break;
    path = fs::path(folder) / (first.stem().string() + "-" + std::to_string(number) + ".json");
  }
  std::error_code ignored;
  fs::remove(fresh, ignored);
  if (error && error != std::errc::file_exists) refuse_folder(folder, "takes no trace: " + error.message());
  return {path.string(), is_new};
}

}  // namespace detail
}  // namespace coweave
