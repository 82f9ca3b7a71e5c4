#include <coweave/tests/conformance/run.hpp>

#include <coweave/core/sleep.hpp>

#include <algorithm>
#include <chrono>

namespace coweave::conformance {

namespace {

/// Longer than any program takes: at this time nothing moves any more.
constexpr std::chrono::seconds forever{1'000'000};
/// Of all bodies together.
constexpr int instances_max = 48;

FutureBase& running_task() { return *Loop::current().current_task(); }

}  // namespace

ContextVar<Value>& variable(int index) {
  static ContextVar<Value> first("var0");
  static ContextVar<Value> second("var1");
  return index == 0 ? first : second;
}

// --- The log ---

void Run::write(std::string_view line) {
  if (closed_) return;
  const auto now =
      std::chrono::duration_cast<std::chrono::seconds>(const_cast<sim::Simulation&>(simulation_).time());
  log_.push_back(std::to_string(now.count()).append(" ").append(line));
}

void Run::use_memory(const Operation& op) {
  switch (op.op) {
    case Op::log:
    case Op::tick:
    case Op::sleep:
    case Op::raise:
    case Op::return_:
    case Op::loop:
    case Op::try_:
    case Op::acquire:
    case Op::release:
    case Op::with:
    case Op::set:
    case Op::clear:
    case Op::wait_event:
    case Op::cond_wait:
    case Op::notify:
    case Op::notify_all:
    case Op::put:
    case Op::get:
    case Op::put_nowait:
    case Op::get_nowait:
    case Op::task_done:
    case Op::join:
    case Op::shutdown:
    case Op::set_result:
    case Op::set_exception:
    case Op::state:
      return;
    case Op::await:
    case Op::wait:
    case Op::as_completed:
    case Op::each_completed:
      if (std::ranges::all_of(op.refs, [](const Ref& ref) { return ref.kind == Ref::Kind::future; })) return;
      break;
    default:
      break;
  }
  memory_->set();
}

void Run::begin(const Actor& actor, const Operation& op) {
  if (closed_) throw Closed();
  use_memory(op);
  coverage_.ran(op.op, variant_of(program_, op));
  write(actor.name + " #" + std::to_string(op.id) + " " + std::string(info(op.op).name));
}

void Run::end(const Actor& actor, const Operation& op, std::string_view outcome) {
  if (closed_) return;
  use_memory(op);
  std::string line = actor.name + " #" + std::to_string(op.id) + " = " + std::string(outcome);
  if (actor.body >= 0) {
    const std::uint32_t count = Loop::current().current_task()->cancelling();
    if (count != 0) line += " c" + std::to_string(count);
  }
  write(line);
}

void Run::leave_out(const Actor& actor, const Operation& op, Deviation deviation) {
  coverage_.left_out(deviation);
  end(actor, op, "left out: " + std::string(info(deviation).name));
}

std::vector<std::string> Run::finish(const sim::Failure* failure) {
  if (failure) write(raised_.empty() ? "FAILURE " + failure->message : "REPORT " + raised_);
  closed_ = true;
  for (const Known& known : known_) known.task.state().mark_retrieved();
  for (const AnyHandle& handle : kept_) base_of(handle)->mark_retrieved();
  for (const Object& object : objects_) {
    if (const auto* future = std::get_if<Future<Value>>(&object)) future->state().mark_retrieved();
  }
  return std::move(log_);
}

// --- The run ---

Coro<void> Run::main() {
  make_objects();
  memory_.emplace("memory");
  static_cast<void>(start_task(0));
  co_await sleep(forever);
  if (report("settled")) {
    const std::vector<Known> known = known_;
    for (const auto& [task, name] : known) task.cancel("end");
    co_await sleep(forever);
    report("ended");
  }
  closed_ = true;
}

bool Run::report(std::string_view title) {
  write(title);
  bool pending = false;
  for (const auto& [task, name] : known_) {
    pending = pending || !task.done();
    const std::uint32_t count = task.cancelling();
    const bool unretrieved = task.state().unretrieved();  // until show_future looks
    write(name + " " + show_future(task) + (count == 0 ? "" : " c" + std::to_string(count)) +
          (unretrieved ? " never retrieved" : ""));
  }
  for (std::size_t index = 0; index < objects_.size(); ++index)
    write("object " + std::to_string(index) + " " + state(index));
  return pending;
}

// --- Objects and references ---

void Run::make_objects() {
  for (const Made& made : program_.objects) {
    const auto size = static_cast<std::size_t>(made.n);
    switch (made.kind) {
      case Kind::lock:
        objects_.emplace_back(std::make_unique<Lock>());
        break;
      case Kind::condition:
        objects_.emplace_back(made.n >= 0 ? std::make_unique<Condition>(object<Lock>(made.n))
                                          : std::make_unique<Condition>());
        break;
      case Kind::semaphore:
        objects_.emplace_back(std::make_unique<Semaphore>(made.n));
        break;
      case Kind::bounded:
        objects_.emplace_back(std::make_unique<BoundedSemaphore>(made.n));
        break;
      case Kind::event:
        objects_.emplace_back(std::make_unique<Event>());
        break;
      case Kind::barrier:
        objects_.emplace_back(std::make_unique<Barrier>(made.n));
        break;
      case Kind::queue:
        objects_.emplace_back(std::make_unique<Queue<Item>>(size));
        break;
      case Kind::lifo:
        objects_.emplace_back(std::make_unique<LifoQueue<Item>>(size));
        break;
      case Kind::priority:
        objects_.emplace_back(std::make_unique<PriorityQueue<Item>>(size));
        break;
      case Kind::future:
        objects_.emplace_back(create_future<Value>());
        break;
    }
  }
}

std::string Run::state(std::size_t index) const {
  const int at = static_cast<int>(index);
  const auto semaphore = [](const Semaphore& it) {
    return "locked=" + show(it.locked()) + " value=" + std::to_string(it.value());
  };
  switch (kind(at)) {
    case Kind::lock:
      return "locked=" + show(object<Lock>(at).locked());
    case Kind::condition:
      return "locked=" + show(object<Condition>(at).locked());
    case Kind::semaphore:
      return semaphore(object<Semaphore>(at));
    case Kind::bounded:
      return semaphore(object<BoundedSemaphore>(at));
    case Kind::event:
      return "set=" + show(object<Event>(at).is_set());
    case Kind::barrier: {
      const Barrier& barrier = object<Barrier>(at);
      return "waiting=" + std::to_string(barrier.n_waiting()) + " broken=" + show(barrier.broken());
    }
    case Kind::future: {
      const auto& future = std::get<Future<Value>>(objects_[index]);
      const bool unretrieved = future.state().unretrieved();
      return show_future(future) + (unretrieved ? " never retrieved" : "");
    }
    default:
      return visit_queue(at, [](const auto& queue) {
        return "size=" + std::to_string(queue.qsize()) + " empty=" + show(queue.empty()) +
               " full=" + show(queue.full());
      });
  }
}

AnyHandle Run::resolve(const Ref& ref) const {
  switch (ref.kind) {
    case Ref::Kind::task: {
      const auto found = tasks_.find(ref.index);
      return found == tasks_.end() ? AnyHandle() : AnyHandle(Future<Value>(found->second));
    }
    case Ref::Kind::future:
      return future(ref);
    default: {
      const auto found = outers_.find(ref.index);
      return found == outers_.end() ? AnyHandle() : found->second;
    }
  }
}

std::optional<Future<Value>> Run::simple(const Ref& ref) const {
  const AnyHandle handle = resolve(ref);
  const auto* future = std::get_if<Future<Value>>(&handle);
  return future ? std::optional(*future) : std::nullopt;
}

// --- Instances of bodies ---

std::optional<Coro<Value>> Run::instance(int body, std::shared_ptr<Targets> siblings) {
  if (instances_ == instances_max) return std::nullopt;
  ++instances_;
  int& count = counts_[static_cast<std::size_t>(body)];
  Actor actor{"b" + std::to_string(body) + "." + std::to_string(count++), body};
  return run_instance(std::move(actor), std::move(siblings));
}

Coro<Value> Run::run_instance(Actor actor, std::shared_ptr<Targets> siblings) {
  TaskBase& task = *Loop::current().current_task();
  // Every task but the root is one of an instance.
  if (!known(task)) adopt(actor.body, Task<Value>(static_cast<detail::TaskState<Value>&>(task)), actor.name);
  if (siblings) siblings->push_back(&task);
  write(actor.name + " begin");
  Flow flow;
  try {
    flow = co_await block(actor, program_.bodies[static_cast<std::size_t>(actor.body)]);
  } catch (...) {
    write(actor.name + " raises " + show(std::current_exception()));
    throw;
  }
  Value value = flow ? std::move(*flow) : "None";
  write(actor.name + " returns " + value);
  co_return value;
}

bool Run::known(const FutureBase& task) const {
  return std::ranges::any_of(known_, [&](const Known& each) { return &each.task.state() == &task; });
}

void Run::adopt(int body, const Task<Value>& task, std::string name) {
  memory_->set();
  tasks_.insert_or_assign(body, task);
  // An eager one adopts itself in its first step, before whoever creates it can.
  if (!known(task.state())) known_.push_back({task, std::move(name)});
}

std::string Run::latest_name(int body) const {
  return "b" + std::to_string(body) + "." + std::to_string(counts_[static_cast<std::size_t>(body)] - 1);
}

std::optional<Task<Value>> Run::start_task(int body, int mode) {
  std::optional<Coro<Value>> coroutine = instance(body);
  if (!coroutine) return std::nullopt;
  TaskOptions options;
  std::optional<Context> context;
  if (TaskBase* creator = Loop::current().current_task();
      creator && mode == 1 && !Loop::current().eager_tasks()) {
    context = creator->context();
    options.context = &*context;
  }
  if (mode == 2) options.eager_start = true;
  Task<Value> task = create_task(std::move(*coroutine), options);
  adopt(body, task, latest_name(body));
  return task;
}

bool Run::closes_cycle(Targets targets) const {
  const FutureBase* me = &running_task();
  std::set<const FutureBase*> seen;
  while (!targets.empty()) {
    const FutureBase* future = targets.back();
    targets.pop_back();
    if (future == me) return true;
    if (!seen.insert(future).second) continue;
    if (const auto found = children_.find(future); found != children_.end())
      targets.insert(targets.end(), found->second->begin(), found->second->end());
    if (const auto found = waits_.find(future); found != waits_.end())
      targets.insert(targets.end(), found->second.begin(), found->second.end());
  }
  return false;
}

Run::Waiting::Waiting(Run& run, Targets targets) : run_(run), task_(&running_task()) {
  if (const auto found = run.waits_.find(task_); found != run.waits_.end()) before_ = found->second;
  run.waits_.insert_or_assign(task_, std::move(targets));
}

Run::Waiting::~Waiting() {
  if (before_) {
    run_.waits_.insert_or_assign(task_, std::move(*before_));
  } else {
    run_.waits_.erase(task_);
  }
}

}  // namespace coweave::conformance
