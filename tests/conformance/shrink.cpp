#include <coweave/tests/conformance/shrink.hpp>

#include <algorithm>
#include <functional>
#include <utility>

namespace coweave::conformance {

namespace {

/// Whether it makes sense with any number of references.
bool takes_many(Op op) {
  return op == Op::gather || op == Op::wait || op == Op::as_completed || op == Op::each_completed;
}

class Shrinker {
 public:
  explicit Shrinker(const Program& program) : program_(program) {}

  std::vector<Program> all() {
    for (std::size_t body = 1; body < program_.bodies.size(); ++body) without_body(body);
    for (std::size_t body = 0; body < program_.bodies.size(); ++body)
      shorten([body](Program& program) -> Block& { return program.bodies[body]; }, program_.bodies[body]);
    for (std::size_t object = 0; object < program_.objects.size(); ++object) without_object(object);
    for (std::size_t object = 0; object < program_.objects.size(); ++object) simplify_object(object);
    return std::move(found_);
  }

 private:
  /// Finds a block in a copy of the program.
  using Locate = std::function<Block&(Program&)>;

  void keep(Program&& program) {
    number(program);
    found_.push_back(std::move(program));
  }

  static bool refers_to(const Operation& operation, std::size_t body) {
    return std::ranges::any_of(operation.refs, [&](const Ref& ref) {
      return (ref.kind == Ref::Kind::body || ref.kind == Ref::Kind::task) &&
             static_cast<std::size_t>(ref.index) == body;
    });
  }

  /// Removes references to a body, and the operations that are nothing without them.
  static void remove_references(Block& block, std::size_t body) {
    std::erase_if(block, [&](Operation& operation) {
      const bool concerned = refers_to(operation, body);
      const bool many = takes_many(operation.op);
      if (concerned && !many) return true;
      std::erase_if(operation.refs, [&](const Ref& ref) {
        return (ref.kind == Ref::Kind::body || ref.kind == Ref::Kind::task) &&
               static_cast<std::size_t>(ref.index) == body;
      });
      for (Ref& ref : operation.refs) {
        if ((ref.kind == Ref::Kind::body || ref.kind == Ref::Kind::task) &&
            static_cast<std::size_t>(ref.index) > body)
          --ref.index;
      }
      for (Block& inner : operation.blocks) remove_references(inner, body);
      return info(operation.op).action && operation.blocks[0].empty();
    });
  }

  void without_body(std::size_t body) {
    Program program = program_;
    program.bodies.erase(program.bodies.begin() + static_cast<std::ptrdiff_t>(body));
    for (Block& block : program.bodies) remove_references(block, body);
    keep(std::move(program));
  }

  static bool uses_object(const Operation& operation, int object) {
    return (info(operation.op).objects != 0 && operation.on == object) ||
           (operation.op == Op::cond_wait_for && operation.n == object) ||
           std::ranges::any_of(operation.refs, [&](const Ref& ref) {
             return ref.kind == Ref::Kind::future && ref.index == object;
           });
  }

  /// Only an object that nobody uses.
  void without_object(std::size_t index) {
    const int object = static_cast<int>(index);
    bool used = false;
    for (const Block& body : program_.bodies) {
      for_each_operation(body,
                         [&](const Operation& operation) { used = used || uses_object(operation, object); });
    }
    for (const Made& made : program_.objects)
      used = used || (made.kind == Kind::condition && made.n == object);
    if (used) return;
    Program program = program_;
    program.objects.erase(program.objects.begin() + object);
    for (Made& made : program.objects) {
      if (made.kind == Kind::condition && made.n > object) --made.n;
    }
    for (Block& body : program.bodies) {
      for_each_operation(body, [&](Operation& operation) {
        if (info(operation.op).objects != 0 && operation.on > object) --operation.on;
        if (operation.op == Op::cond_wait_for && operation.n > object) --operation.n;
        for (Ref& ref : operation.refs) {
          if (ref.kind == Ref::Kind::future && ref.index > object) --ref.index;
        }
      });
    }
    keep(std::move(program));
  }

  void simplify_object(std::size_t index) {
    const Made& made = program_.objects[index];
    const auto change = [&](Made changed) {
      Program program = program_;
      program.objects[index] = changed;
      keep(std::move(program));
    };
    if (made.kind == Kind::lifo || made.kind == Kind::priority) change({Kind::queue, made.n});
    if (made.kind == Kind::bounded) change({Kind::semaphore, made.n});
    if (made.kind == Kind::condition && made.n >= 0) change({Kind::condition, -1});
    const int least = made.kind == Kind::barrier ? 1 : 0;
    if (made.kind != Kind::condition && made.n > least) change({made.kind, made.n - 1});
  }

  /// Everything that can be done to the block that `locate` finds in a program.
  void shorten(const Locate& locate, const Block& block) {
    for (std::size_t length = block.size(); length > 0; length /= 2) {
      for (std::size_t first = 0; first + length <= block.size(); first += length) {
        Program program = program_;
        Block& changed = locate(program);
        const auto from = changed.begin() + static_cast<std::ptrdiff_t>(first);
        changed.erase(from, from + static_cast<std::ptrdiff_t>(length));
        keep(std::move(program));
      }
    }
    for (std::size_t place = 0; place < block.size(); ++place) {
      unwrap(locate, block[place], place);
      simplify(locate, block[place], place);
    }
  }

  void unwrap(const Locate& locate, const Operation& operation, std::size_t place) {
    if (info(operation.op).action) return;
    for (std::size_t index = 0; index < operation.blocks.size(); ++index) {
      if (!operation.blocks[index].empty()) {
        Program program = program_;
        Block& changed = locate(program);
        const Block inner = operation.blocks[index];
        changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(place));
        changed.insert(changed.begin() + static_cast<std::ptrdiff_t>(place), inner.begin(), inner.end());
        keep(std::move(program));
      }
      shorten([&locate, place,
               index](Program& program) -> Block& { return locate(program)[place].blocks[index]; },
              operation.blocks[index]);
    }
  }

  void simplify(const Locate& locate, const Operation& operation, std::size_t place) {
    const auto change = [&](auto alter) {
      Program program = program_;
      alter(locate(program)[place]);
      keep(std::move(program));
    };
    const bool many = takes_many(operation.op);
    if (many) {
      for (std::size_t ref = 0; ref < operation.refs.size(); ++ref)
        change([&](Operation& it) { it.refs.erase(it.refs.begin() + static_cast<std::ptrdiff_t>(ref)); });
    }
    if (operation.flag) change([](Operation& it) { it.flag = false; });
    if (operation.mode > 0 && operation.op != Op::try_) change([](Operation& it) { it.mode = 0; });
    if (operation.mode == 3 && operation.op == Op::try_) {
      change([](Operation& it) { it.mode = 1; });
      change([](Operation& it) { it.mode = 2; });
    }
    if (operation.n > 0 && operation.op != Op::cond_wait_for) {
      if (operation.n > 1) change([](Operation& it) { it.n = 1; });
      change([](Operation& it) { --it.n; });
    }
    if ((operation.op == Op::gather || operation.op == Op::shield) && operation.on > 0)
      change([](Operation& it) { it.on = 0; });
    if (operation.op == Op::sleep || operation.op == Op::await || operation.op == Op::call ||
        operation.op == Op::to_thread)
      change([](Operation& it) {
        it = Operation();
        it.op = Op::tick;
      });
  }

  const Program& program_;
  std::vector<Program> found_;
};

}  // namespace

std::vector<Program> smaller_programs(const Program& program) { return Shrinker(program).all(); }

}  // namespace coweave::conformance
