#include <coweave/traces/utf8.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace coweave::traces;
using namespace std::string_literals;

TEST_CASE("utf8: the first character of valid text is decoded") {
  struct Case {
    std::string text;
    char32_t code;
    std::size_t size;
  };
  for (const Case& each :
       {Case{"a", U'a', 1}, Case{"\x7F", 0x7F, 1}, Case{"\0"s, 0, 1}, Case{"\xC2\x80", 0x80, 2},
        Case{"\xDF\xBF", 0x7FF, 2}, Case{"\xE0\xA0\x80", 0x800, 3}, Case{"\xED\x9F\xBF", 0xD7FF, 3},
        Case{"\xEE\x80\x80", 0xE000, 3}, Case{"\xEF\xBF\xBF", 0xFFFF, 3},
        Case{"\xF0\x90\x80\x80", 0x10000, 4}, Case{"\xF4\x8F\xBF\xBF", 0x10FFFF, 4}}) {
    const Utf8Character character = first_character(each.text + "rest");
    CAPTURE(each.size);
    CHECK(character.valid);
    CHECK(static_cast<std::uint32_t>(character.code) == static_cast<std::uint32_t>(each.code));
    CHECK(character.size == each.size);
    CHECK(to_utf8(each.text) == each.text);
  }
}

TEST_CASE("utf8: each maximal part that is not UTF-8 becomes one replacement character") {
  // Table 3-8 of the Unicode standard, and the cases of the paragraphs around it.
  CHECK(to_utf8("\x61\xF1\x80\x80\xE1\x80\xC2\x62\x80\x63\x80\xBF\x64") ==
        "a\uFFFD\uFFFD\uFFFDb\uFFFDc\uFFFD\uFFFDd");
  CHECK(to_utf8("\xC0\xAF") == "\uFFFD\uFFFD");                      // overlong
  CHECK(to_utf8("\xE0\x80\xAF") == "\uFFFD\uFFFD\uFFFD");            // overlong
  CHECK(to_utf8("\xED\xA0\x80") == "\uFFFD\uFFFD\uFFFD");            // a surrogate
  CHECK(to_utf8("\xF4\x90\x80\x80") == "\uFFFD\uFFFD\uFFFD\uFFFD");  // beyond U+10FFFF
  CHECK(to_utf8("\xFF") == "\uFFFD");
  CHECK(to_utf8("\xF0\x9F\x98") == "\uFFFD");  // cut off
  CHECK(to_utf8("") == "");
}

TEST_CASE("utf8: any two bytes make valid text, and valid text stays as it is") {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string bytes{static_cast<char>(first), static_cast<char>(second), 'x'};
      const std::string text = to_utf8(bytes);
      if (to_utf8(text) != text || text.back() != 'x') FAIL("bytes " << first << ", " << second);
    }
  }
}

TEST_CASE("utf8: a beginning has whole characters") {
  CHECK(beginning("ab€cd", 1) == "a");
  CHECK(beginning("ab€cd", 4) == "ab");
  CHECK(beginning("ab€cd", 5) == "ab€");
  CHECK(beginning("ab€cd", 100) == "ab€cd");
  CHECK(beginning("ab\xE2\x82", 4) == "ab\xE2\x82");
  CHECK(beginning("", 4) == "");
}
