#pragma once

/// A short immutable text in one word: the name of a task, the message of a cancellation. Empty costs
/// nothing.

#include <coweave/core/recycler.hpp>

#include <cstring>
#include <new>
#include <string_view>
#include <utility>

namespace coweave::detail {

class Text {
 public:
  Text() = default;
  explicit Text(std::string_view text) : block_(text.empty() ? nullptr : copy(text)) {}
  Text(Text&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  Text& operator=(Text&& other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~Text() {
    if (block_) [[unlikely]]
      release(block_);
  }

  [[nodiscard]] bool empty() const noexcept { return !block_; }
  [[nodiscard]] std::string_view view() const noexcept {
    return block_ ? std::string_view(reinterpret_cast<const char*>(block_ + 1), block_->size)
                  : std::string_view();
  }

 private:
  struct Block {
    std::size_t size;
  };

  [[gnu::noinline]] static Block* copy(std::string_view text) {
    void* memory = recycled_new(sizeof(Block) + text.size());
    auto* block = ::new (memory) Block{text.size()};
    std::memcpy(block + 1, text.data(), text.size());
    return block;
  }
  [[gnu::noinline]] static void release(Block* block) noexcept {
    recycled_delete(block, sizeof(Block) + block->size);
  }

  Block* block_ = nullptr;
};

}  // namespace coweave::detail
