#include <coweave/tests/traces/mutator.hpp>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace coweave::tests {

namespace {

using namespace std::string_view_literals;

constexpr std::array tokens = {
    "{"sv,
    "}"sv,
    "["sv,
    "]"sv,
    "\""sv,
    ","sv,
    ":"sv,
    "\\"sv,
    "null"sv,
    "true"sv,
    "-1"sv,
    "0"sv,
    "-0"sv,
    "1e999"sv,
    "0.5"sv,
    "18446744073709551616"sv,
    "9007199254740993"sv,
    "4294967296"sv,
    "\"\""sv,
    "{}"sv,
    "[]"sv,
    "[[[[[[[[[[[[[[[[[[[["sv,
    "\\ud800"sv,
    "\\u0000"sv,
    "\0"sv,
    "\n"sv,
    "\xFF"sv,
    "\xC3"sv,
    "\xED\xA0\x80"sv,
    "\u202E"sv,
    "\x1b[2J"sv,
    "NaN"sv,
    "//"sv,
    "\"version\": 2,"sv,
    "\"x\": 1,"sv,
    "?"sv,
    "~"sv,
    "0.0"sv,
    "0.9!timer"sv,
    "a.cpp:0"sv,
    "/a.cpp:1"sv,
    "cycle"sv,
};

}  // namespace

Mutator::Mutator(std::vector<std::string> documents, std::uint64_t seed)
    : documents_(std::move(documents)), random_(seed) {}

std::string Mutator::next() {
  std::string bytes = documents_[random_.below(static_cast<std::uint32_t>(documents_.size()))];
  for (std::uint32_t count = 1 + random_.below(3); count > 0; --count) damage(bytes);
  return bytes;
}

std::size_t Mutator::position(const std::string& bytes) {
  return random_.below(static_cast<std::uint32_t>(bytes.size() + 1));
}

std::string Mutator::line_of(const std::string& bytes) {
  const std::size_t at = position(bytes);
  const std::size_t begin = bytes.rfind('\n', at);
  return bytes.substr(begin == std::string::npos ? 0 : begin,
                      std::max<std::size_t>(1, bytes.find('\n', at) - begin));
}

void Mutator::damage(std::string& bytes) {
  const std::size_t at = position(bytes);
  const std::size_t length = 1 + random_.below(random_.one_in(4) ? 400 : 8);
  switch (random_.below(9)) {
    case 0:
      if (at < bytes.size()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << random_.below(8)));
      return;
    case 1:
      if (at < bytes.size()) bytes[at] = static_cast<char>(random_.below(256));
      return;
    case 2:
      bytes.erase(at, length);
      return;
    case 3:
      bytes.insert(at, bytes.substr(position(bytes), length));
      return;
    case 4:
      bytes.resize(at);
      return;
    case 5:
      bytes.insert(at, tokens[random_.below(tokens.size())]);
      return;
    case 6:
      bytes.replace(at, std::min(length, bytes.size() - at), tokens[random_.below(tokens.size())]);
      return;
    case 7: {  // another line in place of this one, or beside it
      const std::string other =
          line_of(documents_[random_.below(static_cast<std::uint32_t>(documents_.size()))]);
      const std::size_t line = bytes.find('\n', at);
      if (line == std::string::npos) return;
      const std::size_t end = std::min(bytes.find('\n', line + 1), bytes.size());
      bytes.replace(line, random_.one_in(2) ? end - line : 0, other);
      return;
    }
    default: {  // another number
      const std::size_t digit = bytes.find_first_of("0123456789", at);
      if (digit != std::string::npos) bytes[digit] = static_cast<char>('0' + random_.below(10));
      return;
    }
  }
}

}  // namespace coweave::tests
