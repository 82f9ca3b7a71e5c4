#include <coweave/traces/render_header.hpp>

#include <coweave/traces/cast.hpp>
#include <coweave/traces/text_width.hpp>
#include <coweave/traces/words.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace coweave::traces {

std::string render_header(const Trace& trace, const RenderOptions& options) {
  const Cast cast(trace, options.ascii);
  const std::string_view ellipsis = options.ascii ? ".." : "…";
  const auto width = static_cast<std::size_t>(std::max(options.width, 60));
  std::string scenario = clipped(cast.shown(trace.scenario), width, ellipsis);
  if (options.color) scenario = fmt::format("\x1b[1m{}\x1b[0m", scenario);
  std::string text = scenario + "\n";
  text += fmt::format("  policy {}, seed {}, run {}\n",
                      clipped(cast.shown(trace.policy), width / 2, ellipsis), trace.seed, trace.run);
  text += "  " + counted(trace.verdict.step, "step");
  if (!trace.tasks.empty()) text += ", " + counted(trace.tasks.size(), "task");
  text +=
      fmt::format(", {}, {}\n", counted(trace.events.size(), "event"), time_in_words(trace.verdict.time_ns));
  for (const Generated& generated : trace.generated) {
    for (const Argument& argument : generated.arguments) {
      const std::string line =
          fmt::format("with {} {}", cast.shown(argument.type), cast.shown(argument.value));
      for (const std::string& part : wrapped(line, width - 2, 2, 6, ellipsis)) text += "  " + part + "\n";
    }
  }
  return text;
}

}  // namespace coweave::traces
