#include <coweave/props/monitors/key_value.hpp>

#include <coweave/sim/random.hpp>

#include <bit>

namespace coweave::detail {

void KeyValue::set(const NoteValue& value) {
  kind_ = value.kind();
  number_ = value.number();
  whole_ = value.whole();
  real_ = value.real();
  if (kind_ == NoteValue::Kind::text) text_.assign(value.text());
}

/// Of a value of the same kind, which is not known by its number.
bool KeyValue::equals_in_full(const NoteValue& value) const noexcept {
  if (kind_ == NoteValue::Kind::text) return text_ == value.text();
  if (kind_ == NoteValue::Kind::large) return whole_ == value.whole();
  return std::bit_cast<std::uint64_t>(real_) == std::bit_cast<std::uint64_t>(value.real());
}

NoteValue KeyValue::view() const noexcept {
  switch (kind_) {
    case NoteValue::Kind::text:
      return NoteValue(std::string_view(text_));
    case NoteValue::Kind::real:
      return NoteValue(real_);
    case NoteValue::Kind::large:
      return NoteValue(whole_);
    case NoteValue::Kind::truth:
      return NoteValue(number_ != 0);
    default:
      return NoteValue(number_);
  }
}

std::uint64_t hash_of(const NoteValue& value) noexcept {
  std::uint64_t state = static_cast<std::uint64_t>(value.number());
  if (value.kind() == NoteValue::Kind::large) state = value.whole();
  if (value.kind() == NoteValue::Kind::real) state = std::bit_cast<std::uint64_t>(value.real());
  if (value.kind() == NoteValue::Kind::text) {
    state = 0xcbf2'9ce4'8422'2325U;  // FNV-1a
    for (const char character : value.text()) {
      state ^= static_cast<unsigned char>(character);
      state *= 0x100'0000'01b3U;
    }
  }
  return sim::split_mix(state);
}

}  // namespace coweave::detail
