#pragma once

/// Worker processes that share the pieces of an exploration, and whoever puts what they say in order.
///
/// Pieces that everybody knows are claimed: a process that is free takes the next number, and nobody need be
/// asked. Those that come out of each other are dealt out, and a process is started when there is a piece for
/// it.

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
  /// At most `count` processes. In each, `ready` is called once, and then `division` asked for one piece
  /// after the other, as long as there are any.
  Workers(std::uint32_t count, Division& division, const sim::Simulation& simulation,
          std::function<void(BlackBox&)> ready);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  enum class Came : std::uint8_t { part, nothing_yet, end };
  /// The next part, in the order of the pieces, if one comes within `patience`. A process that ends is a part
  /// too: `ending` then says how.
  Came next(std::chrono::milliseconds patience, Part& part, Ending& ending);
  /// See `Plan::dropped`.
  [[nodiscard]] std::string dropped() const { return plan_->dropped(); }

 private:
  struct Worker {
    std::unique_ptr<BlackBox> box;
    std::optional<Child> child;  // none: it has ended
    std::string heard;           // of a part that has not come whole
    sim::Piece piece;            // of a plan, that it was told to do
    bool is_idle = false;        // it has done that
  };
  struct Heard {
    Part part;
    Ending ending;
  };

  using Pieces = std::function<void(int pipe, BlackBox& box)>;

  void start(Worker& worker, sim::Piece first, const Pieces& pieces);
  void claim(int pipe, BlackBox& box);
  [[noreturn]] void obey(int pipe, BlackBox& box, sim::Piece piece);
  void deal_out();
  void deal(Worker& worker, sim::Piece piece);
  void listen(std::chrono::milliseconds patience);
  void hear(Worker& worker);
  bool take_messages(std::string& messages, Worker* worker);
  void take(Heard heard);
  void bury(Worker& worker);
  void do_again(BlackBox& box, const sim::Piece& piece, std::uint64_t run);
  void seek_choices(BlackBox& box, const sim::Piece& piece, Heard& last);

  struct Claims;
  Division& division_;
  const sim::Simulation& simulation_;
  std::function<void(BlackBox&)> ready_;
  std::unique_ptr<sim::Plan> plan_;
  Claims* claims_ = nullptr;  // null: pieces are dealt out
  std::vector<Worker> workers_;
  std::map<std::uint64_t, std::vector<Heard>> parts_;  // by piece
  std::size_t given_ = 0;                              // of those that are due so many were given
};

}  // namespace coweave::detail
