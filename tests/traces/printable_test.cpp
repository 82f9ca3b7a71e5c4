#include <coweave/traces/printable.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace coweave::traces;
using namespace std::string_literals;

TEST_CASE("printable: ordinary text of any language stays as it is") {
  CHECK(printable("Überweisung, 銀行 🏦 'x' \"y\" \\") == "Überweisung, 銀行 🏦 'x' \"y\" \\");
  CHECK(printable("") == "");
}

TEST_CASE("printable: nothing that moves the cursor, colours or reorders gets through") {
  CHECK(printable("one\ntwo\tthree\r") == "one\\ntwo\\tthree\\r");
  CHECK(printable("\x1b[31mred\x07") == "\\u{1b}[31mred\\u{7}");
  CHECK(printable("\0\x7F"s) == "\\u{0}\\u{7f}");
  CHECK(printable("\u0085\u009b31m") == "\\u{85}\\u{9b}31m");  // C1 controls: next line, CSI
  CHECK(printable("a\u202Eb\u2066c\u200Fd") == "a\\u{202e}b\\u{2066}c\\u{200f}d");
  CHECK(printable("a\u200Bb\uFEFFc\u00ADd") == "a\\u{200b}b\\u{feff}c\\u{ad}d");
  CHECK(printable("a\u2028b\u2029c") == "a\\u{2028}b\\u{2029}c");
  CHECK(printable("\U000E0041") == "\\u{e0041}");
}

TEST_CASE("printable: bytes that are not UTF-8 show as replacement characters") {
  CHECK(printable("a\xFF\xC3z") == "a\uFFFD\uFFFDz");
  CHECK(printable_ascii("a\xFFz") == "a?z");
}

TEST_CASE("printable: in ASCII every other character is a question mark") {
  CHECK(printable_ascii("für 銀行 🏦\n\u202E") == "f?r ?? ?\\n\\u{202e}");
}

TEST_CASE("printable: quoted text is in single quotes and says how much is missing") {
  CHECK(quoted("bob") == "'bob'");
  CHECK(quoted("a\nb") == "'a\\nb'");
  CHECK(quoted("0123456789", 4) == "'0123… (10 bytes)'");
  CHECK(quoted("0123", 4) == "'0123'");
  CHECK(quoted("ab€cd", 4) == "'ab… (7 bytes)'");  // no half characters
}
