#pragma once

/// Damages documents, always in the same ways.

#include <coweave/sim/random.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace coweave::tests {

class Mutator {
 public:
  /// Mutates `documents`, none of them empty, as `seed` decides.
  Mutator(std::vector<std::string> documents, std::uint64_t seed);

  /// One of the documents, damaged in one to three places: bits flipped, bytes and tokens put in or taken
  /// away, cut off, lines doubled, removed, exchanged or taken from another document, numbers changed.
  std::string next();

 private:
  void damage(std::string& bytes);
  std::size_t position(const std::string& bytes);
  std::string line_of(const std::string& bytes);

  std::vector<std::string> documents_;
  sim::Random random_;
};

}  // namespace coweave::tests
