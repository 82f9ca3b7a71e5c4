#include <coweave/sim/actors.hpp>

#include <coweave/sim/random.hpp>

namespace coweave::sim {

void Actors::begin_run() { of_serial_.assign(1, 0); }

std::uint32_t Actors::add_actor(std::uint32_t parent, HandleKind kind, std::uint32_t ordinal) {
  std::uint64_t state = keys_[parent] ^ (std::uint64_t{ordinal} << 8U | static_cast<std::uint64_t>(kind));
  keys_.push_back(split_mix(state));
  children_.emplace_back();
  objects_.emplace_back();
  return count() - 1;
}

std::uint32_t Actors::add_object(std::uint32_t maker, std::uint32_t ordinal) {
  std::uint64_t state = ~keys_[maker] ^ ordinal;
  object_keys_.push_back(split_mix(state));
  return static_cast<std::uint32_t>(object_keys_.size() - 1);
}

void Actors::created(const TaskBase& created) {
  // The actor is added first: `entry` refers into `children_`.
  const std::uint32_t parent = task(created.parent());
  std::uint32_t number = entry(children_[parent], created.spawn_index());
  if (number == 0) {
    number = add_actor(parent, HandleKind::task, created.spawn_index());
    children_[parent][created.spawn_index()] = number;
  }
  entry(of_serial_, created.serial()) = number;
}

std::uint32_t Actors::other(const detail::Handle& handle) {
  const std::uint32_t owner = task(handle.owner());
  const std::tuple key(owner, handle.kind(), handle.ordinal());
  const auto found = others_.find(key);
  if (found != others_.end()) return found->second;
  return others_.emplace(key, add_actor(owner, handle.kind(), handle.ordinal())).first->second;
}

}  // namespace coweave::sim
