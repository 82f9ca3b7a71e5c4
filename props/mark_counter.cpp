#include <coweave/props/mark_counter.hpp>

#include <coweave/sim/recorder.hpp>

#include <cstring>

namespace coweave::detail {

void MarkCounter::marked(bool holds, const char* label, const std::source_location& at) {
  if (!label) label = "";  // whether it is counted must not decide anything
  Known& known = known_[at.line() % lines];
  // A label that the program makes up may be another at the same address.
  const bool is_known = known.label == label && known.line == at.line() && known.file == at.file_name() &&
                        std::strcmp(marks_[known.mark].label.c_str(), label) == 0;
  if (!is_known) [[unlikely]]
    known = look_up(label, at);
  Mark& mark = marks_[known.mark];
  ++mark.seen;
  mark.held += holds ? 1U : 0U;
}

MarkCounter::Known MarkCounter::look_up(const char* label, const std::source_location& at) {
  Known known{label, at.file_name(), at.line(), 0};
  for (; known.mark < marks_.size(); ++known.mark) {
    const Mark& mark = marks_[known.mark];
    if (mark.at.line == known.line && mark.label == label && std::strcmp(files_[known.mark], known.file) == 0)
      return known;
  }
  marks_.push_back({label, sim::to_site(at), 0, 0});
  files_.push_back(known.file);
  return known;
}

void MarkCounter::start_anew() noexcept {
  for (Mark& mark : marks_) mark.seen = mark.held = 0;
}

}  // namespace coweave::detail
