#include <coweave/tools/spelling.hpp>

#include <algorithm>
#include <numeric>
#include <utility>

namespace coweave::tools {

namespace {

/// Levenshtein's distance, row by row.
std::size_t distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t index = 0; index < left.size(); ++index) {
    std::size_t diagonal = std::exchange(row[0], index + 1);
    for (std::size_t column = 0; column < right.size(); ++column) {
      const std::size_t replaced = diagonal + (left[index] == right[column] ? 0 : 1);
      diagonal = row[column + 1];
      row[column + 1] = std::min({replaced, row[column] + 1, diagonal + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string nearest_spelling(std::string_view written, const std::vector<std::string>& words) {
  constexpr std::size_t length_max = 64;
  if (written.size() > length_max) return "";
  std::string nearest;
  std::size_t nearest_distance = std::max<std::size_t>(2, written.size() / 3) + 1;
  for (const std::string& word : words) {
    const std::size_t candidate = distance(written, word);
    if (candidate >= nearest_distance) continue;
    nearest = word;
    nearest_distance = candidate;
  }
  return nearest;
}

}  // namespace coweave::tools
