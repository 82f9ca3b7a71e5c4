#include <coweave/core/ready_queue.hpp>

#include <cstring>

namespace coweave::detail {

void ReadyQueue::take_from_many(std::size_t position) noexcept {
  const std::size_t behind = size() - position - 1;
  if (position <= behind) {
    std::memmove(head_ + 1, head_, position * sizeof(Handle*));
    ++head_;
  } else {
    std::memmove(head_ + position, head_ + position + 1, behind * sizeof(Handle*));
    --tail_;
  }
}

void ReadyQueue::make_room() {
  const std::size_t count = size();
  const auto capacity = static_cast<std::size_t>(end_ - buffer_.get());
  if (count <= capacity / 2 && capacity != 0) {
    std::memmove(buffer_.get(), head_, count * sizeof(Handle*));
  } else {
    const std::size_t grown = capacity == 0 ? 256 : capacity * 2;
    auto larger = std::make_unique<Handle*[]>(grown);
    if (count != 0) std::memcpy(larger.get(), head_, count * sizeof(Handle*));
    buffer_ = std::move(larger);
    end_ = buffer_.get() + grown;
  }
  head_ = buffer_.get();
  tail_ = head_ + count;
}

}  // namespace coweave::detail
