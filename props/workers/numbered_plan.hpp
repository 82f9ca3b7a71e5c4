#pragma once

/// The plan of pieces with numbers from 0, of which everybody knows what is in them. Whoever is free claims
/// the next one, so none is dealt out.

#include <coweave/sim/search/search.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace coweave::detail {

class NumberedPlan final : public sim::Plan {
 public:
  std::optional<sim::Piece> take() override { return std::nullopt; }
  void done(std::uint64_t, std::uint64_t, std::string_view) override {}
  void cut_behind(std::uint64_t) override {}
  [[nodiscard]] bool wants(std::uint64_t number) const override { return number >= due_; }
  [[nodiscard]] std::optional<std::uint64_t> due() const override { return due_; }
  void counted() override { ++due_; }

 private:
  std::uint64_t due_ = 0;
};

}  // namespace coweave::detail
