#include <coweave/traces/read_error.hpp>

#include <coweave/traces/invalid.hpp>
#include <coweave/traces/printable.hpp>
#include <coweave/traces/utf8.hpp>

#include <string_view>
#include <utility>

namespace coweave::traces {

namespace {

/// A place is short, unless a document has keys or indices that no trace has.
std::string shown(std::string_view place) {
  constexpr std::size_t size_max_bytes = 200;
  return printable(beginning(place, size_max_bytes)) + (place.size() > size_max_bytes ? "…" : "");
}

}  // namespace

Invalid::Invalid(std::string_view place, std::string message)
    : error{ReadError::Kind::document, shown(place), std::move(message)} {}

std::string to_string(const ReadError& error) { return error.place + ": " + error.message; }

std::string pointer(std::string_view place, std::string_view key) {
  std::string result(place);
  result += '/';
  for (const char character : key) {
    if (character == '~') {
      result += "~0";
    } else if (character == '/') {
      result += "~1";
    } else {
      result += character;
    }
  }
  return result;
}

std::string pointer(std::string_view place, std::size_t index) {
  return std::string(place) + "/" + std::to_string(index);
}

}  // namespace coweave::traces
