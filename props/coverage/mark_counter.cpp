#include <coweave/props/coverage/mark_counter.hpp>

#include <coweave/sim/recording/recorder.hpp>

#include <cstring>
#include <string>

namespace coweave::detail {

void MarkCounter::marked(bool holds, const char* label, const std::source_location& at) {
  Counted& mark = find(Counted::Kind::mark, label, at);
  ++mark.seen;
  mark.held += holds ? 1U : 0U;
}

void MarkCounter::came_by_fault(bool armed, bool injected, const char* label,
                                const std::source_location& at) {
  Counted& point = find(Counted::Kind::fault, label, at);
  ++point.seen;
  point.held += injected ? 1U : 0U;
  point.armed += armed ? 1U : 0U;
}

void MarkCounter::raced(const std::string& what, const std::source_location& at) {
  ++find(Counted::Kind::race, what.c_str(), at).seen;
}

void MarkCounter::kept_silent(const std::string& name) {
  ++find(Counted::Kind::named, name.c_str(), {}).seen;
}

void MarkCounter::occurred(std::size_t pattern) {
  ++find(Counted::Kind::pattern, std::to_string(pattern).c_str(), {}).seen;
}

inline Counted& MarkCounter::find(Counted::Kind kind, const char* label, const std::source_location& at) {
  if (!label) label = "";  // whether it is counted must not decide anything
  Known& known = known_[at.line() % lines];
  // A label that the program makes up may be another at the same address.
  const bool is_known = known.label == label && known.line == at.line() && known.file == at.file_name() &&
                        known.kind == kind && std::strcmp(marks_[known.mark].label.c_str(), label) == 0;
  if (!is_known) [[unlikely]]
    known = look_up(kind, label, at);
  return marks_[known.mark];
}

MarkCounter::Known MarkCounter::look_up(Counted::Kind kind, const char* label,
                                        const std::source_location& at) {
  Known known{label, at.file_name(), at.line(), kind, 0};
  for (; known.mark < marks_.size(); ++known.mark) {
    const Counted& mark = marks_[known.mark];
    if (mark.at.line == known.line && mark.kind == kind && mark.label == label &&
        std::strcmp(files_[known.mark], known.file) == 0)
      return known;
  }
  marks_.push_back({label, sim::to_site(at), kind});
  files_.push_back(known.file);
  return known;
}

void MarkCounter::start_anew() noexcept {
  for (Counted& mark : marks_) mark.seen = mark.held = mark.armed = 0;
}

}  // namespace coweave::detail
