#include <coweave/tests/conformance/listing.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace coweave::conformance {

namespace {

class Listing {
 public:
  explicit Listing(const Program& program) : program_(program) {}

  std::string text() {
    for (std::size_t index = 0; index < program_.objects.size(); ++index) {
      const auto& [kind, n] = program_.objects[index];
      std::string argument;
      if (kind == Kind::condition && n >= 0) argument = object(n);
      if (kind != Kind::condition && kind != Kind::lock && kind != Kind::event && kind != Kind::future)
        argument = std::to_string(n);
      text_ += fmt::format("{} = {}({})\n", object(static_cast<int>(index)), name_of(kind), argument);
    }
    for (std::size_t index = 0; index < program_.bodies.size(); ++index) {
      text_ += fmt::format("async def b{}():\n", index);
      block(program_.bodies[index], 1);
    }
    return std::move(text_);
  }

 private:
  std::string object(int index) const {
    return fmt::format("{}{}", name_of(program_.objects[static_cast<std::size_t>(index)].kind), index);
  }
  std::string ref(const Ref& ref) const {
    switch (ref.kind) {
      case Ref::Kind::task:
        return fmt::format("task_of(b{})", ref.index);
      case Ref::Kind::future:
        return object(ref.index);
      case Ref::Kind::outer:
        return fmt::format("outer{}", ref.index);
      default:
        return fmt::format("b{}()", ref.index);
    }
  }
  std::string refs(const Operation& op) const {
    std::string text;
    for (const Ref& each : op.refs) text += (text.empty() ? "" : ", ") + ref(each);
    return text;
  }
  static std::string limit(int n) { return n == no_timeout ? "None" : std::to_string(n); }
  static std::string error(const Operation& op) {
    constexpr const char* names[] = {"ValueError", "Boom", "TimeoutError", "CancelledError"};
    return fmt::format("{}({})", names[op.mode], op.mode == 2 ? "" : fmt::format("'e{}'", op.id));
  }

  /// A body in a thread raises what `raise` does, one mode further on.
  static Operation thrown(const Operation& op) {
    Operation raise = op;
    --raise.mode;
    return raise;
  }

  void line(const Operation& op, int depth, std::string text) {
    text_ += fmt::format("{:<60}#{}\n",
                         std::string(static_cast<std::size_t>(depth) * 4, ' ') + std::move(text), op.id);
  }
  void plain(int depth, const std::string& text) {
    text_ += std::string(static_cast<std::size_t>(depth) * 4, ' ') + text + "\n";
  }
  void block(const Block& block, int depth) {
    if (block.empty()) plain(depth, "pass");
    for (const Operation& op : block) operation(op, depth);
  }

  void operation(const Operation& op, int depth) {
    switch (op.op) {
      case Op::loop:
        line(op, depth, fmt::format("for _ in range({}):", op.n));
        return block(op.blocks[0], depth + 1);
      case Op::try_: {
        constexpr const char* caught[] = {"", "CancelledError", "Exception", "(CancelledError, Exception)"};
        line(op, depth, "try:");
        block(op.blocks[0], depth + 1);
        if (op.mode != 0) {
          plain(depth, fmt::format("except {}:", caught[op.mode]));
          block(op.blocks[1], depth + 1);
          if (op.flag) plain(depth + 1, "raise");
        }
        if (!op.blocks[2].empty() || op.mode == 0) {
          plain(depth, "finally:");
          block(op.blocks[2], depth + 1);
        }
        return;
      }
      case Op::with:
        line(op, depth, fmt::format("async with {}:", object(op.on)));
        return block(op.blocks[0], depth + 1);
      case Op::timeout:
        line(op, depth, fmt::format("async with timeout({}) as limit{}:", limit(op.n), op.on));
        return block(op.blocks[0], depth + 1);
      case Op::group:
        line(op, depth, fmt::format("async with TaskGroup() as group{}:", op.on));
        return block(op.blocks[0], depth + 1);
      default:
        return line(op, depth, statement(op));
    }
  }

  std::string statement(const Operation& op) {
    const std::string_view name = info(op.op).name;
    switch (op.op) {
      case Op::log:
        return "log()";
      case Op::tick:
        return "await sleep(0)";
      case Op::sleep:
        return fmt::format("await sleep({})", op.n);
      case Op::raise:
        return "raise " + error(op);
      case Op::return_:
        return fmt::format("return 'v{}'", op.id);
      case Op::call:
      case Op::await:
        return "await " + refs(op);
      case Op::spawn: {
        constexpr const char* how[] = {"", ", context=current_task().get_context()", ", eager_start=True"};
        return fmt::format("create_task({}{})", refs(op), how[op.mode]);
      }
      case Op::eager:
        return fmt::format("set_task_factory({})", op.flag ? "eager_task_factory" : "None");
      case Op::set_var:
        return fmt::format("token{0} = var{0}.set('v{1}')", op.on, op.id);
      case Op::get_var:
        return fmt::format("var{}.get('unset')", op.on);
      case Op::reset_var:
        return fmt::format("var{0}.reset(token{0})", op.on);
      case Op::to_thread:
        return fmt::format("await to_thread(lambda: use(var{}){})", op.on,
                           op.mode == 0 ? "" : fmt::format("; raise {}", error(thrown(op))));
      case Op::cancel:
        return fmt::format("{}.cancel({})", refs(op), op.flag ? fmt::format("'m{}'", op.id) : "");
      case Op::uncancel:
        return (op.refs.empty() ? "current_task()" : refs(op)) + ".uncancel()";
      case Op::set_result:
        return fmt::format("{}.set_result('v{}')", refs(op), op.id);
      case Op::set_exception:
        return fmt::format("{}.set_exception({})", refs(op), error(op));
      case Op::result:
      case Op::exception:
        return fmt::format("{}.{}()", refs(op), name);
      case Op::add_callback:
        return fmt::format("{}.add_done_callback(lambda _: {})", refs(op), called(op));
      case Op::remove_callback:
        return refs(op) + ".remove_done_callback(the latest)";
      case Op::call_soon:
        return fmt::format("call{} = call_soon(lambda: {})", op.on, called(op));
      case Op::call_later:
        return fmt::format("call{} = call_later({}, lambda: {})", op.on, op.n, called(op));
      case Op::cancel_call:
        return fmt::format("call{}.cancel()", op.on);
      case Op::wait_event:
      case Op::cond_wait:
      case Op::barrier_wait:
        return fmt::format("await {}.wait()", object(op.on));
      case Op::cond_wait_for:
        return fmt::format("await {}.wait_for({}.is_set)", object(op.on), object(op.n));
      case Op::notify:
        return fmt::format("{}.notify({})", object(op.on), op.n);
      case Op::put:
        return fmt::format("await {}.put(({}, {}))", object(op.on), op.n, op.id);
      case Op::put_nowait:
        return fmt::format("{}.put_nowait(({}, {}))", object(op.on), op.n, op.id);
      case Op::shutdown:
        return fmt::format("{}.shutdown(immediate={})", object(op.on), op.flag ? "True" : "False");
      case Op::gather: {
        std::string text = fmt::format("gather({}{})", refs(op), op.flag ? ", return_exceptions=True" : "");
        return (op.on >= 0 ? fmt::format("outer{} = ", op.on) : "await ") + text;
      }
      case Op::shield:
        return (op.on >= 0 ? fmt::format("outer{} = ", op.on) : "await ") +
               fmt::format("shield({})", refs(op));
      case Op::wait: {
        constexpr const char* when[] = {"ALL_COMPLETED", "FIRST_COMPLETED", "FIRST_EXCEPTION"};
        return fmt::format("await wait([{}], timeout={}, return_when={})", refs(op), limit(op.n),
                           when[op.mode]);
      }
      case Op::wait_for:
        return fmt::format("await wait_for({}, {})", refs(op), limit(op.n));
      case Op::as_completed:
        return fmt::format("for each in first {} of as_completed([{}], timeout={}): await each", op.mode,
                           refs(op), limit(op.n));
      case Op::each_completed:
        return fmt::format("async for each in first {} of as_completed([{}], timeout={}): pass", op.mode,
                           refs(op), limit(op.n));
      case Op::reschedule:
        return op.n == no_timeout ? fmt::format("limit{}.reschedule(None)", op.on)
                                  : fmt::format("limit{}.reschedule(time() + {})", op.on, op.n);
      case Op::group_spawn:
        return fmt::format("group{}.create_task({})", op.on, refs(op));
      default:
        return fmt::format("{}{}.{}()", info(op.op).waits ? "await " : "", object(op.on), name);
    }
  }

  std::string called(const Operation& op) {
    const Operation& action = op.blocks[0][0];
    return statement(action) + fmt::format(" [#{}]", action.id);
  }

  const Program& program_;
  std::string text_;
};

}  // namespace

std::string listing(const Program& program) { return Listing(program).text(); }

std::string side_by_side(const std::vector<std::string>& ours, const std::vector<std::string>& pythons) {
  std::size_t width = 7;
  for (const std::string& line : ours) width = std::max(width, line.size());
  std::string text = fmt::format("  {:<{}}  {}\n", "coweave", width, "CPython");
  bool differed = false;
  for (std::size_t index = 0; index < std::max(ours.size(), pythons.size()); ++index) {
    const std::string_view left = index < ours.size() ? std::string_view(ours[index]) : "(end)";
    const std::string_view right = index < pythons.size() ? std::string_view(pythons[index]) : "(end)";
    const bool first = !differed && left != right;
    differed = differed || first;
    text += fmt::format("{} {:<{}}  {}\n", first ? ">" : " ", left, width, right);
  }
  return text;
}

}  // namespace coweave::conformance
