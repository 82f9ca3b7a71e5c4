#include <coweave/props/trace_files.hpp>

#include <coweave/traces/file.hpp>

#include <filesystem>
#include <stdexcept>
#include <string>

namespace coweave::detail {

namespace {

/// "two users: bob" as the name of a file: "two-users-bob.json".
std::string file_name(const std::string& name) {
  std::string file;
  for (const char character : name) {
    const bool plain = (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
                       (character >= '0' && character <= '9');
    if (plain) {
      file += character;
    } else if (!file.empty() && file.back() != '-') {
      file += '-';
    }
  }
  while (file.ends_with('-')) file.pop_back();
  return (file.empty() ? "scenario" : file) + ".json";
}

}  // namespace

void write_finding(Exploration& result, const Options& options) {
  if (!result.finding || options.trace_dir.empty()) return;
  Finding& finding = *result.finding;
  std::error_code error;
  std::filesystem::create_directories(options.trace_dir, error);
  if (error)
    throw std::runtime_error("the directory " + options.trace_dir +
                             " for traces cannot be made: " + error.message());
  finding.trace_path =
      (std::filesystem::path(options.trace_dir) / file_name(finding.trace.scenario)).string();
  if (const auto problem = traces::write_trace_file(finding.trace, finding.trace_path))
    throw std::runtime_error("the trace could not be written: " + traces::to_string(*problem));
}

std::optional<traces::Trace> trace_to_replay(const Options& options, std::vector<std::string>& notes) {
  if (options.replay.empty()) return std::nullopt;
  traces::ReadResult read = traces::read_trace_file(options.replay);
  if (!read)
    throw std::runtime_error("the trace to replay, " + options.replay +
                             ", cannot be used: " + traces::to_string(read.error));
  if (read.trace->scenario == options.name) return std::move(read.trace);
  notes.push_back("the trace " + options.replay + " is of '" + read.trace->scenario +
                  "', and was not replayed");
  return std::nullopt;
}

}  // namespace coweave::detail
