#include <coweave/props/workers/workers.hpp>

#include <coweave/props/workers/message.hpp>

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

std::string to_message(const Part& part) {
  std::string body;
  put(body, part.piece);
  put(body, part.then);
  put(body, part.exhausted);
  put(body, part.steps);
  put_all(body, part.runs);
  put_all(body, part.schedule);
  put(body, part.marks.size());
  for (const Counted& mark : part.marks) {
    put(body, mark.label);
    put(body, mark.at.file);
    put(body, mark.at.line);
    put(body, mark.kind);
  }
  put_all(body, part.marks_seen);
  std::string message;
  put(message, body.size());
  return message + body;
}

Part from_message(const char* from) {
  Part part;
  part.piece = get<std::uint64_t>(from);
  part.then = get<Part::Then>(from);
  part.exhausted = get<bool>(from);
  part.steps = get<std::uint64_t>(from);
  get_all(from, part.runs);
  get_all(from, part.schedule);
  part.marks.resize(get<std::size_t>(from));
  for (Counted& mark : part.marks) {
    mark.label = get_text(from);
    mark.at.file = get_text(from);
    mark.at.line = get<std::uint32_t>(from);
    mark.kind = get<Counted::Kind>(from);
  }
  get_all(from, part.marks_seen);
  return part;
}

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
    : division_(division), simulation_(simulation), ready_(std::move(ready)) {
  void* memory = mmap(nullptr, sizeof(Claims), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    throw std::system_error(errno, std::generic_category(), "memory to share with worker processes");
  claims_ = new (memory) Claims;
  workers_.resize(count);
  for (Worker& worker : workers_) {
    worker.box = std::make_unique<BlackBox>();
    worker.child.emplace([&](int pipe) {
      worker.box->guard(simulation);
      ready_(*worker.box);
      worker.box->work_begins(0);  // whatever ends everybody before there is a piece belongs to the first
      division_.tell(*worker.box);
      division_.prepare();
      for (;;) {
        const std::uint64_t piece = claims_->next.fetch_add(1);
        worker.box->work_begins(piece);
        const bool exists = division_.piece(piece, [pipe](const Part& part) { send(pipe, part); });
        if (!exists) break;
      }
      write_all(pipe, &farewell, sizeof farewell);
    });
  }
}

Workers::~Workers() {
  workers_.clear();
  munmap(claims_, sizeof(Claims));
}

Workers::Came Workers::next(std::chrono::milliseconds patience, Part& part, Ending& ending) {
  for (bool listened = false;; listened = true) {
    const auto due = parts_.find(piece_);
    if (due != parts_.end() && given_ < due->second.size()) {
      Heard heard = std::move(due->second[given_++]);
      part = std::move(heard.part);
      ending = heard.ending;
      if (part.then != Part::Then::more) {
        parts_.erase(due);
        ++piece_;
        given_ = 0;
      }
      return Came::part;
    }
    bool anybody = false;
    for (const Worker& worker : workers_) anybody = anybody || worker.child;
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
  if (take_messages(worker.heard)) worker.child.reset();  // it needs no more time than to end
}

/// Takes the parts from the front of what was heard. True: it ends with a farewell.
bool Workers::take_messages(std::string& messages) {
  std::size_t begin = 0;
  while (messages.size() - begin >= sizeof(std::size_t)) {
    const char* from = messages.data() + begin;
    const auto size = get<std::size_t>(from);
    if (size == farewell) return true;
    if (messages.size() - begin - sizeof size < size) break;
    Part part = from_message(from);
    begin += sizeof size + size;
    if (part.piece >= piece_) parts_[part.piece].push_back({std::move(part), {}});
  }
  messages.erase(0, begin);
  return false;
}

/// It has ended without a farewell.
void Workers::bury(Worker& worker) {
  Heard last;
  last.ending = worker.child->wait().before_its_end();
  last.part.piece = worker.box->work();
  last.part.then = worker.box->hangs() ? Part::Then::blocked : Part::Then::crashed;
  last.part.kept = worker.box->kept();
  last.part.schedule = worker.box->schedule();
  last.part.steps = worker.box->steps();
  worker.child.reset();
  if (last.part.piece < piece_) return;
  const std::uint64_t run = worker.box->run();
  if (run > 1) do_again(*worker.box, last.part.piece, run);
  if (last.part.then == Part::Then::crashed && !last.part.kept) seek_choices(*worker.box, last);
  parts_[last.part.piece].push_back(std::move(last));
}

/// What a process knew of its piece ended with it: another one does the runs before `run` again.
void Workers::do_again(BlackBox& box, std::uint64_t piece, std::uint64_t run) {
  const std::size_t known = parts_[piece].size();
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
  take_messages(heard);
}

/// A process has ended without a word in the run that the box tells: another one does the same, and keeps
/// each choice as it is made. If it ends so too, its choices are those that were sought.
void Workers::seek_choices(BlackBox& box, Heard& last) {
  const std::uint64_t run = box.run();
  box.work_begins(last.part.piece);
  std::string heard;
  Child again([&](int pipe) {
    ready_(box);
    division_.end_before(run + 1);
    division_.keep_choices(simulation_, box);
    division_.prepare();
    division_.piece(last.part.piece, [](const Part&) {});
    write_all(pipe, ".", 1);
  });
  const Ending ending = again.read_all(std::chrono::nanoseconds(0), heard);
  if (!heard.empty() || ending.before_its_end() != last.ending) return;
  last.part.kept = true;
  last.part.schedule = box.schedule();
  last.part.steps = std::max<std::uint64_t>(box.steps(), 1);
}

}  // namespace coweave::detail
