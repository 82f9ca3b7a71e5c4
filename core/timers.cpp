#include <coweave/core/timers.hpp>

#include <coweave/core/check.hpp>

namespace coweave::detail {

void TimerHeap::arm(Timer& timer, Duration when) {
  COWEAVE_INTERNAL_CHECK(!timer.armed(), "a timer is armed at most once");
  timer.when_ = when;
  const Entry entry{when, next_sequence_++, &timer};
  heap_.push_back(entry);
  sift_up(heap_.size() - 1, entry);
}

void TimerHeap::cancel(Timer& timer) noexcept {
  if (timer.armed()) remove(timer.place_);
}

Timer& TimerHeap::pop() noexcept {
  Timer& first = *heap_.front().timer;
  remove(0);
  return first;
}

void TimerHeap::clear() noexcept {
  for (const Entry& entry : heap_) entry.timer->place_ = Timer::not_armed;
  heap_.clear();
  next_sequence_ = 0;
}

void TimerHeap::place(std::size_t index, const Entry& entry) noexcept {
  heap_[index] = entry;
  entry.timer->place_ = index;
}

void TimerHeap::sift_up(std::size_t index, const Entry& entry) noexcept {
  while (index > 0) {
    const std::size_t parent = (index - 1) / 2;
    if (!entry.before(heap_[parent])) break;
    place(index, heap_[parent]);
    index = parent;
  }
  place(index, entry);
}

void TimerHeap::sift_down(std::size_t index, const Entry& entry) noexcept {
  const std::size_t size = heap_.size();
  for (;;) {
    std::size_t child = 2 * index + 1;
    if (child >= size) break;
    if (child + 1 < size && heap_[child + 1].before(heap_[child])) ++child;
    if (!heap_[child].before(entry)) break;
    place(index, heap_[child]);
    index = child;
  }
  place(index, entry);
}

void TimerHeap::remove(std::size_t index) noexcept {
  heap_[index].timer->place_ = Timer::not_armed;
  const Entry moved = heap_.back();
  heap_.pop_back();
  if (index == heap_.size()) return;
  if (index > 0 && moved.before(heap_[(index - 1) / 2])) {
    sift_up(index, moved);
  } else {
    sift_down(index, moved);
  }
}

}  // namespace coweave::detail
