#include <coweave/core/recycler.hpp>

#include <algorithm>
#include <iterator>

namespace coweave::detail {

constinit thread_local FreeList free_lists[recycler_classes] = {};

namespace {

constinit thread_local bool withheld = false;  // an Unrecycled lives on this thread

/// Opens the lists of a thread, and returns their blocks to the system when the thread ends.
struct Janitor {
  Janitor() {
    for (std::size_t size_class = 0; size_class < recycler_classes; ++size_class)
      free_lists[size_class].room = recycled_bytes_max / recycler_block_size(size_class);
  }
  ~Janitor() {
    is_gone = true;
    for (std::size_t size_class = 0; size_class < recycler_classes; ++size_class) {
      FreeList& list = free_lists[size_class];
      list.room = 0;
      while (FreeBlock* block = list.first) {
        list.first = block->next;
        free_block(block, recycler_block_size(size_class));
      }
    }
  }
  Janitor(const Janitor&) = delete;
  Janitor& operator=(const Janitor&) = delete;

  static constinit thread_local bool
      is_gone;  // and what other destructors of the thread free goes to the system
};

constinit thread_local bool Janitor::is_gone = false;

}  // namespace

void* fresh_block(std::size_t size) {
  if (allocation_source && allocation_source->refuses()) throw std::bad_alloc();
  return ::operator new(size);
}

void free_block(void* memory, std::size_t size) noexcept { ::operator delete(memory, size); }

Unrecycled::Unrecycled() noexcept : is_outer_(!withheld) {
  if (!is_outer_) return;
  std::copy(std::begin(free_lists), std::end(free_lists), kept_);
  std::fill(std::begin(free_lists), std::end(free_lists), FreeList{});
  withheld = true;
}

Unrecycled::~Unrecycled() {
  if (!is_outer_) return;
  std::copy(std::begin(kept_), std::end(kept_), free_lists);
  withheld = false;
}

void give_back(void* memory, std::size_t size_class) noexcept {
  if (!withheld && !Janitor::is_gone) {
    static thread_local const Janitor janitor;
    static_cast<void>(janitor);
    FreeList& list = free_lists[size_class];
    if (list.room > 0) {
      --list.room;
      list.first = ::new (memory) FreeBlock{list.first};
      return;
    }
  }
  free_block(memory, recycler_block_size(size_class));
}

}  // namespace coweave::detail
