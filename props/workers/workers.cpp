#include <coweave/props/workers/workers.hpp>

#include <coweave/props/workers/numbered_plan.hpp>
#include <coweave/sim/search/message.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <new>
#include <poll.h>
#include <sys/mman.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace coweave::detail {

namespace {

void send(int pipe, const Part& part) {
  const std::string message = to_message(part);
  write_all(pipe, message.data(), message.size());
}

/// Instead of a message: there is nothing more to come.
constexpr std::size_t farewell = 0;

}  // namespace

/// What all workers see: which piece nobody has taken yet.
struct Workers::Claims {
  std::atomic<std::uint64_t> next{0};
};

Workers::Workers(std::uint32_t count, Division& division, const sim::Simulation& simulation,
                 std::function<void(BlackBox&)> ready)
    : division_(division), simulation_(simulation), ready_(std::move(ready)), plan_(division.plan()) {
  workers_.resize(count);
  if (plan_) return;  // a process is started when there is something for it to do
  plan_ = std::make_unique<NumberedPlan>();
  void* memory = mmap(nullptr, sizeof(Claims), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    throw std::system_error(errno, std::generic_category(), "memory to share with worker processes");
  claims_ = new (memory) Claims;
  // Whatever ends everybody before there is a piece belongs to the first.
  for (Worker& worker : workers_) start(worker, {}, [this](int pipe, BlackBox& box) { claim(pipe, box); });
}

Workers::~Workers() {
  workers_.clear();
  if (claims_) munmap(claims_, sizeof(Claims));
}

/// Starts a process that does `pieces`, of which `first` is the first.
void Workers::start(Worker& worker, sim::Piece first, const Pieces& pieces) {
  worker.heard.clear();
  worker.is_idle = false;
  worker.box = std::make_unique<BlackBox>();
  worker.piece = std::move(first);
  worker.child.emplace([&](int pipe) {
    worker.box->work_begins(worker.piece.number);
    worker.box->guard(simulation_);
    ready_(*worker.box);
    division_.tell(*worker.box);
    division_.prepare();
    pieces(pipe, *worker.box);
  });
}

/// One piece after the other, as long as there are any.
void Workers::claim(int pipe, BlackBox& box) {
  for (bool exists = true; exists;) {
    const sim::Piece piece{.number = claims_->next.fetch_add(1)};
    box.work_begins(piece.number);
    exists = division_.piece(piece, [pipe](const Part& part) { send(pipe, part); });
  }
  write_all(pipe, &farewell, sizeof farewell);
}

/// `piece`, and then what the parent tells, until it has heard enough and ends this process.
void Workers::obey(int pipe, BlackBox& box, sim::Piece piece) {
  for (;;) {
    division_.piece(piece, [pipe](const Part& part) { send(pipe, part); });
    piece = await_piece(pipe);
    box.work_begins(piece.number);
  }
}

/// Gives a piece to everybody who is free, as long as there are any to give.
void Workers::deal_out() {
  for (Worker& worker : workers_) {
    if (worker.child && !worker.is_idle) continue;
    std::optional<sim::Piece> piece = plan_->take();
    if (!piece) return;
    deal(worker, std::move(*piece));
  }
}

void Workers::deal(Worker& worker, sim::Piece piece) {
  if (!worker.child) {
    return start(worker, std::move(piece),
                 [this, &worker](int pipe, BlackBox& box) { obey(pipe, box, worker.piece); });
  }
  worker.is_idle = false;
  worker.piece = std::move(piece);
  worker.child->tell(to_message(worker.piece));
}

Workers::Came Workers::next(std::chrono::milliseconds patience, Part& part, Ending& ending) {
  for (bool listened = false;; listened = true) {
    deal_out();
    const std::optional<std::uint64_t> due = plan_->due();
    if (!due) return Came::end;
    const auto said = parts_.find(*due);
    if (said != parts_.end() && given_ < said->second.size()) {
      Heard heard = std::move(said->second[given_++]);
      part = std::move(heard.part);
      ending = heard.ending;
      if (part.then == Part::Then::more) return Came::part;
      parts_.erase(said);
      given_ = 0;
      if (part.then == Part::Then::end) plan_->counted();
      return Came::part;
    }
    const bool anybody = std::any_of(workers_.begin(), workers_.end(),
                                     [](const Worker& worker) { return worker.child.has_value(); });
    if (!anybody) return Came::end;
    if (listened) return Came::nothing_yet;
    listen(patience);
  }
}

void Workers::listen(std::chrono::milliseconds patience) {
  std::vector<pollfd> pipes;
  for (const Worker& worker : workers_)
    pipes.push_back({worker.child ? worker.child->pipe() : -1, POLLIN, 0});
  if (poll(pipes.data(), pipes.size(), static_cast<int>(patience.count())) <= 0) return;
  for (std::size_t index = 0; index < pipes.size(); ++index) {
    if (pipes[index].revents != 0) hear(workers_[index]);
  }
}

void Workers::hear(Worker& worker) {
  std::array<char, 65536> buffer{};
  const ssize_t count = read(worker.child->pipe(), buffer.data(), buffer.size());
  if (count < 0 && errno == EINTR) return;
  if (count <= 0) return bury(worker);
  worker.heard.append(buffer.data(), static_cast<std::size_t>(count));
  if (take_messages(worker.heard, &worker)) worker.child.reset();  // it needs no more time than to end
}

/// Takes the parts from the front of what was heard, of a worker or of a process that does its piece again.
/// True: it ends with a farewell.
bool Workers::take_messages(std::string& messages, Worker* worker) {
  std::size_t begin = 0;
  while (messages.size() - begin >= sizeof(std::size_t)) {
    const char* from = messages.data() + begin;
    const auto size = get<std::size_t>(from);
    if (size == farewell) return true;
    if (messages.size() - begin - sizeof size < size) break;
    Part part = part_of_message(from);
    begin += sizeof size + size;
    if (worker && !claims_ && part.then != Part::Then::more) worker->is_idle = true;
    take({std::move(part), {}});
  }
  messages.erase(0, begin);
  return false;
}

void Workers::take(Heard heard) {
  const Part& part = heard.part;
  if (!plan_->wants(part.piece)) return;
  if (part.then == Part::Then::end) {
    plan_->done(part.piece, part.runs.size(), part.left);
  } else if (part.then != Part::Then::more) {
    plan_->cut_behind(part.piece);
  }
  parts_[part.piece].push_back(std::move(heard));
}

/// It has ended without a farewell.
void Workers::bury(Worker& worker) {
  Heard last;
  last.ending = worker.child->wait().before_its_end();
  worker.child.reset();
  if (worker.is_idle) return;  // what it did was heard
  if (claims_) {
    worker.piece.number = worker.box->work();
  } else if (worker.box->work() != worker.piece.number) {
    return deal(worker, std::move(worker.piece));  // it has not begun
  }
  last.part.piece = worker.piece.number;
  last.part.then = worker.box->hangs() ? Part::Then::blocked : Part::Then::crashed;
  last.part.kept = worker.box->kept();
  last.part.schedule = worker.box->schedule();
  last.part.steps = worker.box->steps();
  if (!plan_->wants(last.part.piece)) return;
  const std::uint64_t run = worker.box->run();
  if (run > worker.piece.first_run) do_again(*worker.box, worker.piece, run);
  if (last.part.then == Part::Then::crashed && !last.part.kept) seek_choices(*worker.box, worker.piece, last);
  take(std::move(last));
}

/// What a process knew of its piece ended with it: another one does the runs before `run` again.
void Workers::do_again(BlackBox& box, const sim::Piece& piece, std::uint64_t run) {
  const std::size_t known = parts_[piece.number].size();
  std::string heard;
  Child again([&](int pipe) {
    ready_(box);
    division_.end_before(run);
    division_.prepare();
    std::size_t number = 0;
    division_.piece(piece, [&](Part part) {
      if (number++ < known) return;  // it was told before
      part.then = Part::Then::more;
      send(pipe, part);
    });
  });
  again.read_all(std::chrono::nanoseconds(0), heard);
  take_messages(heard, nullptr);
}

/// A process has ended without a word in the run that the box tells: another one does the same, and keeps
/// each choice as it is made. If it ends so too, its choices are those that were sought.
void Workers::seek_choices(BlackBox& box, const sim::Piece& piece, Heard& last) {
  const std::uint64_t run = box.run();
  box.work_begins(piece.number);
  std::string heard;
  Child again([&](int pipe) {
    ready_(box);
    division_.end_before(run + 1);
    division_.keep_choices(simulation_, box);
    division_.prepare();
    division_.piece(piece, [](const Part&) {});
    write_all(pipe, ".", 1);
  });
  const Ending ending = again.read_all(std::chrono::nanoseconds(0), heard);
  if (!heard.empty() || ending.before_its_end() != last.ending) return;
  last.part.kept = true;
  last.part.schedule = box.schedule();
  last.part.steps = std::max<std::uint64_t>(box.steps(), 1);
}

}  // namespace coweave::detail
