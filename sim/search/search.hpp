#pragma once

/// A systematic search that can be done in pieces, by several processes, in the order in which one would do
/// it.
///
/// A piece is done for so many runs; what is left of it then becomes pieces in turn, which stand in its
/// place. So the pieces, and their order, follow from the program alone, and not from who does them. Whoever
/// does them has a Search; whoever deals them out has its Plan, and takes what they say in the order of the
/// pieces: then it is what one search says that does everything.

#include <coweave/sim/policy.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace coweave::sim {

struct Piece {
  std::uint64_t number = 0;
  /// The number of its first run, as far as that is known beforehand: so many less one come before it at
  /// least. Not 1 but of the first piece.
  std::uint64_t first_run = 1;
  std::string task = {};  ///< for `Search::take_up`; none of the first piece, a search that has just begun
};

/// The pieces that there are, in their order. It holds no reference to its search.
class Plan {
 public:
  Plan() = default;
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;
  virtual ~Plan() = default;

  /// A piece to be done, the first of those that can be done already. None: there may be some when others are
  /// done.
  virtual std::optional<Piece> take() = 0;
  /// Piece `number` was done, in `runs` runs, and `left` is what `Search::leave` said.
  virtual void done(std::uint64_t number, std::uint64_t runs, std::string_view left) = 0;
  /// Nothing that comes behind piece `number` is wanted any more.
  virtual void cut_behind(std::uint64_t number) = 0;
  /// Whether it is one of those that were not yet counted, nor cut off.
  [[nodiscard]] virtual bool wants(std::uint64_t number) const = 0;
  /// The piece whose runs come next. None: there are no more.
  [[nodiscard]] virtual std::optional<std::uint64_t> due() const = 0;
  /// The runs of that piece, which is done, were counted.
  virtual void counted() = 0;
  /// As `Search::dropped`, of the pieces that were counted.
  [[nodiscard]] virtual std::string dropped() const { return {}; }
};

class Search : public Policy {
 public:
  [[nodiscard]] Search* search() noexcept final { return this; }

  /// From the next run on it does this piece, and nothing else.
  virtual void take_up(std::string_view task) = 0;
  /// What is left of the piece, or of all if it has not taken up any, and what else the plan must know.
  [[nodiscard]] virtual std::string leave() = 0;
  /// What it has left out because there was no room to keep it for later, in words; empty: nothing.
  [[nodiscard]] virtual std::string dropped() const { return {}; }
  /// A plan whose one piece is all of it.
  [[nodiscard]] virtual std::unique_ptr<Plan> plan() const = 0;
};

}  // namespace coweave::sim
