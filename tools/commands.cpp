#include <coweave/tools/commands.hpp>

#include <coweave/traces/diff_traces.hpp>
#include <coweave/traces/file.hpp>
#include <coweave/traces/printable.hpp>
#include <coweave/traces/read.hpp>
#include <coweave/traces/render_choices.hpp>
#include <coweave/traces/render_header.hpp>
#include <coweave/traces/render_table.hpp>
#include <coweave/traces/render_verdict.hpp>
#include <coweave/traces/words.hpp>

#include <algorithm>

namespace coweave::tools {

namespace {

traces::ReadResult read(const std::string& path, std::istream& in) {
  return path == "-" ? traces::read_trace(in) : traces::read_trace_file(path);
}

std::string name_of(const std::string& path) {
  return path == "-" ? "standard input" : traces::printable(path);
}

/// Says why there is no trace.
ExitCode complain(const std::string& path, const traces::ReadError& error, std::ostream& err) {
  const bool is_unread = error.kind == traces::ReadError::Kind::file;
  err << "coweave: " << name_of(path) << ": " << (is_unread ? error.message : to_string(error)) << "\n";
  return is_unread ? ExitCode::no_input : ExitCode::finding;
}

}  // namespace

ExitCode show(const std::string& path, const traces::RenderOptions& options, Streams streams) {
  const traces::ReadResult result = read(path, streams.in);
  if (!result) return complain(path, result.error, streams.err);
  const traces::Trace& trace = *result.trace;
  streams.out << render_header(trace, options) << "\n"
              << render_choices(trace, options) << "\n"
              << render_table(trace, options) << "\n"
              << render_verdict(trace, options);
  if (path != "-" && trace.verdict.kind != traces::VerdictKind::passed) {
    streams.out << "\nTo replay it, run the program that recorded it with this in its environment:\n"
                << "  COWEAVE_REPLAY=" << name_of(path) << "\n";
  }
  return ExitCode::good;
}

ExitCode validate(const std::vector<std::string>& paths, Streams streams) {
  ExitCode worst = ExitCode::good;
  for (const std::string& path : paths) {
    const traces::ReadResult result = read(path, streams.in);
    if (result) {
      const traces::Trace& trace = *result.trace;
      streams.out << name_of(path) << ": valid: " << traces::counted(trace.choices.size(), "choice") << ", "
                  << traces::counted(trace.events.size(), "event") << ", " << in_words(trace.verdict.kind)
                  << "\n";
    } else {
      worst = std::max(worst, complain(path, result.error, streams.err));
    }
  }
  return worst;
}

ExitCode diff(const std::string& left, const std::string& right, bool ascii, Streams streams) {
  const traces::ReadResult left_result = read(left, streams.in);
  if (!left_result) return complain(left, left_result.error, streams.err);
  const traces::ReadResult right_result = read(right, streams.in);
  if (!right_result) return complain(right, right_result.error, streams.err);
  const std::string left_name = name_of(left);
  const std::string right_name = name_of(right);
  streams.out << diff_traces(*left_result.trace, *right_result.trace, {left_name, right_name}, ascii);
  return *left_result.trace == *right_result.trace ? ExitCode::good : ExitCode::finding;
}

}  // namespace coweave::tools
