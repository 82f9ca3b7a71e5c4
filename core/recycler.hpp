#pragma once

/// Memory for coroutine frames and task states: one free list per size class and thread.
///
/// A block goes back to the list of the thread that frees it and is handed out again, last in, first out; it
/// returns to the system when its thread ends. Under AddressSanitizer the recycler steps aside, so that use
/// after free is seen. Blocks above `recycled_size_max` bytes come from `operator new` each time.

#include <cstddef>
#include <new>

#if defined(__SANITIZE_ADDRESS__)
#define COWEAVE_RECYCLES 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
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

inline constexpr std::size_t recycler_granule = 64;
inline constexpr std::size_t recycled_size_max = 4096;
inline constexpr std::size_t recycler_classes = recycled_size_max / recycler_granule;

extern constinit thread_local FreeBlock* free_lists[recycler_classes];

/// A block of the class's full size from `operator new`; also sees to it that the lists of this thread are
/// freed when it ends.
void* refill(std::size_t size_class);

/// At least `size` bytes, aligned for every fundamental type. Throws std::bad_alloc.
inline void* recycled_new(std::size_t size) {
#if COWEAVE_RECYCLES
  const std::size_t size_class = (size - 1) / recycler_granule;
  if (size_class < recycler_classes) [[likely]] {
    if (FreeBlock* block = free_lists[size_class]) [[likely]] {
      free_lists[size_class] = block->next;
      return block;
    }
    return refill(size_class);
  }
#endif
  return ::operator new(size);
}

/// Gives back a block of `recycled_new(size)`, with the same size.
inline void recycled_delete(void* memory, std::size_t size) noexcept {
#if COWEAVE_RECYCLES
  const std::size_t size_class = (size - 1) / recycler_granule;
  if (size_class < recycler_classes) [[likely]] {
    auto* block = ::new (memory) FreeBlock{free_lists[size_class]};
    free_lists[size_class] = block;
    return;
  }
#endif
  ::operator delete(memory, size);
}

/// Base of whatever lives in recycled memory.
struct Recycled {
  static void* operator new(std::size_t size) { return recycled_new(size); }
  static void operator delete(void* memory, std::size_t size) noexcept { recycled_delete(memory, size); }
};

}  // namespace coweave::detail
