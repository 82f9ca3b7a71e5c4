#include <coweave/traces/read_error.hpp>

#include <coweave/traces/invalid.hpp>
#include <coweave/traces/printable.hpp>

#include <string_view>

namespace coweave::traces {

std::string to_string(const ReadError& error) { return printable(error.place) + ": " + error.message; }

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
