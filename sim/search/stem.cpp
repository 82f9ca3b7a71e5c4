#include <coweave/sim/search/stem.hpp>

#include <algorithm>
#include <string_view>

namespace coweave::sim {

namespace {

/// Seven bits a byte, the lowest first; the eighth says that more follow.
void put_number(std::string& bytes, std::uint32_t number) {
  for (; number >= 128; number /= 128) bytes += static_cast<char>(number % 128 + 128);
  bytes += static_cast<char>(number);
}

std::uint32_t get_number(std::string_view bytes, std::size_t& place) {
  std::uint32_t number = 0;
  for (std::uint32_t shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes[place++]);
    number |= (byte % 128U) << shift;
    if (byte < 128) return number;
  }
}

/// A number holds one bit more than what it says: whether others are to be tried, and whether they cost one.
void put_decision(std::string& bytes, const Decision& decision, bool is_open) {
  put_number(bytes, decision.taken * 2 + (is_open ? 1 : 0));
  if (is_open) put_number(bytes, decision.options * 2 + (decision.others == Others::one ? 1 : 0));
}

template <class IsOpen>
std::string decisions_of(std::span<const Decision> run, std::size_t own, IsOpen is_open) {
  std::size_t size = run.size();
  while (size > own && !is_open(run[size - 1])) --size;
  std::string bytes;
  if (size == own) return bytes;
  bytes.reserve(2 * size);
  for (std::size_t place = 0; place < size; ++place)
    put_decision(bytes, run[place], place >= own && is_open(run[place]));
  bytes.shrink_to_fit();
  return bytes;
}

std::uint32_t cost_of(const Decision& decision, std::uint32_t option, RankCost rank_cost) {
  if (option == decision.taken) return 0;
  return decision.others == Others::one ? 1 : rank_cost(decision.taken, option);
}

}  // namespace

Stem stem_of_dearer(std::span<const Decision> run, std::size_t own, std::uint32_t cost, RankCost rank_cost) {
  const auto is_open = [](const Decision& decision) {
    return decision.others == Others::one || decision.others == Others::ranked;
  };
  Stem stem{.cost = cost, .decisions = decisions_of(run, own, is_open)};
  for (std::size_t place = own; place < run.size(); ++place) {
    if (!is_open(run[place])) continue;
    for (std::uint32_t option = 0; option < run[place].options; ++option)
      stem.more_max = std::max(stem.more_max, cost_of(run[place], option, rank_cost));
  }
  return stem;
}

Stem stem_of_free(std::span<const Decision> run, std::size_t own, std::uint32_t cost) {
  const auto is_open = [](const Decision& decision) {
    return decision.others == Others::free && decision.taken + 1 < decision.options;
  };
  return {.cost = cost, .decisions = decisions_of(run, own, is_open)};
}

Beginnings::Beginnings(const Stem& stem, std::uint32_t more, RankCost rank_cost)
    : more_(more), rank_cost_(rank_cost) {
  for (std::size_t place = 0; place < stem.decisions.size();) {
    const std::uint32_t number = get_number(stem.decisions, place);
    Decision& decision = run_.emplace_back(Decision{number / 2, 0, Others::closed});
    if (number % 2 == 0) continue;
    const std::uint32_t options = get_number(stem.decisions, place);
    decision.options = options / 2;
    decision.others = more == 0 ? Others::free : options % 2 == 1 ? Others::one : Others::ranked;
  }
  enter(more == 0 ? run_.size() - 1 : 0);
}

/// Before the first option that may be one.
void Beginnings::enter(std::size_t place) {
  place_ = place;
  if (place < run_.size()) option_ = more_ == 0 ? run_[place].taken : UINT32_MAX;
}

/// Options that cost something are those of the next handle, and few. There may be millions that cost
/// nothing: none of them is looked at.
bool Beginnings::next(std::uint64_t between) {
  for (; place_ < run_.size(); enter(more_ == 0 ? place_ - 1 : place_ + 1)) {
    const Decision& decision = run_[place_];
    if (decision.others == Others::closed) continue;
    if (more_ == 0) {
      const std::uint32_t behind = decision.options - 1 - option_;
      if (between < behind) {
        option_ += 1 + static_cast<std::uint32_t>(between);
        return true;
      }
      between -= behind;
      continue;
    }
    while (++option_ < decision.options) {
      if (cost_of(decision, option_, rank_cost_) == more_ && between-- == 0) return true;
    }
  }
  return false;
}

void Beginnings::copy_to(std::vector<Decision>& run) const {
  run.assign(run_.begin(), run_.begin() + static_cast<std::ptrdiff_t>(place_ + 1));
  run.back().taken = option_;
  for (Decision& decision : run) decision.others = Others::closed;
}

std::uint64_t Beginnings::count() const {
  std::uint64_t count = 0;
  for (const Decision& decision : run_) {
    if (decision.others == Others::closed) continue;
    if (more_ == 0) {
      count += decision.options - 1 - decision.taken;
      continue;
    }
    for (std::uint32_t option = 0; option < decision.options; ++option) {
      if (cost_of(decision, option, rank_cost_) == more_) ++count;
    }
  }
  return count;
}

}  // namespace coweave::sim
