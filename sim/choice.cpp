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
    case ChoiceKind::fault:
      return std::string("fault:") + point.label;
    case ChoiceKind::expire:
      return "expire";
  }
  return {};
}

ChoiceKind kind_of(std::string_view label) noexcept {
  const std::string_view word = label.substr(0, label.find(':'));
  for (const ChoiceKind kind :
       {ChoiceKind::next, ChoiceKind::cancel, ChoiceKind::late, ChoiceKind::fault, ChoiceKind::expire}) {
    if (word == to_string(kind)) return kind;
  }
  return ChoiceKind::random;
}

const char* to_string(ChoiceKind kind) noexcept {
  constexpr const char* words[] = {"next", "cancel", "random", "late", "fault", "expire"};
  return words[static_cast<std::size_t>(kind)];
}

}  // namespace coweave::sim
