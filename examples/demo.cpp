/// The main job, whole: explores every example, prints the smallest interleaving that fails, writes its
/// trace, and shows that the fix survives. `demo [--trace-dir DIR] [example…]`

#include <coweave/examples/example.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

namespace {

using coweave::Exploration;
using coweave::Options;
using examples::Example;

constexpr std::uint64_t runs_of_a_fix = 100'000;

void print(const std::string& text) { std::fputs(text.c_str(), stdout); }

bool show(const Example& example, const std::string& trace_dir) {
  print("\n=== " + std::string(example.name) + ": " + example.story + "\n\n");
  Options options = examples::options(example);
  options.trace_dir = trace_dir;
  const Exploration buggy = coweave::explore(example.buggy, options);
  print(buggy.report());
  if (buggy.replayed) return buggy.passed();
  options.runs = runs_of_a_fix;
  options.trace_dir.clear();
  const Exploration fixed = coweave::explore(example.fixed, options);
  print("\nThe fix: " + fixed.report());
  return !buggy.passed() && fixed.passed();
}

int usage(const std::string& error) {
  std::string names;
  for (const Example& example : examples::all()) names += std::string(" ") + example.name;
  std::fprintf(stderr, "demo: %s\nusage: demo [--trace-dir DIR] [example...]\nexamples:%s\n", error.c_str(),
               names.c_str());
  return 2;
}

int run(const std::vector<std::string>& arguments) {
  std::string trace_dir = "build/traces";
  std::vector<const Example*> chosen;
  for (std::size_t index = 0; index < arguments.size(); ++index) {
    const std::string& argument = arguments[index];
    if (argument == "--trace-dir") {
      if (index + 1 == arguments.size()) return usage("--trace-dir takes a directory");
      trace_dir = arguments[++index];
      continue;
    }
    const auto all = examples::all();
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const Example& example) { return argument == example.name; });
    if (found == all.end()) return usage("there is no example or option '" + argument + "'");
    chosen.push_back(&*found);
  }
  if (chosen.empty()) {
    for (const Example& example : examples::all()) chosen.push_back(&example);
  }
  bool as_promised = true;
  for (const Example* example : chosen) as_promised = show(*example, trace_dir) && as_promised;
  return as_promised ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "demo: %s\n", error.what());
    return 2;
  }
}
