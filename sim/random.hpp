#pragma once

/// The generator of the exploration: xoshiro256** (Blackman and Vigna, 2018), seeded through SplitMix64.
///
/// Our own because the distributions of the standard library differ between implementations, and the same
/// seed must give the same schedule everywhere.

#include <array>
#include <bit>
#include <cstdint>

namespace coweave::sim {

/// One step of SplitMix64 (Steele, Lea and Flood, 2014): advances `state` and returns 64 well-mixed bits.
constexpr std::uint64_t split_mix(std::uint64_t& state) noexcept {
  state += 0x9e3779b97f4a7c15U;
  std::uint64_t z = state;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31U);
}

class Random {
 public:
  constexpr explicit Random(std::uint64_t seed = 0) noexcept { reseed(seed); }

  /// Starts the stream of `seed`, `stream`: independent streams for the runs of one exploration.
  constexpr void reseed(std::uint64_t seed, std::uint64_t stream = 0) noexcept {
    std::uint64_t mix = stream;
    std::uint64_t state = seed ^ split_mix(mix);
    for (std::uint64_t& word : state_) word = split_mix(state);
    outcomes_ = outcomes_max;
    fraction_ = 0;
  }

  constexpr std::uint64_t next() noexcept {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17U;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  /// Uniform in [0, bound); `bound` is at least 1. Draws share 64 random bits, read as a fraction of 1: a
  /// draw takes the whole part of fraction * bound and leaves the rest of it to the next, until the draws
  /// together have told 2^32 outcomes apart. So no outcome is likelier than another by more than one part in
  /// 2^32.
  constexpr std::uint32_t below(std::uint32_t bound) noexcept {
    outcomes_ *= bound;
    if (outcomes_ > outcomes_max) [[unlikely]] {
      fraction_ = next();
      outcomes_ = bound;
    }
    const Wide product = static_cast<Wide>(fraction_) * bound;
    fraction_ = static_cast<std::uint64_t>(product);
    return static_cast<std::uint32_t>(product >> 64U);
  }

  /// True once in `odds` times on average; never if `odds` is 0.
  constexpr bool one_in(std::uint32_t odds) noexcept { return odds != 0 && below(odds) == 0; }

 private:
  __extension__ typedef unsigned __int128 Wide;
  static constexpr std::uint64_t outcomes_max = std::uint64_t{1} << 32U;

  std::uint64_t fraction_ = 0;
  std::uint64_t outcomes_ = outcomes_max;  // that the draws from `fraction_` and its predecessors tell apart
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace coweave::sim
