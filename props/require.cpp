#include <coweave/props/require.hpp>

#include <charconv>
#include <locale>
#include <sstream>

namespace coweave::detail {

namespace {

template <class Number>
std::string number_text(Number value) {
  char buffer[32];
  const auto result = std::to_chars(buffer, buffer + sizeof buffer, value);
  return std::string(buffer, result.ptr);
}

std::ostringstream& stream() {
  thread_local std::ostringstream text;
  return text;
}

}  // namespace

std::string text_of(bool value) { return value ? "true" : "false"; }
std::string text_of(std::int64_t value) { return number_text(value); }
std::string text_of(std::uint64_t value) { return number_text(value); }
std::string text_of(double value) { return number_text(value); }

std::string text_of(std::string_view value) {
  std::string text = "\"";
  for (const char character : value) {
    if (character == '"' || character == '\\') text += '\\';
    if (character == '\n') {
      text += "\\n";
    } else {
      text += character;
    }
  }
  return text + "\"";
}

std::ostream& text_stream() {
  stream().str({});
  stream().clear();
  stream().imbue(std::locale::classic());
  return stream();
}

std::string taken_text() { return stream().str(); }

}  // namespace coweave::detail
