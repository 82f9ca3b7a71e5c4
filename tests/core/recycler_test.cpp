#include <coweave/core/recycler.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <thread>
#include <vector>

using namespace coweave::detail;

#if COWEAVE_RECYCLES

namespace {

constexpr std::size_t size = recycled_size_max;
constexpr std::size_t kept_max = recycled_bytes_max / size;

std::size_t kept() {
  std::size_t count = 0;
  for (const FreeBlock* block = free_lists[recycler_classes - 1].first; block; block = block->next) ++count;
  return count;
}

}  // namespace

TEST_CASE("recycler: a thread that frees what others made keeps a bounded part of it") {
  std::vector<void*> blocks(kept_max + 100);
  std::thread([&] {
    for (void*& block : blocks) block = recycled_new(size);
  }).join();
  std::thread([&] {
    for (void* block : blocks) recycled_delete(block, size);
    CHECK(kept() == kept_max);
    void* again = recycled_new(size);
    CHECK(kept() == kept_max - 1);
    recycled_delete(again, size);
    CHECK(kept() == kept_max);
  }).join();
}

TEST_CASE("recycler: a block that was freed last is handed out first") {
  void* one = recycled_new(size);
  void* two = recycled_new(size);
  recycled_delete(one, size);
  recycled_delete(two, size);
  CHECK(recycled_new(size) == two);
  CHECK(recycled_new(size) == one);
  recycled_delete(one, size);
  recycled_delete(two, size);
}

TEST_CASE("recycler: a block is less than a granule larger than what is asked for") {
  bool fits = true;
  for (std::size_t asked = 1; asked <= recycled_size_max; ++asked) {
    const std::size_t block = recycler_block_size(recycler_class(asked));
    fits = fits && block >= asked && block - asked < recycler_granule;
  }
  CHECK(fits);
  CHECK(recycler_class(recycled_size_max) == recycler_classes - 1);
  CHECK(recycler_class(recycled_size_max + 1) == recycler_classes);
}

#endif
