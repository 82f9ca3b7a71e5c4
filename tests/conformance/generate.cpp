#include <coweave/tests/conformance/generate.hpp>

#include <coweave/tests/conformance/shrink.hpp>

#include <rapidcheck.h>

#include <algorithm>
#include <initializer_list>
#include <utility>
#include <vector>

namespace coweave::conformance {

namespace {

class Dice {
 public:
  explicit Dice(const rc::Random& random) : random_(random) {}

  int below(int bound) { return static_cast<int>(random_.next() % static_cast<std::uint64_t>(bound)); }
  bool chance(int percent) { return below(100) < percent; }
  template <class T>
  T pick(std::initializer_list<T> options) {
    return *(options.begin() + below(static_cast<int>(options.size())));
  }
  template <class T>
  const T& pick(const std::vector<T>& options) {
    return options[static_cast<std::size_t>(below(static_cast<int>(options.size())))];
  }

 private:
  rc::Random random_;
};

/// A part of the layer that a program uses or not.
enum class Part {
  locks,
  conditions,
  semaphores,
  events,
  barriers,
  queues,
  futures,
  callbacks,
  gathers,
  waits,
  timeouts,
  groups,
  completions,
  errors,
  uncancelling,
  contexts,
  eagerness,
  threads
};
constexpr int parts = 18;

struct Weight {
  Op op;
  int weight;
};

class Generator {
 public:
  Generator(const rc::Random& random, int size) : dice_(random), size_(size) {}

  Program make() {
    for (int part = 0; part < parts; ++part) uses_[part] = dice_.chance(28);
    uses_[dice_.below(parts)] = true;
    make_objects();
    list_weights();
    program_.bodies.resize(static_cast<std::size_t>(2 + dice_.below(1 + std::min(size_, 50) / 10)));
    for (body_ = 0; body_ < bodies(); ++body_)
      program_.bodies[static_cast<std::size_t>(body_)] = block(2 + dice_.below(2 + size_ / 14), 0);
    start_all();
    number(program_);
    return std::move(program_);
  }

 private:
  [[nodiscard]] bool uses(Part part) const { return uses_[static_cast<int>(part)]; }
  [[nodiscard]] int bodies() const { return static_cast<int>(program_.bodies.size()); }

  void add(Kind kind, int n) {
    objects_[static_cast<std::size_t>(kind)].push_back(static_cast<int>(program_.objects.size()));
    program_.objects.push_back({kind, n});
  }
  [[nodiscard]] const std::vector<int>& of(Kind kind) const {
    return objects_[static_cast<std::size_t>(kind)];
  }

  void make_objects() {
    const auto once_or_twice = [&](auto make) {
      make();
      if (dice_.chance(30)) make();
    };
    if (uses(Part::locks)) once_or_twice([&] { add(Kind::lock, 0); });
    if (uses(Part::events) || uses(Part::conditions)) once_or_twice([&] { add(Kind::event, 0); });
    if (uses(Part::conditions)) {
      once_or_twice([&] {
        add(Kind::condition, !of(Kind::lock).empty() && dice_.chance(40) ? dice_.pick(of(Kind::lock)) : -1);
      });
    }
    if (uses(Part::semaphores)) {
      once_or_twice(
          [&] { add(dice_.chance(50) ? Kind::semaphore : Kind::bounded, dice_.pick({0, 1, 1, 1, 2})); });
    }
    if (uses(Part::barriers)) once_or_twice([&] { add(Kind::barrier, dice_.pick({1, 2, 2, 2, 3, 3})); });
    if (uses(Part::queues)) {
      once_or_twice([&] {
        add(dice_.pick({Kind::queue, Kind::queue, Kind::lifo, Kind::priority}), dice_.pick({0, 1, 1, 1, 2}));
      });
    }
    if (uses(Part::futures)) once_or_twice([&] { add(Kind::future, 0); });
  }

  void list_weights() {
    const auto use = [&](std::initializer_list<Weight> weights) { weights_.insert(weights_.end(), weights); };
    use({{Op::log, 2},
         {Op::tick, 12},
         {Op::sleep, 8},
         {Op::spawn, 8},
         {Op::await, 8},
         {Op::cancel, 10},
         {Op::loop, 2},
         {Op::try_, 6},
         {Op::call, 2},
         {Op::return_, 1},
         {Op::result, 1},
         {Op::exception, 1}});
    if (uses(Part::uncancelling)) use({{Op::uncancel, 6}});
    if (uses(Part::errors)) use({{Op::raise, 6}, {Op::try_, 6}});
    if (uses(Part::locks)) use({{Op::acquire, 8}, {Op::with, 12}, {Op::release, 4}, {Op::state, 1}});
    if (uses(Part::conditions)) {
      use({{Op::with, 16},
           {Op::cond_wait, 3},
           {Op::cond_wait_for, 2},
           {Op::notify, 3},
           {Op::notify_all, 2},
           {Op::set, 3},
           {Op::acquire, 2},
           {Op::release, 1}});
    }
    if (uses(Part::semaphores)) use({{Op::acquire, 8}, {Op::with, 12}, {Op::release, 7}, {Op::state, 1}});
    if (uses(Part::events)) use({{Op::wait_event, 10}, {Op::set, 6}, {Op::clear, 4}, {Op::state, 1}});
    if (uses(Part::barriers)) use({{Op::barrier_wait, 16}, {Op::reset, 3}, {Op::abort, 2}, {Op::state, 2}});
    if (uses(Part::queues)) {
      use({{Op::put, 12},
           {Op::get, 12},
           {Op::put_nowait, 4},
           {Op::get_nowait, 4},
           {Op::task_done, 4},
           {Op::join, 3},
           {Op::shutdown, 1},
           {Op::state, 1}});
    }
    if (uses(Part::futures)) {
      use({{Op::set_result, 5},
           {Op::set_exception, 3},
           {Op::await, 8},
           {Op::add_callback, 4},
           {Op::remove_callback, 2},
           {Op::result, 1},
           {Op::exception, 1}});
    }
    if (uses(Part::callbacks)) {
      use({{Op::call_soon, 6},
           {Op::call_later, 8},
           {Op::cancel_call, 3},
           {Op::add_callback, 5},
           {Op::remove_callback, 1}});
    }
    if (uses(Part::gathers)) use({{Op::gather, 14}, {Op::shield, 8}});
    if (uses(Part::waits)) use({{Op::wait, 12}, {Op::wait_for, 12}});
    if (uses(Part::timeouts)) use({{Op::timeout, 14}, {Op::reschedule, 5}});
    if (uses(Part::groups)) use({{Op::group, 12}, {Op::group_spawn, 10}});
    if (uses(Part::completions)) use({{Op::as_completed, 8}, {Op::each_completed, 8}});
    if (uses(Part::contexts)) use({{Op::set_var, 14}, {Op::get_var, 14}, {Op::reset_var, 6}});
    if (uses(Part::eagerness)) use({{Op::eager, 6}, {Op::spawn, 10}});
    if (uses(Part::threads)) use({{Op::to_thread, 16}});
    for (const Weight& weight : weights_) total_ += weight.weight;
  }

  Op draw() {
    int left = dice_.below(total_);
    for (const Weight& weight : weights_) {
      left -= weight.weight;
      if (left < 0) return weight.op;
    }
    return Op::log;
  }

  Block block(int length, int depth) {
    Block block;
    Block last;  // what gives back what the block has taken
    while (length-- > 0) {
      Operation made = operation(draw(), depth);
      if (made.op == Op::acquire && dice_.chance(70)) {
        Operation giving;
        giving.op = Op::release;
        giving.on = made.on;
        last.push_back(std::move(giving));
      }
      if (made.op == Op::get && dice_.chance(50)) {
        Operation done;
        done.op = Op::task_done;
        done.on = made.on;
        last.push_back(std::move(done));
      }
      block.push_back(std::move(made));
    }
    while (!last.empty()) {
      block.push_back(std::move(last.back()));
      last.pop_back();
    }
    return block;
  }

  /// What a callback does: one operation that does not wait.
  Operation action() {
    std::vector<Op> choices{Op::log, Op::cancel, Op::cancel};
    const auto offer = [&](std::initializer_list<Op> more) { choices.insert(choices.end(), more); };
    if (uses(Part::uncancelling)) offer({Op::uncancel});
    if (bodies() > body_ + 1) offer({Op::spawn});
    if (!of(Kind::event).empty()) offer({Op::set, Op::set, Op::clear});
    if (!held().empty()) offer({Op::release, Op::release});
    if (!of(Kind::condition).empty()) offer({Op::notify, Op::notify_all});
    if (!queues().empty())
      offer({Op::put_nowait, Op::put_nowait, Op::get_nowait, Op::get_nowait, Op::shutdown});
    if (!of(Kind::future).empty()) offer({Op::set_result, Op::set_result, Op::set_exception});
    if (uses(Part::timeouts)) offer({Op::reschedule});
    if (uses(Part::groups)) offer({Op::group_spawn});
    if (uses(Part::contexts)) offer({Op::get_var, Op::get_var, Op::set_var, Op::reset_var});
    if (uses(Part::eagerness)) offer({Op::eager});
    if (uses(Part::errors) && dice_.chance(20)) offer({Op::raise});
    Operation made = operation(dice_.pick(choices), 99);
    if (made.op == Op::uncancel && made.refs.empty()) made.refs.push_back(task());
    return made;
  }

  [[nodiscard]] std::vector<int> held() const {
    return objects_of({Kind::lock, Kind::condition, Kind::semaphore, Kind::bounded});
  }
  [[nodiscard]] std::vector<int> queues() const {
    return objects_of({Kind::queue, Kind::lifo, Kind::priority});
  }
  [[nodiscard]] std::vector<int> objects_of(std::initializer_list<Kind> wanted) const {
    std::vector<int> found;
    for (const Kind kind : wanted) found.insert(found.end(), of(kind).begin(), of(kind).end());
    return found;
  }

  Ref task() { return {Ref::Kind::task, dice_.chance(10) ? 0 : dice_.below(bodies())}; }
  /// A body that this one may start; not to be asked for by the last.
  Ref later_body() { return {Ref::Kind::body, body_ + 1 + dice_.below(bodies() - body_ - 1)}; }

  /// Something that is there already.
  Ref existing() {
    if (uses(Part::gathers) && dice_.chance(20)) return {Ref::Kind::outer, dice_.below(2)};
    if (!of(Kind::future).empty() && dice_.chance(40))
      return {Ref::Kind::future, dice_.pick(of(Kind::future))};
    return task();
  }
  Ref anything() { return bodies() > body_ + 1 && dice_.chance(45) ? later_body() : existing(); }
  template <class Draw>
  std::vector<Ref> several(Draw draw) {
    std::vector<Ref> refs;
    for (int count = dice_.pick({0, 1, 2, 2, 2, 3, 3}); count > 0; --count) refs.push_back(draw());
    return refs;
  }

  int limit() { return dice_.pick({no_timeout, -1, 0, 1, 1, 1, 2, 2, 3}); }
  Block inner(int depth) { return block(1 + dice_.below(4), depth + 1); }

  Operation operation(Op op, int depth) {
    Operation made;
    made.op = op;
    const OpInfo& its = info(op);
    if (its.objects != 0) {
      std::vector<int> fitting;
      for (std::size_t index = 0; index < program_.objects.size(); ++index) {
        if ((its.objects >> static_cast<unsigned>(program_.objects[index].kind) & 1U) != 0)
          fitting.push_back(static_cast<int>(index));
      }
      if (fitting.empty()) return operation(Op::tick, depth);
      made.on = dice_.pick(fitting);
    }
    const bool starts = op == Op::call || op == Op::spawn || op == Op::group_spawn;
    if (starts && bodies() == body_ + 1) return operation(depth == 99 ? Op::log : Op::tick, depth);
    if (its.blocks > 0 && !its.action && depth >= 3) return operation(Op::tick, depth);
    switch (op) {
      case Op::sleep:
        made.n = dice_.pick({1, 1, 1, 2, 2, 3, 0, -1});
        break;
      case Op::raise:
      case Op::set_exception:
        made.mode = dice_.pick({0, 1, 1, 2, 3});
        if (op == Op::set_exception) {
          // A future refuses a CancelledError in neither implementation, but its meaning is nobody's.
          made.mode %= 3;
          made.refs = {{Ref::Kind::future, dice_.pick(of(Kind::future))}};
        }
        break;
      case Op::set_result:
        made.refs = {{Ref::Kind::future, dice_.pick(of(Kind::future))}};
        break;
      case Op::loop:
        made.n = 2 + dice_.below(2);
        made.blocks = {inner(depth)};
        break;
      case Op::try_:
        made.mode = dice_.pick({0, 1, 1, 1, 2, 2, 3, 3});
        made.flag = dice_.chance(40);
        made.blocks = {inner(depth), dice_.chance(50) ? inner(depth) : Block(),
                       dice_.chance(35) ? inner(depth) : Block()};
        break;
      case Op::spawn:
        if (uses(Part::contexts) && dice_.chance(30)) made.mode = 1;
        if (uses(Part::eagerness) && dice_.chance(40)) made.mode = 2;
        made.refs = {later_body()};
        break;
      case Op::call:
        made.refs = {later_body()};
        break;
      case Op::eager:
        made.flag = dice_.chance(70);
        break;
      case Op::set_var:
      case Op::get_var:
      case Op::reset_var:
        made.on = dice_.below(2);
        break;
      case Op::to_thread:
        made.on = dice_.below(2);
        made.mode = dice_.pick({0, 0, 0, 1, 2, 3});
        break;
      case Op::group_spawn:
        made.on = dice_.below(2);
        made.refs = {later_body()};
        break;
      case Op::await:
      case Op::result:
      case Op::exception:
      case Op::remove_callback:
        made.refs = {existing()};
        break;
      case Op::cancel:
        made.refs = {dice_.chance(70) ? task() : existing()};
        made.flag = dice_.chance(60);
        break;
      case Op::uncancel:
        if (dice_.chance(40)) made.refs = {task()};
        break;
      case Op::add_callback:
        made.refs = {existing()};
        made.blocks = {{action()}};
        break;
      case Op::call_later:
        made.n = dice_.pick({-1, 0, 1, 1, 2, 3});
        [[fallthrough]];
      case Op::call_soon:
        made.on = dice_.below(2);
        made.blocks = {{action()}};
        break;
      case Op::cancel_call:
        made.on = dice_.below(2);
        break;
      case Op::with:
        made.blocks = {inner(depth)};
        if (program_.objects[static_cast<std::size_t>(made.on)].kind == Kind::condition) {
          Operation inside = operation(
              dice_.pick({Op::cond_wait, Op::cond_wait, Op::cond_wait_for, Op::notify, Op::notify_all}),
              depth);
          inside.on = made.on;
          Block& block = made.blocks[0];
          block.insert(block.begin() + dice_.below(static_cast<int>(block.size()) + 1), std::move(inside));
        }
        break;
      case Op::cond_wait_for:
        made.n = dice_.pick(of(Kind::event));
        break;
      case Op::notify:
        made.n = dice_.pick({0, 1, 1, 1, 2});
        break;
      case Op::put:
      case Op::put_nowait:
        made.n = dice_.below(3);
        break;
      case Op::shutdown:
        made.flag = dice_.chance(50);
        break;
      case Op::gather:
        made.refs = several([&] { return anything(); });
        made.flag = dice_.chance(45);
        made.on = dice_.chance(35) ? dice_.below(2) : -1;
        break;
      case Op::shield:
        made.refs = {anything()};
        made.on = dice_.chance(35) ? dice_.below(2) : -1;
        break;
      case Op::wait:
        made.refs = several([&] { return existing(); });
        made.n = limit();
        made.mode = dice_.below(3);
        break;
      case Op::wait_for:
        made.refs = {anything()};
        made.n = limit();
        break;
      case Op::as_completed:
      case Op::each_completed:
        made.refs = several([&] { return anything(); });
        made.n = limit();
        made.mode = 1 + dice_.below(4);
        break;
      case Op::timeout:
        made.on = dice_.below(2);
        made.n = limit();
        made.blocks = {inner(depth)};
        break;
      case Op::reschedule:
        made.on = dice_.below(2);
        made.n = limit();
        break;
      case Op::group:
        made.on = dice_.below(2);
        made.blocks = {inner(depth)};
        if (bodies() > body_ + 1) {
          for (int count = 1 + dice_.below(2); count > 0; --count) {
            Operation child = operation(Op::group_spawn, depth);
            child.on = made.on;
            made.blocks[0].insert(made.blocks[0].begin(), std::move(child));
          }
        }
        break;
      default:
        break;
    }
    return made;
  }

  /// Sees to it that every body is started by one with a lower number.
  void start_all() {
    std::vector<bool> started(program_.bodies.size());
    for (const Block& body : program_.bodies) {
      for_each_operation(body, [&](const Operation& operation) {
        for (const Ref& ref : operation.refs) {
          if (ref.kind == Ref::Kind::body) started[static_cast<std::size_t>(ref.index)] = true;
        }
      });
    }
    for (int body = bodies() - 1; body > 0; --body) {
      if (started[static_cast<std::size_t>(body)] && dice_.chance(50)) continue;
      Block& parent = program_.bodies[static_cast<std::size_t>(dice_.chance(70) ? 0 : dice_.below(body))];
      Operation spawn;
      spawn.op = Op::spawn;
      spawn.refs = {{Ref::Kind::body, body}};
      parent.insert(parent.begin() + dice_.below(std::min(2, static_cast<int>(parent.size())) + 1),
                    std::move(spawn));
    }
  }

  Dice dice_;
  int size_;
  Program program_;
  bool uses_[parts] = {};
  std::array<std::vector<int>, kinds> objects_;
  std::vector<Weight> weights_;
  int total_ = 0;
  int body_ = 0;
};

}  // namespace

rc::Gen<Program> programs() {
  return [](const rc::Random& random, int size) {
    return rc::shrinkable::shrinkRecur(Generator(random, size).make(), [](const Program& program) {
      return rc::seq::fromContainer(smaller_programs(program));
    });
  };
}

}  // namespace coweave::conformance
