#pragma once

/// Memory for coroutine frames and task states: one free list per size class and thread.
///
/// A block goes back to the list of the thread that frees it and is handed out again, last in, first out. A
/// list keeps at most `recycled_bytes_max`, so that a thread which only frees what others made does not
/// collect it for ever, and returns to the system when its thread ends. Under AddressSanitizer and
/// ThreadSanitizer the recycler steps aside, so that use after free is seen. Blocks above `recycled_size_max`
/// bytes come from `operator new` each time.

#include <cstddef>
#include <new>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define COWEAVE_RECYCLES 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define COWEAVE_RECYCLES 0
#endif
#endif
#ifndef COWEAVE_RECYCLES
#define COWEAVE_RECYCLES 1
#endif

namespace coweave::detail {

struct FreeBlock {
  FreeBlock* next;
};

struct FreeList {
  FreeBlock* first;
  std::size_t room;  ///< blocks that may still be put in; 0 until this thread has freed one
};

/// Sizes of blocks are a word less than multiples of the granule: malloc keeps a word of its own with each,
/// and serves what needs both in multiples of 16 bytes.
inline constexpr std::size_t recycler_granule = 16;
inline constexpr std::size_t recycler_word = sizeof(void*);
inline constexpr std::size_t recycled_size_max = 4096 - recycler_word;
inline constexpr std::size_t recycler_classes = (recycled_size_max + recycler_word) / recycler_granule;

[[nodiscard]] constexpr std::size_t recycler_class(std::size_t size) noexcept {
  return (size + recycler_word - 1) / recycler_granule;
}
[[nodiscard]] constexpr std::size_t recycler_block_size(std::size_t size_class) noexcept {
  return (size_class + 1) * recycler_granule - recycler_word;
}
inline constexpr std::size_t recycled_bytes_max = std::size_t{16} << 20U;  ///< of one size and thread

/// Asked before memory for a frame, a task, a future or a callback is taken from the system.
class AllocationSource {
 public:
  /// Whether there is none: std::bad_alloc is thrown.
  virtual bool refuses() = 0;

 protected:
  ~AllocationSource() = default;
};

/// Of what runs on this thread now; null: there is memory.
inline constinit thread_local AllocationSource* allocation_source = nullptr;

extern constinit thread_local FreeList free_lists[recycler_classes];

/// Puts a block into its list the first time that this thread frees any, and sees to it that the lists are
/// freed when the thread ends; gives it back to the system if the list is full.
[[gnu::cold]] void give_back(void* memory, std::size_t size_class) noexcept;

/// Memory from the system.
[[nodiscard, gnu::cold, gnu::noinline]] void* fresh_block(std::size_t size);
/// And back to it. Not inline, as that is not: a compiler that sees but one of them takes it for a mistake.
void free_block(void* memory, std::size_t size) noexcept;

/// While one lives, its thread recycles nothing: every block is asked for, and freed.
class Unrecycled {
 public:
  Unrecycled() noexcept;
  ~Unrecycled();
  Unrecycled(const Unrecycled&) = delete;
  Unrecycled& operator=(const Unrecycled&) = delete;

 private:
  FreeList kept_[recycler_classes];
  bool is_outer_;
};

/// At least `size` bytes, aligned for every fundamental type. Throws std::bad_alloc.
inline void* recycled_new(std::size_t size) {
#if COWEAVE_RECYCLES
  const std::size_t size_class = recycler_class(size);
  if (size_class < recycler_classes) [[likely]] {
    FreeList& list = free_lists[size_class];
    if (FreeBlock* block = list.first) [[likely]] {
      list.first = block->next;
      ++list.room;
      return block;
    }
    return fresh_block(recycler_block_size(size_class));
  }
#endif
  return fresh_block(size);
}

/// Gives back a block of `recycled_new(size)`, with the same size.
inline void recycled_delete(void* memory, std::size_t size) noexcept {
#if COWEAVE_RECYCLES
  const std::size_t size_class = recycler_class(size);
  if (size_class < recycler_classes) [[likely]] {
    FreeList& list = free_lists[size_class];
    if (list.room == 0) [[unlikely]]
      return give_back(memory, size_class);
    --list.room;
    list.first = ::new (memory) FreeBlock{list.first};
    return;
  }
#endif
  free_block(memory, size);
}

/// Base of whatever lives in recycled memory.
struct Recycled {
  static void* operator new(std::size_t size) { return recycled_new(size); }
  static void operator delete(void* memory, std::size_t size) noexcept { recycled_delete(memory, size); }
};

}  // namespace coweave::detail
