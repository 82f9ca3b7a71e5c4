#pragma once

/// Short texts in one word: the name of a task, the message of a cancellation. Empty costs nothing. A message
/// for which there is no memory is left out: the cancellation matters more.

#include <coweave/core/recycler.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <string_view>
#include <utility>

namespace coweave::detail {

class Text {
 public:
  Text() = default;
  explicit Text(std::string_view text) noexcept : block_(text.empty() ? nullptr : copy(text)) {}
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

  [[gnu::noinline]] static Block* copy(std::string_view text) noexcept {
    void* memory = nullptr;
    try {
      memory = recycled_new(sizeof(Block) + text.size());
    } catch (const std::bad_alloc&) {
      return nullptr;
    }
    auto* block = ::new (memory) Block{text.size()};
    std::memcpy(block + 1, text.data(), text.size());
    return block;
  }
  [[gnu::noinline]] static void release(Block* block) noexcept {
    recycled_delete(block, sizeof(Block) + block->size);
  }

  Block* block_ = nullptr;
};

/// Two texts that are seldom both there: the name of a task and the message of its cancellation.
class Texts {
 public:
  Texts() = default;
  explicit Texts(std::string_view name) : block_(name.empty() ? nullptr : join(name, {})) {}
  Texts(const Texts&) = delete;
  Texts& operator=(const Texts&) = delete;
  ~Texts() {
    if (block_) [[unlikely]]
      release(block_);
  }

  [[nodiscard]] std::string_view name() const noexcept {
    return block_ ? std::string_view(block_->text(), block_->name_size) : std::string_view();
  }
  [[nodiscard]] std::string_view message() const noexcept {
    return block_ ? std::string_view(block_->text() + block_->name_size, block_->message_size)
                  : std::string_view();
  }
  /// The argument may be a view of what is kept.
  void set_name(std::string_view name) { set(name, message()); }
  void set_message(std::string_view message) noexcept {
    if (message != this->message()) [[unlikely]]
      change_message(message);
  }

 private:
  struct Block {
    std::size_t name_size;
    std::size_t message_size;
    [[nodiscard]] const char* text() const noexcept { return reinterpret_cast<const char*>(this + 1); }
    [[nodiscard]] std::size_t size() const noexcept { return sizeof(Block) + name_size + message_size; }
  };

  [[gnu::noinline]] static Block* join(std::string_view name, std::string_view message) {
    void* memory = recycled_new(sizeof(Block) + name.size() + message.size());
    auto* block = ::new (memory) Block{name.size(), message.size()};
    char* text = reinterpret_cast<char*>(block + 1);
    name.copy(text, name.size());
    message.copy(text + name.size(), message.size());
    return block;
  }
  [[gnu::noinline]] static void release(Block* block) noexcept { recycled_delete(block, block->size()); }
  [[gnu::noinline]] void change_message(std::string_view message) noexcept {
    try {
      set(name(), message);
    } catch (const std::bad_alloc&) {  // the one before stays
    }
  }
  [[gnu::noinline]] void set(std::string_view name, std::string_view message) {
    Block* const now = name.empty() && message.empty() ? nullptr : join(name, message);
    Block* const before = std::exchange(block_, now);
    if (before) release(before);
  }

  Block* block_ = nullptr;
};

}  // namespace coweave::detail
