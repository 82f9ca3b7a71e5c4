#include <coweave/sim/search/dpor_plan.hpp>

#include <algorithm>
#include <utility>

namespace coweave::sim {

namespace {

/// The choice `depth` on the way to `frame`, which is not before it.
DporFrame* ancestor(DporFrame* frame, std::size_t depth) {
  while (frame && frame->depth > depth) frame = frame->up.get();
  return frame;
}

bool sleeps(const DporFrame& frame, std::uint64_t actor) {
  return std::any_of(frame.asleep.begin(), frame.asleep.end(),
                     [&](const DporTried& tried) { return tried.actor == actor; });
}

bool is_child(const DporFrame& frame, std::uint64_t actor) {
  return std::any_of(frame.children.begin(), frame.children.end(),
                     [&](const DporFrame::Child& child) { return child.taken == actor; });
}

/// A frame of `node`, with what was tried there, and what is behind it in other frames.
std::shared_ptr<DporFrame> frame_of(DporNode& node) {
  auto frame = std::make_shared<DporFrame>();
  frame->is_step = node.is_step;
  frame->options = node.options;
  frame->candidates = std::move(node.candidates);
  frame->to_try = std::move(node.to_try);
  frame->asleep = std::move(node.asleep);
  for (DporTried& tried : node.tried) frame->children.push_back({tried.actor, std::move(tried.effects)});
  return frame;
}

}  // namespace

std::optional<std::string> DporPlan::message(DporPiece& piece) {
  if (!piece.frame) return std::string();
  const DporFrame& frame = *piece.frame;
  const auto child = frame.children.begin() + static_cast<std::ptrdiff_t>(piece.child);
  DporTask task;
  if (frame.is_step) {
    task.asleep = frame.asleep;
    for (auto before = frame.children.begin(); before != child; ++before) {
      if (!before->effects) return std::nullopt;
      task.asleep.push_back({before->taken, *before->effects});
    }
  }
  std::uint64_t taken = child->taken;
  for (const DporFrame* choice = &frame; choice; choice = choice->up.get()) {
    task.path.push_back({choice->is_step, taken, choice->options});
    taken = choice->via;
  }
  std::reverse(task.path.begin(), task.path.end());
  return to_message(task);
}

/// Calls `add` with what is to be done at a choice and is none of its children yet, which it then is.
/// `taken`: the last of them so far, of another choice than that of a step.
template <class Add>
void DporPlan::add_children(DporFrame& frame, std::uint64_t taken, Add add) {
  const auto add_child = [&](std::uint64_t next) {
    frame.children.push_back({next, std::nullopt});
    add(frame.children.size() - 1);
  };
  if (!frame.is_step) {
    while (++taken < frame.options) add_child(taken);
    return;
  }
  for (const std::uint64_t actor : frame.to_try) {
    if (!sleeps(frame, actor) && !is_child(frame, actor)) add_child(actor);
  }
}

DporOutcome DporPlan::unfold(DporPiece& piece, std::string_view message) {
  DporLeft left = dpor_left(message);
  DporOutcome outcome{piece.frame, std::move(left.races)};
  std::shared_ptr<DporFrame> up = piece.frame;
  std::uint64_t via = 0;
  if (up) {
    DporFrame::Child& child = up->children[piece.child];
    child.effects = std::move(left.effects);
    via = child.taken;
  }
  std::vector<std::shared_ptr<DporFrame>> frames;
  for (DporNode& node : left.nodes) {
    std::shared_ptr<DporFrame> frame = frame_of(node);
    frame->depth = up ? up->depth + 1 : 0;
    frame->up = up;
    frame->via = std::exchange(via, node.taken);
    frames.push_back(frame);
    up = std::move(frame);
  }
  // The deepest first. Behind what is taken there nothing was done yet; behind the others something was.
  for (std::size_t place = frames.size(); place-- > 0;) {
    DporNode& node = left.nodes[place];
    const auto add_piece = [&](std::size_t child) { add({frames[place], child}); };
    frames[place]->children.push_back({node.taken, std::nullopt});
    if (place + 1 == frames.size()) {
      add_piece(frames[place]->children.size() - 1);
    } else {
      frames[place]->children.back().effects = std::move(node.effects);
    }
    add_children(*frames[place], node.taken, add_piece);
  }
  return outcome;
}

void DporPlan::follow(const DporOutcome& outcome) {
  for (const Race& race : outcome.races) {
    std::shared_ptr<DporFrame> frame = outcome.frame;
    while (frame->depth > race.node) frame = frame->up;
    note(race, frame->candidates, frame->to_try);
    const auto is_elsewhere = [&](const DporPiece& piece) {
      return ancestor(piece.frame.get(), frame->depth) != frame.get();
    };
    add_children(*frame, 0, [&](std::size_t child) { add_before({frame, child}, is_elsewhere); });
  }
}

}  // namespace coweave::sim
