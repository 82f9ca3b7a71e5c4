#pragma once

/// Worker processes that share the pieces of an exploration, and whoever puts what they say in order.

#include <coweave/props/workers/black_box.hpp>
#include <coweave/props/workers/child.hpp>
#include <coweave/props/workers/division.hpp>
#include <coweave/sim/simulation.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace coweave::detail {

class Workers {
 public:
  /// Starts `count` processes. In each, `ready` is called once, and then `division` asked for one piece after
  /// the other, as long as there are any.
  Workers(std::uint32_t count, Division& division, const sim::Simulation& simulation,
          std::function<void(BlackBox&)> ready);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  enum class Came : std::uint8_t { part, nothing_yet, end };
  /// The next part, in the order of the pieces, if one comes within `patience`. A process that ends is a part
  /// too: `ending` then says how.
  Came next(std::chrono::milliseconds patience, Part& part, Ending& ending);

 private:
  struct Worker {
    std::unique_ptr<BlackBox> box;
    std::optional<Child> child;  // none: it has ended
    std::string heard;           // of a part that has not come whole
  };
  struct Heard {
    Part part;
    Ending ending;
  };

  void listen(std::chrono::milliseconds patience);
  void hear(Worker& worker);
  bool take_messages(std::string& messages);
  void bury(Worker& worker);
  void do_again(BlackBox& box, std::uint64_t piece, std::uint64_t run);
  void seek_choices(BlackBox& box, Heard& last);

  struct Claims;
  Division& division_;
  const sim::Simulation& simulation_;
  std::function<void(BlackBox&)> ready_;
  Claims* claims_;
  std::vector<Worker> workers_;
  std::map<std::uint64_t, std::vector<Heard>> parts_;  // by piece; from `piece_` on
  std::uint64_t piece_ = 0;                            // whose parts are due
  std::size_t given_ = 0;                              // so many of them were given
};

}  // namespace coweave::detail
