#pragma once

/// The pieces of dpor, in the order in which one search would do them, and what each must know of the others:
/// the tree of the choices behind which something is left to do.
///
/// Two pieces at one choice depend on each other in two ways only. What was tried first sleeps in the other:
/// for that it is enough to know what its first step did. And a race of a step in a piece with one that leads
/// to it may be a reason to try something more there: that is heard with the piece, and counts when its turn
/// has come, so what is to be tried at a choice, and in which order, is what one search would find. What is
/// to be tried already will be tried whatever else is found, and need not wait.

#include <coweave/sim/search/dpor_messages.hpp>
#include <coweave/sim/search/ordered_plan.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coweave::sim {

/// A choice of which something is left, and what is done or to be done of it, in order.
struct DporFrame {
  struct Child {
    std::uint64_t taken;
    std::optional<std::vector<KeyedOperation>> effects;  ///< none: not known yet
  };

  std::shared_ptr<DporFrame> up;  ///< the choice before it; null: it is the first
  std::uint64_t via = 0;          ///< what that one took
  std::size_t depth = 0;          ///< so many choices come before it
  bool is_step = true;
  std::uint32_t options = 0;
  std::vector<std::uint64_t> candidates;
  std::vector<std::uint64_t> to_try;
  std::vector<DporTried> asleep;
  std::vector<Child> children;

  DporFrame() = default;
  DporFrame(const DporFrame&) = delete;
  DporFrame& operator=(const DporFrame&) = delete;
  /// Not one within the other: a long run has many.
  ~DporFrame() {
    while (up && up.use_count() == 1) up = std::exchange(up->up, nullptr);
  }
};

/// A piece, and what follows when its turn has come.
struct DporPiece {
  std::shared_ptr<DporFrame> frame;  ///< null: it is all of the search
  std::size_t child = 0;
};
struct DporOutcome {
  std::shared_ptr<DporFrame> frame;
  std::vector<Race> races;
};

class DporPlan final : public OrderedPlan<DporPiece, DporOutcome> {
 public:
  DporPlan() { add({}); }

 private:
  std::optional<std::string> message(DporPiece& piece) override;
  DporOutcome unfold(DporPiece& piece, std::string_view left) override;
  void follow(const DporOutcome& outcome) override;

  template <class Add>
  static void add_children(DporFrame& frame, std::uint64_t taken, Add add);
};

}  // namespace coweave::sim
