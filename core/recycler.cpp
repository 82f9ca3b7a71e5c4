#include <coweave/core/recycler.hpp>

namespace coweave::detail {

constinit thread_local FreeList free_lists[recycler_classes] = {};

namespace {

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
        ::operator delete(block, recycler_block_size(size_class));
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

void give_back(void* memory, std::size_t size_class) noexcept {
  if (!Janitor::is_gone) {
    static thread_local const Janitor janitor;
    static_cast<void>(janitor);
    FreeList& list = free_lists[size_class];
    if (list.room > 0) {
      --list.room;
      list.first = ::new (memory) FreeBlock{list.first};
      return;
    }
  }
  ::operator delete(memory, recycler_block_size(size_class));
}

}  // namespace coweave::detail
