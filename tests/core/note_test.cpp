#include <coweave/core/note.hpp>

#include <coweave/core/event_loop.hpp>
#include <coweave/core/task.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <limits>
#include <string>

using namespace coweave;

namespace {

enum class Colour : std::uint8_t { red, green };

}  // namespace

TEST_CASE("note: outside a simulation it does nothing") {
  note("nobody hears", 1, "text", true);
  note(nullptr);
  EventLoop loop;
  loop.run_until_complete([]() -> Coro<void> {
    note("nobody hears", std::string("text"));
    co_return;
  }());
}

TEST_CASE("note: values are told as they are written") {
  const std::array values{NoteValue(-3),
                          NoteValue(std::numeric_limits<std::int64_t>::min()),
                          NoteValue(std::numeric_limits<std::uint64_t>::max()),
                          NoteValue(true),
                          NoteValue(0.5),
                          NoteValue(Colour::green),
                          NoteValue("two words")};
  CHECK(to_string(Note{"says", values, {}}) ==
        "says -3 -9223372036854775808 18446744073709551615 true 0.5 1 'two words'");
  CHECK(to_string(Note{"says", {}, {}}) == "says");
}

TEST_CASE("note: a value gives what it is and nothing else") {
  CHECK(NoteValue(7).number() == 7);
  CHECK(NoteValue(7).text().empty());
  CHECK(NoteValue(false).number() == 0);
  CHECK(NoteValue(2.5).real() == 2.5);
  CHECK(NoteValue(2.5).number() == 0);
  CHECK(NoteValue("text").text() == "text");
  CHECK(NoteValue("text").kind() == NoteValue::Kind::text);
  constexpr std::uint64_t half = std::uint64_t{1} << 63U;
  CHECK(NoteValue(half).kind() == NoteValue::Kind::large);
  CHECK(NoteValue(half + 5).whole() == half + 5);
  CHECK(NoteValue(half + 5).number() == std::numeric_limits<std::int64_t>::max());
  CHECK(NoteValue(half - 1).kind() == NoteValue::Kind::number);
  CHECK(NoteValue(half - 1).whole() == half - 1);
  CHECK(NoteValue(std::int8_t{-1}).kind() == NoteValue::Kind::number);
  CHECK(NoteValue(-7).whole() == 0);
}
