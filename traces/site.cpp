#include <coweave/traces/site.hpp>

#include <charconv>

namespace coweave::traces {

std::string to_string(const Site& site) {
  if (!site.known() || site.file.empty()) return std::string(unknown_site);
  return site.file + ":" + std::to_string(site.line);
}

std::optional<Site> parse_site(std::string_view text) {
  if (text == unknown_site) return Site{};
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || text.front() == '/') return std::nullopt;
  const std::string_view digits = text.substr(colon + 1);
  if (digits.empty() || digits.front() < '1' || digits.front() > '9') return std::nullopt;
  Site site{std::string(text.substr(0, colon)), 0};
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), site.line);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return site;
}

}  // namespace coweave::traces
