#include <coweave/tests/approve.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <vector>

namespace coweave::tests {

namespace {

std::filesystem::path test_path(std::string_view path) {
  return std::filesystem::path(COWEAVE_SOURCE_DIR) / "tests" / path;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t size = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return lines;
}

/// `lines[index]` as a person can tell it from another: its end shows.
std::string shown(const std::vector<std::string_view>& lines, std::size_t index) {
  if (index >= lines.size()) return "(the text ends here)\n";
  const std::string line(lines[index]);
  return line.ends_with('\n') ? line : line + "  (no newline at the end)\n";
}

}  // namespace

std::string first_difference(std::string_view expected, std::string_view text) {
  if (expected == text) return "";
  const std::vector<std::string_view> left = lines_of(expected);
  const std::vector<std::string_view> right = lines_of(text);
  const auto at = std::mismatch(left.begin(), left.end(), right.begin(), right.end());
  const auto index = static_cast<std::size_t>(at.first - left.begin());
  std::string result = "line " + std::to_string(index + 1) + " differs\n";
  for (std::size_t before = index - std::min<std::size_t>(index, 3); before < index; ++before)
    result += "            " + shown(left, before);
  result += "  approved: " + shown(left, index);
  result += "  now:      " + shown(right, index);
  return result;
}

std::string read_test_file(std::string_view path) {
  std::ifstream file(test_path(path), std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + test_path(path).string());
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string compare_with_approved(std::string_view path, std::string_view text) {
  const char* approve = std::getenv("COWEAVE_APPROVE");
  if (approve && std::string_view(approve) == "1") {
    std::filesystem::create_directories(test_path(path).parent_path());
    std::ofstream file(test_path(path), std::ios::binary);
    file << text;
    return file ? "" : "cannot write " + test_path(path).string();
  }
  if (!std::filesystem::exists(test_path(path)))
    return std::string(path) + " does not exist yet; set COWEAVE_APPROVE=1 to write it\n\n" +
           std::string(text);
  const std::string difference = first_difference(read_test_file(path), text);
  if (difference.empty()) return "";
  return "tests/" + std::string(path) + ", " + difference +
         "  If the new text is right, set COWEAVE_APPROVE=1 and run the test again.\n";
}

}  // namespace coweave::tests
