#include <coweave/traces/text_width.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace coweave::traces;

using Lines = std::vector<std::string>;

TEST_CASE("text width: wide characters take two columns and combining ones none") {
  CHECK(width_of("") == 0);
  CHECK(width_of("abc") == 3);
  CHECK(width_of("für") == 3);
  CHECK(width_of("銀行") == 4);
  CHECK(width_of("🏦") == 2);
  CHECK(width_of("e\u0301") == 1);
  CHECK(width_of("│─✓") == 3);
}

TEST_CASE("text width: clipping keeps the beginning and says so") {
  CHECK(clipped("abcdef", 6) == "abcdef");
  CHECK(clipped("abcdef", 5) == "abcd…");
  CHECK(clipped("abc def", 5) == "abc…");
  CHECK(clipped("銀行口座", 5) == "銀行…");
  CHECK(clipped("銀行口座", 4) == "銀…");
  CHECK(clipped("abcdef", 4, "..") == "ab..");
  CHECK(clipped("abcdef", 1, "..") == "a");
  CHECK(clipped("abcdef", 0) == "");
}

TEST_CASE("text width: clipping at the front keeps the end") {
  CHECK(clipped_front("src/bank.cpp:12", 15) == "src/bank.cpp:12");
  CHECK(clipped_front("src/bank.cpp:12", 12) == "…bank.cpp:12");
  CHECK(clipped_front("src/bank.cpp:12", 12, "..") == "..ank.cpp:12");
  CHECK(clipped_front("銀行口座", 5) == "…口座");
  CHECK(clipped_front("abc", 0) == "");
}

TEST_CASE("text width: padding counts columns, not bytes") {
  CHECK(padded("銀", 4) == "銀  ");
  CHECK(padded_front("für", 5) == "  für");
  CHECK(padded("abcdef", 3) == "abcdef");
}

TEST_CASE("text width: lines break at spaces, and later lines are indented") {
  CHECK(wrapped("one two three", 20) == Lines{"one two three"});
  CHECK(wrapped("one two three", 8) == Lines{"one two", "three"});
  CHECK(wrapped("one two three", 7) == Lines{"one two", "three"});
  CHECK(wrapped("one two three", 7, 2) == Lines{"one two", "  three"});
  CHECK(wrapped("", 7) == Lines{""});
}

TEST_CASE("text width: a word that fits no line is broken where the line ends") {
  CHECK(wrapped("abcdefghij", 4) == Lines{"abcd", "efgh", "ij"});
  CHECK(wrapped("a bcdefghij", 4) == Lines{"a bc", "defg", "hij"});
  CHECK(wrapped("銀行口座", 5) == Lines{"銀行", "口座"});
  CHECK(wrapped("銀行", 1) == Lines{"銀", "行"});  // it must go somewhere
}

TEST_CASE("text width: of too many lines the last one kept ends with an ellipsis") {
  CHECK(wrapped("one two three four", 5, 0, 2) == Lines{"one", "two…"});
  CHECK(wrapped("one two three four", 5, 0, 1) == Lines{"one…"});
  CHECK(wrapped("one two three four", 6, 0, 2, "..") == Lines{"one", "two.."});
}

TEST_CASE("text width: no line breaks at a hard space, and it prints as a space") {
  const std::string text = "run " + with_hard_spaces("(2nd of 3)");
  const Lines lines = wrapped(text, 11);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == "run");
  CHECK(with_spaces(lines[1]) == "(2nd of 3)");
  CHECK(width_of(text) == 14);
}

TEST_CASE("text width: a paragraph has a margin, and its later lines an indent") {
  CHECK(paragraph("one two three", {9, 1, 2}) == " one two\n   three\n");
  CHECK(paragraph("one two three", {100}) == "one two three\n");
  CHECK(paragraph("", {100, 2}) == "  \n");
}
