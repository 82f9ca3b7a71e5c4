#include <coweave/traces/cast.hpp>

#include <coweave/traces/text_width.hpp>

#include <doctest/doctest.h>

using namespace coweave::traces;

namespace {

Trace cast_of_a_play() {
  Trace trace;
  trace.tasks = {
      {"0", "main", {}}, {"0.0", "worker", {}}, {"0.1", "worker", {}}, {"0.2", "", {}}, {"0.3", "öl", {}}};
  trace.objects = {{1, "Lock", "left"},       {2, "Lock", "right"},           {3, "Lock", "right"},
                   {4, "Queue", "two words"}, {5, "Queue.join", "two words"}, {6, "Event", ""},
                   {7, "Event", "left"}};
  return trace;
}

}  // namespace

TEST_CASE("cast: a task goes by its name and by its identity where the name is not enough") {
  const Trace trace = cast_of_a_play();
  const Cast cast(trace, false);
  CHECK(cast.name("0") == "main");
  CHECK(cast.name("0.0") == "worker 0.0");
  CHECK(cast.name("0.2") == "0.2");
  CHECK(cast.name("0.9") == "0.9");
  CHECK(cast.name("~") == "the loop");
  CHECK(cast.full_name("0") == "main (0)");
  CHECK(cast.full_name("0.2") == "0.2");
  CHECK(cast.full_name("~") == "the loop");
}

TEST_CASE("cast: what runs on behalf of a task is told in words") {
  const Trace trace = cast_of_a_play();
  const Cast cast(trace, false);
  CHECK(cast.name("0!timer") == "main's timer");
  CHECK(cast.name("~!call#2") == "the loop's callback #2");
  CHECK(cast.full_name("0.0!done#1") == "done callback #1 of worker (0.0)");
  CHECK(role_in_words("group") == "task group");
  CHECK(role_in_words("returned") == "thread result");
  CHECK(role_in_words("anything#3") == "anything #3");
}

TEST_CASE("cast: an object goes by kind and name and by its number where that is not enough") {
  const Trace trace = cast_of_a_play();
  const Cast cast(trace, false);
  CHECK(cast.object(1) == "Lock 'left'");
  CHECK(cast.object(2) == "Lock 'right' #2");
  CHECK(cast.object(6) == "Event #6");
  CHECK(cast.object(99) == "object #99");
  CHECK(cast.short_object(1) == "Lock 'left'");  // an Event has that name too
  CHECK(cast.short_object(2) == "Lock 'right' #2");
  CHECK(with_spaces(cast.short_object(4)) == "'two words'");
  CHECK(with_spaces(cast.short_object(5)) == "'two words' (join)");
  CHECK(cast.is_inner(5));
  CHECK_FALSE(cast.is_inner(4));
  CHECK_FALSE(cast.is_inner(0));
}

TEST_CASE("cast: in ASCII names are ASCII") {
  const Trace trace = cast_of_a_play();
  CHECK(Cast(trace, true).name("0.3") == "?l");
  CHECK(Cast(trace, false).name("0.3") == "öl");
}
