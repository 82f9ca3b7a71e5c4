#include <coweave/core/note.hpp>

#include <charconv>

namespace coweave {

std::string to_string(const NoteValue& value) {
  switch (value.kind()) {
    case NoteValue::Kind::number:
      return std::to_string(value.number());
    case NoteValue::Kind::large:
      return std::to_string(value.whole());
    case NoteValue::Kind::truth:
      return value.number() != 0 ? "true" : "false";
    case NoteValue::Kind::real: {
      std::array<char, 32> buffer{};
      const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value.real());
      return {buffer.data(), end.ptr};
    }
    case NoteValue::Kind::text:
      break;
  }
  return "'" + std::string(value.text()) + "'";
}

std::string to_string(const Note& note) {
  std::string text(note.label);
  for (const NoteValue& value : note.values) text += " " + to_string(value);
  return text;
}

}  // namespace coweave
