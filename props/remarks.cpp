#include <coweave/props/remarks.hpp>

#include <coweave/traces/words.hpp>

#include <sstream>

namespace coweave::detail {

std::string indented(const std::string& lines) {
  std::istringstream stream(lines);
  std::string text;
  for (std::string line; std::getline(stream, line);) text += "  " + line + "\n";
  return text;
}

std::string remarks(const std::vector<std::string>& notes) {
  std::string text;
  for (const std::string& note : notes) text += "  note: " + note + "\n";
  return text;
}

std::string corpus_in_words(std::uint64_t replayed, std::uint64_t in_part) {
  const std::string text = traces::counted(replayed, "trace") + " of the corpus replayed first";
  if (in_part == 0) return text;
  return text + (in_part == replayed ? ", " : ", " + std::to_string(in_part) + " of them ") +
         "as far as it still applies";
}

}  // namespace coweave::detail
