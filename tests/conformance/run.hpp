#pragma once

/// One run of one program: its objects, its tasks, its log, and what the operations do.
///
/// The counterpart of run.py, sync_operations.py and await_operations.py, function by function. Operations
/// that do not wait are in run_sync.cpp; those that wait in run_await.cpp and, if they are on several
/// futures, in run_children.cpp; those that hold blocks in run_blocks.cpp.

#include <coweave/core/barrier.hpp>
#include <coweave/core/callback.hpp>
#include <coweave/core/condition.hpp>
#include <coweave/core/context.hpp>
#include <coweave/core/coro.hpp>
#include <coweave/core/event.hpp>
#include <coweave/core/lifo_queue.hpp>
#include <coweave/core/lock.hpp>
#include <coweave/core/priority_queue.hpp>
#include <coweave/core/queue.hpp>
#include <coweave/core/semaphore.hpp>
#include <coweave/core/task.hpp>
#include <coweave/core/task_group.hpp>
#include <coweave/core/timeout.hpp>
#include <coweave/sim/simulation.hpp>
#include <coweave/tests/conformance/coverage.hpp>
#include <coweave/tests/conformance/program.hpp>
#include <coweave/tests/conformance/show.hpp>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace coweave::conformance {

/// Who acts: an instance of a body, or a callback.
struct Actor {
  std::string name;
  int body = -1;
};

/// How a block ended: with the value of a return, or at its end.
using Flow = std::optional<Value>;

/// The futures that a future or task waits for.
using Targets = std::vector<FutureBase*>;

/// One of the two context variables that programs have.
[[nodiscard]] ContextVar<Value>& variable(int index);

class Run {
 public:
  Run(const Program& program, const sim::Simulation& simulation, Coverage& coverage)
      : program_(program), simulation_(simulation), coverage_(coverage), counts_(program.bodies.size()) {}

  /// The root task.
  Coro<void> main();

  /// The log, once the run is over; `failure` is what the simulation says.
  [[nodiscard]] std::vector<std::string> finish(const sim::Failure* failure);

 private:
  using Object =
      std::variant<std::unique_ptr<Lock>, std::unique_ptr<Condition>, std::unique_ptr<Semaphore>,
                   std::unique_ptr<BoundedSemaphore>, std::unique_ptr<Event>, std::unique_ptr<Barrier>,
                   std::unique_ptr<Queue<Item>>, std::unique_ptr<LifoQueue<Item>>,
                   std::unique_ptr<PriorityQueue<Item>>, Future<Value>>;
  struct Known {
    Task<Value> task;
    std::string name;
  };

  /// Tells whoever observes that the running step uses what operations share besides the layer's objects.
  void use_memory(const Operation& op);

  // The log.
  void write(std::string_view line);
  void begin(const Actor& actor, const Operation& op);
  void end(const Actor& actor, const Operation& op, std::string_view outcome);
  void leave_out(const Actor& actor, const Operation& op, Deviation deviation);
  /// Writes the state of everything; true if a task is pending.
  bool report(std::string_view title);
  [[nodiscard]] std::string state(std::size_t index) const;

  // Objects and references.
  void make_objects();
  template <class T>
  [[nodiscard]] T& object(int index) const {
    return *std::get<std::unique_ptr<T>>(objects_[static_cast<std::size_t>(index)]);
  }
  [[nodiscard]] Kind kind(int index) const { return program_.objects[static_cast<std::size_t>(index)].kind; }
  [[nodiscard]] const Future<Value>& future(const Ref& ref) const {
    return std::get<Future<Value>>(objects_[static_cast<std::size_t>(ref.index)]);
  }
  /// The future that a reference means at this moment, or nothing.
  [[nodiscard]] AnyHandle resolve(const Ref& ref) const;
  /// The same, without the futures of gathers: those have another type.
  [[nodiscard]] std::optional<Future<Value>> simple(const Ref& ref) const;

  // Instances of bodies.
  [[nodiscard]] std::optional<Coro<Value>> instance(int body, std::shared_ptr<Targets> siblings = nullptr);
  Coro<Value> run_instance(Actor actor, std::shared_ptr<Targets> siblings);
  [[nodiscard]] bool known(const FutureBase& task) const;
  void adopt(int body, const Task<Value>& task, std::string name);
  [[nodiscard]] std::string latest_name(int body) const;
  [[nodiscard]] std::optional<Task<Value>> start_task(int body, int mode = 0);

  /// Whether the running task would wait for itself. To cancel such a task recurses without end in CPython.
  [[nodiscard]] bool closes_cycle(Targets targets) const;
  /// The running task awaits `targets` while this lives.
  class Waiting {
   public:
    Waiting(Run& run, Targets targets);
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
    ~Waiting();

   private:
    Run& run_;
    FutureBase* task_;
    std::optional<Targets> before_;
  };

  // Operations that do not wait.
  void act(const Operation& op, const Operation& source);
  void do_sync(const Actor& actor, const Operation& op);
  [[nodiscard]] std::string sync(const Operation& op);
  [[nodiscard]] std::string spawn(const Operation& op);
  [[nodiscard]] std::string uncancel(const Operation& op) const;
  [[nodiscard]] std::string result(const Operation& op) const;
  [[nodiscard]] std::string exception(const Operation& op) const;
  [[nodiscard]] std::string add_callback(const Operation& op);
  [[nodiscard]] std::string remove_callback(const Operation& op);
  [[nodiscard]] std::string call_soon(const Operation& op);
  [[nodiscard]] std::string cancel_call(const Operation& op) const;
  void release(const Operation& op) const;
  template <class Visit>
  auto visit_queue(int index, Visit visit) const {
    if (kind(index) == Kind::lifo) return visit(object<LifoQueue<Item>>(index));
    if (kind(index) == Kind::priority) return visit(object<PriorityQueue<Item>>(index));
    return visit(object<Queue<Item>>(index));
  }
  [[nodiscard]] std::string reschedule(const Operation& op) const;
  [[nodiscard]] std::string group_spawn(const Operation& op);
  [[nodiscard]] std::string set_var(const Operation& op);
  [[nodiscard]] std::string get_var(const Operation& op) const;
  [[nodiscard]] std::string reset_var(const Operation& op);

  // Operations that may wait, or that hold blocks.
  Coro<Flow> block(const Actor& actor, const Block& block);
  Coro<Flow> start(const Actor& actor, const Operation& op);
  Coro<Flow> attempt(const Actor& actor, const Operation& op, Coro<std::string> awaited);
  Coro<void> outcome_of(const Actor& actor, const Operation& op, Coro<std::string> awaited);
  Coro<Flow> raise(const Actor& actor, const Operation& op);
  Coro<Flow> return_value(const Actor& actor, const Operation& op);
  Coro<Flow> loop_block(const Actor& actor, const Operation& op);
  Coro<Flow> try_block(const Actor& actor, const Operation& op);
  Coro<Flow> guarded(const Actor& actor, const Operation& op);
  Coro<Flow> call(const Actor& actor, const Operation& op);
  Coro<Flow> await_future(const Actor& actor, const Operation& op);
  Coro<Flow> with_block(const Actor& actor, const Operation& op);
  template <class Primitive>
  Coro<Flow> with_primitive(const Actor& actor, const Operation& op, Primitive& primitive);
  Coro<Flow> barrier_wait(const Actor& actor, const Operation& op);
  Coro<Flow> gather_children(const Actor& actor, const Operation& op);
  Coro<Flow> shield_child(const Actor& actor, const Operation& op);
  Coro<Flow> wait_children(const Actor& actor, const Operation& op);
  Coro<Flow> wait_for_child(const Actor& actor, const Operation& op);
  /// What both forms of as_completed are given; nothing if the order would be that of a set of addresses.
  [[nodiscard]] std::optional<std::vector<Future<Value>>> to_complete(const Operation& op);
  Coro<Flow> as_completed_children(const Actor& actor, const Operation& op);
  Coro<Flow> each_completed_child(const Actor& actor, const Operation& op);
  Coro<Flow> in_thread(const Actor& actor, const Operation& op);
  Coro<Flow> timeout_block(const Actor& actor, const Operation& op);
  Coro<Flow> limited(const Actor& actor, const Operation& op, Timeout& limit);
  Coro<Flow> group_block(const Actor& actor, const Operation& op);

  Coro<std::string> acquiring(const Operation& op);
  Coro<std::string> getting(const Operation& op);
  Coro<std::string> putting(const Operation& op);
  Coro<std::string> joining(const Operation& op);
  Coro<std::string> waiting_until(const Operation& op);

  const Program& program_;
  const sim::Simulation& simulation_;
  Coverage& coverage_;
  std::vector<std::string> log_;
  std::string raised_;  ///< by a callback
  bool closed_ = false;
  std::vector<Object> objects_;
  std::vector<int> counts_;  ///< instances of each body
  int instances_ = 0;
  std::map<int, Task<Value>> tasks_;  ///< the latest of each body
  std::vector<Known> known_;
  std::map<int, AnyHandle> outers_;  ///< futures of gathers and shields by slot
  std::map<const FutureBase*, std::shared_ptr<Targets>> children_;  ///< of gathers, as far as they run
  std::map<const FutureBase*, Targets> waits_;
  std::map<int, TaskGroup*> groups_;
  std::map<int, Timeout*> timeouts_;
  std::map<int, CallHandle> calls_;
  std::map<int, Token<Value>> tokens_;                                 ///< of the latest set of each variable
  std::map<const FutureBase*, std::vector<std::uint32_t>> callbacks_;  ///< added and not removed
  std::set<const FutureBase*> self_awaited_;
  std::set<int> uneven_;  ///< barriers whose present round somebody left
  std::vector<AnyHandle> kept_;
  std::optional<Event> memory_;  ///< stands for all of the above
};

}  // namespace coweave::conformance
