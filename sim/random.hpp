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
    kept_ = false;
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

  /// Exactly uniform in [0, bound); `bound` is at least 1. The upper half of a product of 32 random bits and
  /// the bound, drawn again in the rare case that would favour an outcome (Lemire, 2019).
  constexpr std::uint32_t below(std::uint32_t bound) noexcept {
    std::uint64_t product = std::uint64_t{half()} * bound;
    if (static_cast<std::uint32_t>(product) < bound) [[unlikely]] {
      const std::uint32_t favoured = -bound % bound;  // 2^32 mod bound
      while (static_cast<std::uint32_t>(product) < favoured) product = std::uint64_t{half()} * bound;
    }
    return static_cast<std::uint32_t>(product >> 32U);
  }

  /// True once in `odds` times on average; never if `odds` is 0.
  constexpr bool one_in(std::uint32_t odds) noexcept { return odds != 0 && below(odds) == 0; }

 private:
  /// 32 random bits: half of a draw, the rest of which is kept.
  constexpr std::uint32_t half() noexcept {
    if (kept_) {
      kept_ = false;
      return rest_;
    }
    const std::uint64_t bits = next();
    kept_ = true;
    rest_ = static_cast<std::uint32_t>(bits);
    return static_cast<std::uint32_t>(bits >> 32U);
  }

  std::array<std::uint64_t, 4> state_{};
  std::uint32_t rest_ = 0;
  bool kept_ = false;
};

}  // namespace coweave::sim
