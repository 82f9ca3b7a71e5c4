#include <coweave/tests/approve.hpp>
#include <coweave/tests/traces/random_trace.hpp>
#include <coweave/tests/traces/samples.hpp>
#include <coweave/tests/traces/script.hpp>
#include <coweave/traces/render_choices.hpp>
#include <coweave/traces/render_header.hpp>
#include <coweave/traces/render_table.hpp>
#include <coweave/traces/render_verdict.hpp>
#include <coweave/traces/text_width.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>

using namespace coweave::traces;
using namespace coweave;

namespace {

/// As `coweave show` puts it together.
std::string shown(const Trace& trace, const RenderOptions& options) {
  return render_header(trace, options) + "\n" + render_choices(trace, options) + "\n" +
         render_table(trace, options) + "\n" + render_verdict(trace, options);
}

std::string compared(const std::string& name, const std::string& text) {
  return tests::compare_with_approved("traces/approved/" + name + ".txt", text);
}

RenderOptions with_width(int width) {
  RenderOptions options;
  options.width = width;
  return options;
}

/// The widest line of `text`, in columns.
std::size_t widest(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    width = std::max(width, width_of(line));
    text.remove_prefix(line.size() + 1);
  }
  return width;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char character) {
    return character == '\n' || (character >= ' ' && character <= '~');
  });
}

}  // namespace

TEST_CASE("render: every sample is told as approved") {
  for (const tests::Sample& sample : tests::samples())
    CHECK(compared(sample.name, shown(sample.trace, with_width(100))) == "");
}

TEST_CASE("render: in ASCII and narrow it is told as approved") {
  for (const char* name : {"philosophers", "cancellation", "rude"}) {
    RenderOptions options = with_width(72);
    options.ascii = true;
    CHECK(compared(std::string(name) + "_ascii_72", shown(tests::sample(name), options)) == "");
  }
}

TEST_CASE("render: without folding every step is told") {
  RenderOptions options = with_width(100);
  options.fold = false;
  options.steps_max = 0;
  const std::string text = render_table(tests::sample("livelock"), options);
  CHECK(text.find("  500 │") != std::string::npos);
  CHECK(text.find("the same") == std::string::npos);
  CHECK(std::count(text.begin(), text.end(), '\n') > 1'000);
}

TEST_CASE("render: of a long run the middle is left out") {
  tests::Script script("long", "long.cpp");
  script.step("0");
  for (std::uint32_t step = 1; step < 200; ++step)
    script.step("0").at(step).note("says " + std::to_string(step * 7));
  RenderOptions options = with_width(80);
  options.steps_max = 10;
  CHECK(compared("long_run", render_table(script.trace, options)) == "");
}

TEST_CASE("render: colours are ANSI sequences around whole lines, and nothing else changes") {
  const Trace& trace = tests::sample("lost_update");
  RenderOptions options = with_width(100);
  const std::string plain = shown(trace, options);
  options.color = true;
  std::string colored = shown(trace, options);
  CHECK(plain.find('\x1b') == std::string::npos);
  CHECK(colored.find("\x1b[1;31m") != std::string::npos);
  for (std::size_t at = colored.find('\x1b'); at != std::string::npos; at = colored.find('\x1b'))
    colored.erase(at, colored.find('m', at) + 1 - at);
  CHECK(colored == plain);
}

TEST_CASE("render: no line is wider than the terminal, and ASCII is ASCII, whatever the trace") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const Trace trace = tests::random_trace(seed);
    CAPTURE(seed);
    for (const int width : {60, 97}) {
      REQUIRE(widest(shown(trace, with_width(width))) <= static_cast<std::size_t>(width));
      RenderOptions options = with_width(width);
      options.ascii = true;
      REQUIRE(is_ascii(shown(trace, options)));
    }
  }
  for (const tests::Sample& sample : tests::samples()) {
    CAPTURE(sample.name);
    for (int width = 60; width <= 140; ++width) {
      CAPTURE(width);
      REQUIRE(widest(shown(sample.trace, with_width(width))) <= static_cast<std::size_t>(width));
    }
  }
}

TEST_CASE("render: a terminal that is too narrow counts as one of 60 columns") {
  const Trace& trace = tests::sample("philosophers");
  CHECK(shown(trace, with_width(-5)) == shown(trace, with_width(60)));
}

TEST_CASE("render: a choice reads as a sentence") {
  const Trace& trace = tests::sample("cancellation");
  const Cast cast(trace, false);
  CHECK(in_words(Choice{6, "next", 2, 1, "0.0"}, cast) == "ran alice (0.0), 2nd of 2 in line");
  CHECK(in_words(Choice{6, "next", 2, 1, ""}, cast) == "ran somebody, 2nd of 2 in line");
  CHECK(in_words(Choice{6, "cancel", 2, 0, ""}, cast) == "injected no cancellation");
  CHECK(in_words(Choice{6, "cancel", 2, 1, "0.0"}, cast) == "injected a cancellation into alice (0.0)");
  CHECK(in_words(Choice{6, "random:latency", 10, 7, ""}, cast) == "drew 7 of 0..9 for 'latency'");
}
