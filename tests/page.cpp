#include <coweave/tests/page.hpp>

#include <coweave/tests/approve.hpp>

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace coweave::tests {

std::string compare_with_page(std::string_view path, std::string_view name, std::string_view text) {
  const std::string file = std::string(COWEAVE_SOURCE_DIR) + "/" + std::string(path);
  std::string page = read_test_file("../" + std::string(path));
  const std::string mark = "<!-- shown: " + std::string(name) + " -->\n```\n";
  const std::size_t begin = page.find(mark);
  const std::size_t end = begin == std::string::npos ? begin : page.find("\n```\n", begin + mark.size() - 1);
  if (end == std::string::npos)
    return std::string(path) + " has no place for what is shown as '" + std::string(name) + "'";
  const std::size_t from = begin + mark.size();
  const std::string shown = page.substr(from, end + 1 - from);
  if (shown == text) return {};
  const char* approve = std::getenv("COWEAVE_APPROVE");
  if (approve && std::string_view(approve) == "1") {
    page.replace(from, end + 1 - from, text);
    if (!(std::ofstream(file, std::ios::binary) << page)) throw std::runtime_error("cannot write " + file);
    return {};
  }
  return std::string(path) + ", '" + std::string(name) + "': " + first_difference(shown, text) +
         "\nIf the new text is right, set COWEAVE_APPROVE=1 and run the test again";
}

}  // namespace coweave::tests
