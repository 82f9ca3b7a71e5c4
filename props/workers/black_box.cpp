#include <coweave/props/workers/black_box.hpp>

#include <coweave/core/task.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <new>
#include <sys/mman.h>
#include <system_error>
#include <unistd.h>
#include <utility>

extern "C" [[gnu::weak]] void __sanitizer_set_death_callback(void (*)());

namespace coweave::detail {

namespace {

constexpr std::array<int, 7> fatal_signals{SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS};

// Of the process that guards, which has one thread of its own.
constinit BlackBox* guarding = nullptr;
constinit const sim::Simulation* guarded = nullptr;

void keep_guarded() noexcept {
  if (BlackBox* box = std::exchange(guarding, nullptr)) box->keep(*guarded);
}

extern "C" void coweave_fatal_signal(int number) {
  keep_guarded();
  // The handler is gone (SA_RESETHAND): this ends the process once it has returned.
  raise(number);
}

extern "C" void coweave_process_exits(int status, void*) {
  keep_guarded();
  _exit(status);  // what is static belongs to the parent
}

constexpr std::size_t bytes(std::size_t header) {
  return header + BlackBox::choices_max * sizeof(sim::Choice);
}

}  // namespace

BlackBox::BlackBox() {
  // Pages that are never touched cost nothing.
  void* memory = mmap(nullptr, bytes(sizeof(Content)), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED)
    throw std::system_error(errno, std::generic_category(), "memory to share with worker processes");
  content_ = new (memory) Content{};
}

BlackBox::~BlackBox() { munmap(content_, bytes(sizeof(Content))); }

sim::Choice* BlackBox::choices() const noexcept { return reinterpret_cast<sim::Choice*>(content_ + 1); }

void BlackBox::guard(const sim::Simulation& simulation) {
  guarding = this;
  guarded = &simulation;
  // A stack of its own: what is to be kept may be a run that has used up the other.
  static std::array<char, 64 * 1024> stack;
  stack_t handlers_stack{};
  handlers_stack.ss_sp = stack.data();
  handlers_stack.ss_size = stack.size();
  sigaltstack(&handlers_stack, nullptr);
  struct sigaction action{};
  action.sa_handler = coweave_fatal_signal;
  action.sa_flags = static_cast<int>(SA_ONSTACK | SA_RESETHAND);
  sigfillset(&action.sa_mask);
  for (const int number : fatal_signals) {
    sigaction(number, &action, nullptr);
  }
  if (__sanitizer_set_death_callback) __sanitizer_set_death_callback([] { keep_guarded(); });
  on_exit(coweave_process_exits, nullptr);
}

void BlackBox::keep(const sim::Simulation& simulation) noexcept {
  const sim::Schedule& schedule = simulation.schedule();
  content_->foreseen = true;
  content_->steps = simulation.steps();
  const TaskBase* task = simulation.current_task();
  content_->spawned = task ? task->spawned_at().line() : 0;
  content_->count = std::min(schedule.size(), choices_max);
  if (content_->count > 0)
    std::memcpy(static_cast<void*>(choices()), schedule.data(), content_->count * sizeof(sim::Choice));
  content_->kept.store(true);
}

sim::Schedule BlackBox::schedule() const {
  const std::size_t count = kept() ? std::min(content_->count, choices_max) : 0;
  return {choices(), choices() + count};
}

}  // namespace coweave::detail
