#include <coweave/tools/cli.hpp>

#include <coweave/tools/commands.hpp>
#include <coweave/tools/spelling.hpp>
#include <coweave/traces/printable.hpp>
#include <coweave/traces/trace.hpp>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <functional>

#ifndef COWEAVE_VERSION
#define COWEAVE_VERSION "(unknown version)"
#endif

namespace coweave::tools {

namespace {

constexpr const char* examples = R"(A trace is what a failing exploration leaves behind, and what replays it:
  COWEAVE_TRACE_DIR=traces ./your_tests           writes a trace of each failure
  COWEAVE_REPLAY=traces/bank.json ./your_tests    runs a failure again

Examples:
  coweave show traces/bank.json                the failure, told as a table
  coweave show --ascii --width 80 bank.json    for a narrow log
  git show HEAD:bank.json | coweave show -     "-" is standard input
  coweave diff recorded.json replayed.json     where two runs part
  coweave validate traces/corpus/*.json        in continuous integration

Exit codes:
  0   done: valid, or equal
  1   a trace is not valid, or two traces differ
  2   the arguments make no sense
  3   a file cannot be read
  70  a defect of coweave, or output that cannot be written

docs/trace-format.md describes the traces.)";

constexpr const char* how_to_read = R"(How to read the table:
  Time runs downwards. Each task has a column, with its identity below its name: 0.2 is the third task
  that the root task, 0, spawned. The last column is where it happens, file:line.
  *6  the schedule deviates from asyncio's own order: here, or with what is injected here, it goes wrong
  ▸   a task runs, and why: it starts, or it was woken by somebody    (> with --ascii)
  ◦   it suspends, and on what                                        (o)
  ✓   it returns                                                      (+)
  !   a cancellation, or an end with an exception
  ✗   the failure                                                     (X)
  ⋮   what repeats itself, or the middle of a long run; --all shows it

Example:
  coweave show --width 100 traces/bank.json)";

/// Everything that the arguments can say.
struct Request {
  std::string path;
  std::string other_path;
  std::vector<std::string> paths;
  traces::RenderOptions options;
  std::string color = "auto";
  bool all = false;
  std::function<ExitCode(Streams)> command;
};

void add_show(CLI::App& app, Request& request, const Terminal& terminal) {
  CLI::App& show_app =
      *app.add_subcommand("show", "Tell a failure: the schedule, the interleaving, the verdict");
  show_app.add_option("trace", request.path, "A trace file, or - for standard input")->required();
  show_app.add_option("--width", request.options.width, "Columns of the output")
      ->check(CLI::Range(60, 1000))
      ->default_val(std::clamp(terminal.width, 60, 1000));
  show_app.add_flag("--ascii", request.options.ascii, "Nothing but ASCII");
  show_app.add_flag("--all", request.all, "Every step: nothing folded, nothing left out");
  show_app.add_option("--color", request.color, "auto: on a terminal, unless NO_COLOR is set")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->default_val("auto");
  show_app.footer(how_to_read);
  show_app.callback([&] {
    request.options.color = request.color == "always" || (request.color == "auto" && terminal.color);
    if (request.all) request.options.steps_max = 0;
    request.options.fold = !request.all;
    request.command = [&](Streams streams) { return show(request.path, request.options, streams); };
  });
}

void add_validate(CLI::App& app, Request& request) {
  CLI::App& validate_app =
      *app.add_subcommand("validate", "Say whether traces are valid, and if not, where and why");
  validate_app.add_option("traces", request.paths, "Trace files, or - for standard input")->required();
  validate_app.footer("Example:\n  coweave validate traces/corpus/*.json");
  validate_app.callback([&] {
    if (std::count(request.paths.begin(), request.paths.end(), "-") > 1)
      throw CLI::ValidationError("traces", "standard input can be one of them, once");
    request.command = [&](Streams streams) { return validate(request.paths, streams); };
  });
}

void add_diff(CLI::App& app, Request& request) {
  CLI::App& diff_app = *app.add_subcommand("diff", "Tell where two runs part");
  diff_app.add_option("left", request.path, "A trace file, or - for standard input")->required();
  diff_app.add_option("right", request.other_path, "Another one")->required();
  diff_app.add_flag("--ascii", request.options.ascii, "Nothing but ASCII");
  diff_app.footer("Example:\n  coweave diff recorded.json replayed.json");
  diff_app.callback([&] {
    if (request.path == "-" && request.other_path == "-")
      throw CLI::ValidationError("right", "standard input can be one of the two, not both");
    request.command = [&](Streams streams) {
      return diff(request.path, request.other_path, request.options.ascii, streams);
    };
  });
}

/// What somebody who wrote `args` may have meant; empty if there is no telling.
std::string hint(const CLI::App& app, const std::vector<std::string>& args) {
  std::vector<std::string> flags;
  std::vector<std::string> commands;
  const CLI::App* active = &app;
  for (const CLI::App* command : app.get_subcommands({})) {
    commands.push_back(command->get_name());
    if (!args.empty() && args.front() == command->get_name()) active = command;
  }
  for (const CLI::Option* option : active->get_options()) {
    for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
  }
  std::string text;
  if (active == &app && !args.empty() && !args.front().starts_with("-")) {
    const std::string nearest = nearest_spelling(args.front(), commands);
    if (!nearest.empty() && nearest != args.front()) text = nearest;
  }
  for (const std::string& arg : args) {
    const std::string flag = arg.substr(0, arg.find('='));
    if (!flag.starts_with("--") || std::find(flags.begin(), flags.end(), flag) != flags.end()) continue;
    const std::string nearest = nearest_spelling(flag, flags);
    if (!nearest.empty()) text = nearest;
  }
  return text.empty() ? "" : fmt::format("Did you mean {}?\n", text);
}

ExitCode run(std::vector<std::string> args, Streams streams, const Terminal& terminal) {
  CLI::App app("coweave tells what happened in a recorded run of C++20 coroutines.", "coweave");
  app.set_version_flag("--version", fmt::format("coweave {}, trace format {} version {}", COWEAVE_VERSION,
                                                traces::trace_format, traces::trace_version));
  app.require_subcommand(1);
  app.footer(examples);
  Request request;
  add_show(app, request, terminal);
  add_validate(app, request);
  add_diff(app, request);
  std::vector<std::string> reversed(args.rbegin(), args.rend());  // as CLI11 wants them
  try {
    app.parse(reversed);
  } catch (const CLI::Success& asked) {  // --help, --version
    app.exit(asked, streams.out, streams.err);
    return ExitCode::good;
  } catch (const CLI::ParseError& error) {
    const std::string command =
        app.get_subcommands().empty() ? "" : " " + app.get_subcommands()[0]->get_name();
    const bool unknown = !args.empty() && !args.front().starts_with('-') && command.empty();
    const std::string what = unknown ? fmt::format("there is no command '{}'", args.front()) : error.what();
    streams.err << "coweave" << command << ": " << traces::printable(what) << "\n"
                << hint(app, args) << "Try 'coweave" << command << " --help'.\n";
    return ExitCode::usage;
  }
  return request.command(streams);
}

}  // namespace

int run_cli(std::vector<std::string> args, std::istream& in, std::ostream& out, std::ostream& err,
            const Terminal& terminal) {
  ExitCode code = ExitCode::internal;
  try {
    code = run(std::move(args), {in, out, err}, terminal);
    if (!out.flush()) {
      err << "coweave: the output cannot be written\n";
      code = ExitCode::internal;
    }
  } catch (const std::exception& error) {
    err << "coweave: this is a defect of coweave: " << error.what() << "\n";
  }
  return static_cast<int>(code);
}

}  // namespace coweave::tools
