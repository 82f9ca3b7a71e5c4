#include <coweave/traces/render_header.hpp>

#include <coweave/traces/cast.hpp>
#include <coweave/traces/text_width.hpp>
#include <coweave/traces/words.hpp>

#include <fmt/format.h>

namespace coweave::traces {

std::string render_header(const Trace& trace, const RenderOptions& options) {
  const Cast cast(trace, options.ascii);
  const Page page{options.columns(), 2, 2, 6, options.ellipsis()};
  std::string scenario = clipped(cast.shown(trace.scenario), page.width, page.ellipsis);
  if (options.color) scenario = fmt::format("\x1b[1m{}\x1b[0m", scenario);
  std::string text = scenario + "\n";
  text += paragraph(
      fmt::format("policy {}, seed {}, run {}", cast.shown(trace.policy), trace.seed, trace.run), page);
  std::string amount = counted(trace.verdict.step, "step");
  if (!trace.tasks.empty()) amount += ", " + counted(trace.tasks.size(), "task");
  amount += ", " + counted(trace.events.size(), "event");
  if (trace.verdict.time_ns != 0)
    amount += fmt::format(", {} of virtual time", time_in_words(trace.verdict.time_ns));
  text += paragraph(amount, page);
  for (const Generated& generated : trace.generated) {
    for (const Argument& argument : generated.arguments)
      text +=
          paragraph(fmt::format("with {} {}", cast.shown(argument.type), cast.shown(argument.value)), page);
  }
  return text;
}

}  // namespace coweave::traces
