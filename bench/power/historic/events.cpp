/// An event that calls its listeners inline, and waiters of a transport that calls back.

#include <coweave/bench/power/historic/crew.hpp>
#include <coweave/bench/power/historic/historic.hpp>
#include <coweave/core/callback.hpp>
#include <coweave/core/sleep.hpp>
#include <coweave/props/require.hpp>

#include <utility>
#include <vector>

namespace coweave::bench::historic {

namespace {

using namespace std::chrono_literals;

class Listener;

/// Calls listeners where it is set. `over_live_list` is the mistake: those that are called leave the list
/// while it is walked.
class InlineEvent {
 public:
  explicit InlineEvent(bool over_live_list) noexcept : over_live_list_(over_live_list) {}

  void set();
  [[nodiscard]] bool is_set() const noexcept { return is_set_; }

  void join(Listener& listener) { listeners_.push_back(&listener); }
  void leave(Listener& listener) { std::erase(listeners_, &listener); }

 private:
  const bool over_live_list_;
  bool is_set_ = false;
  std::vector<Listener*> listeners_;
};

/// Hears of an event once.
class Listener {
 public:
  explicit Listener(InlineEvent& event) : event_(event) { event.join(*this); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() { event_.leave(*this); }

  [[nodiscard]] const Future<>& called() const noexcept { return called_; }
  void call() {
    event_.leave(*this);
    if (!called_.done()) called_.set_result();
  }

 private:
  InlineEvent& event_;
  Future<> called_ = create_future();
};

void InlineEvent::set() {
  is_set_ = true;
  if (over_live_list_) {
    for (std::size_t index = 0; index < listeners_.size(); ++index) listeners_[index]->call();
  } else {
    for (Listener* listener : std::vector(listeners_)) listener->call();
  }
}

Coro<void> wait(InlineEvent& event) {
  if (event.is_set()) co_return;
  const Listener listener(event);
  co_await listener.called();
}

/// All wake up.
Coro<void> three_wait(bool over_live_list) {
  InlineEvent event(over_live_list);
  Crew crew;
  for (int waiter = 0; waiter < 3; ++waiter) crew.start(wait(event), "waiter");
  co_await sleep(0s);
  event.set();
  co_await crew.ended();
}

/// Lets writers go on when the buffer has drained. `one_slot` is the mistake: there may be two.
class FlowControl {
 public:
  explicit FlowControl(bool one_slot) noexcept : one_slot_(one_slot) {}

  Coro<void> drain() {
    if (one_slot_) COWEAVE_REQUIRE(line_.empty());
    const Future<> drained = create_future();
    line_.push_back(drained);
    co_await drained;
  }
  void resume() {
    for (const Future<>& drained : std::exchange(line_, {})) {
      if (!drained.done()) drained.set_result();
    }
  }

 private:
  const bool one_slot_;
  Line<> line_;
};

Coro<void> write(FlowControl& flow, bool& paused) {
  while (paused) co_await flow.drain();
}

/// Two writers of one stream, which is paused for a while.
Coro<void> two_writers(bool one_slot) {
  FlowControl flow(one_slot);
  bool paused = true;
  Crew crew;
  for (int writer = 0; writer < 2; ++writer) crew.start(write(flow, paused), "writer");
  co_await sleep(0s);
  paused = false;
  flow.resume();
  co_await crew.ended();
}

/// Waits for a transport that says by a callback that it is connected. `looks` is the fix: whoever waited may
/// have gone.
Coro<void> connect(bool looks) {
  const Future<> connected = create_future();
  call_later(1ms, [connected, looks] {
    if (looks && connected.done()) return;
    connected.set_result();
  });
  co_await connected;
}

Coro<void> one_connects(bool looks) {
  Crew crew;
  crew.start(connect(looks), "client");
  co_await crew.ended();
  co_await sleep(2ms);
}

}  // namespace

std::vector<HistoricBug> events() {
  using enum traces::VerdictKind;
  return {
      {"B25/S22/B44g", "Event: set walks a list that those whom it calls change",
       [] { return three_wait(true); }, [] { return three_wait(false); }, 0, deadlock},
      {"B44h", "callback: completes a future that has been cancelled", [] { return one_connects(false); },
       [] { return one_connects(true); }, 1, exception},
      {"B44j", "drain: a single slot for several waiters", [] { return two_writers(true); },
       [] { return two_writers(false); }, 0, assertion},
  };
}

}  // namespace coweave::bench::historic
