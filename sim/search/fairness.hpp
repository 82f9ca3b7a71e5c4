#pragma once

/// What keeps systematic search from following a task that polls: whoever goes on in vain waits, after a
/// while, for those that could run all that time.
///
/// A step is in vain if nothing that is observed changes in it, and nothing is looked at that its actor had
/// not looked at before: what `while (!ready) co_await sleep(0s);` does. Whoever has taken `steps_max` of
/// them in a row must wait as long as there is somebody who was ready before the first of them, and ever
/// since, and was not picked. So each schedule of a program that ends once all get their turns has an end. It
/// leaves out schedules in which a task polls for longer than that, and no others. (Fair stateless model
/// checking: Musuvathi and Qadeer, PLDI 2008, with `steps_max` steps in place of a yield that the program
/// tells.)

#include <coweave/sim/choice.hpp>
#include <coweave/sim/step.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace coweave::sim {

class Fairness {
 public:
  static constexpr std::uint32_t steps_max = 32;

  /// What it leaves out.
  [[nodiscard]] static std::string in_words() {
    return "a task that went on for " + std::to_string(steps_max) +
           " steps in vain was made to wait for those who could run: that it polls for longer was not tried";
  }

  void begin_run();
  /// A choice of the next handle is due.
  void look(const ChoicePoint& point);
  /// Whether this option of it must wait for another. Never all of them.
  [[nodiscard]] bool must_wait(const ChoicePoint& point, std::uint32_t option) const;
  /// This option was picked.
  void picked(const ChoicePoint& point, std::uint32_t option);
  void stepped(const Step& step);

 private:
  struct Turns {
    std::uint64_t seen = 0;            ///< behind the step at which it was ready last
    std::uint64_t ready_since = 0;     ///< before this step, and not picked since
    std::uint64_t in_vain_since = 0;   ///< the first of its last steps that were in vain
    std::uint32_t in_vain = 0;         ///< so many
    std::vector<std::uint32_t> known;  ///< objects that it looked at since it last did something
  };

  [[nodiscard]] static bool is_in_vain(const Step& step, Turns& turns);

  std::uint64_t now_ = 0;     // steps that have ended, and 1
  std::vector<Turns> turns_;  // by actor
};

}  // namespace coweave::sim
