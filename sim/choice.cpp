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
  }
  return {};
}

}  // namespace coweave::sim
