#include <coweave/core/recycler.hpp>

namespace coweave::detail {

constinit thread_local FreeBlock* free_lists[recycler_classes] = {};

namespace {

/// Returns the free blocks of a thread to the system when the thread ends.
struct Janitor {
  ~Janitor() {
    for (std::size_t size_class = 0; size_class < recycler_classes; ++size_class) {
      while (FreeBlock* block = free_lists[size_class]) {
        free_lists[size_class] = block->next;
        ::operator delete(block, (size_class + 1) * recycler_granule);
      }
    }
  }
};

}  // namespace

void* refill(std::size_t size_class) {
  static thread_local Janitor janitor;
  static_cast<void>(janitor);
  return ::operator new((size_class + 1) * recycler_granule);
}

}  // namespace coweave::detail
