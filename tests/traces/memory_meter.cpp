#include <coweave/tests/traces/memory_meter.hpp>

#include <cstdlib>
#include <malloc.h>
#include <new>

namespace {
std::size_t used = 0;
std::size_t peak = 0;
}  // namespace

void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  void* memory = std::malloc(size);
  if (!memory) return nullptr;
  used += malloc_usable_size(memory);
  if (used > peak) peak = used;
  return memory;
}

void* operator new(std::size_t size) {
  if (void* memory = operator new(size, std::nothrow)) return memory;
  throw std::bad_alloc();
}

void operator delete(void* memory) noexcept {
  if (memory) used -= malloc_usable_size(memory);
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept { operator delete(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { operator delete(memory); }

namespace coweave::tests {

MemoryMeter::MemoryMeter() noexcept : used_before_(used) { peak = used; }

std::size_t MemoryMeter::peak_bytes() const noexcept { return peak - used_before_; }

}  // namespace coweave::tests
