#include <coweave/sim/choice.hpp>

namespace coweave::sim {

std::string label_of(const ChoicePoint& point) {
  switch (point.kind) {
    case ChoiceKind::next:
      return "next";
    case ChoiceKind::cancel:
      return "cancel";
    case ChoiceKind::random:
      return std::string("random:") + point.label;
    case ChoiceKind::late:
      return point.label ? std::string("late:") + point.label : "late";
  }
  return {};
}

}  // namespace coweave::sim
