#include <coweave/props/workers/child.hpp>

#include <coweave/props/deadline.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace coweave::detail {

namespace {

constexpr int returned_status = 0;

[[noreturn]] void refuse(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

}  // namespace

std::string Ending::in_words() const {
  switch (kind) {
    case Kind::signalled:
      if (const char* name = sigabbrev_np(number)) return fmt::format("was ended by SIG{}", name);
      return fmt::format("was ended by signal {}", number);  // real-time signals have no name
    case Kind::exited:
      return fmt::format("ended with exit status {}", number);
    case Kind::stopped:
      return "was stopped because it took too long";
    case Kind::returned:
      break;
  }
  return "came to its end";
}

Child::Child(const std::function<void(int pipe)>& body) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0) refuse("a pipe from a worker process");
  std::fflush(nullptr);  // or both processes write what is buffered
  const pid_t parent = getpid();
  process_ = fork();
  if (process_ < 0) {
    const int error = errno;
    close(ends[0]);
    close(ends[1]);
    errno = error;
    refuse("a worker process");
  }
  if (process_ == 0) {
    close(ends[0]);
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // a parent that is killed leaves no workers behind
    if (getppid() != parent) _exit(returned_status);
    [&]() noexcept { body(ends[1]); }();  // the code behind the fork is the parent's
    std::fflush(nullptr);
    _exit(returned_status);
  }
  close(ends[1]);
  pipe_ = ends[0];
}

Child::Child(Child&& other) noexcept
    : process_(std::exchange(other.process_, -1)), pipe_(std::exchange(other.pipe_, -1)) {}

Child::~Child() {
  stop();
  if (pipe_ >= 0) close(pipe_);
}

void Child::tell(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = send(pipe_, text.data(), text.size(), MSG_NOSIGNAL);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

Ending Child::wait() {
  int status = 0;
  while (waitpid(process_, &status, 0) < 0) {
    if (errno != EINTR) refuse("the end of a worker process");
  }
  process_ = -1;
  if (WIFSIGNALED(status)) return {Ending::Kind::signalled, WTERMSIG(status)};
  return {Ending::Kind::returned, WEXITSTATUS(status)};
}

void Child::stop() {
  if (process_ < 0) return;
  kill(process_, SIGKILL);
  while (waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
  process_ = -1;
}

void write_all(int pipe, const void* data, std::size_t size) {
  const char* next = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t written = write(pipe, next, size);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) _exit(returned_status);
    next += written;
    size -= static_cast<std::size_t>(written);
  }
}

void read_all(int pipe, void* data, std::size_t size) {
  char* next = static_cast<char*>(data);
  while (size > 0) {
    const ssize_t count = read(pipe, next, size);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) _exit(returned_status);
    next += count;
    size -= static_cast<std::size_t>(count);
  }
}

Ending Child::read_all(std::chrono::nanoseconds limit, std::string& text,
                       const std::function<std::uint64_t()>& progress) {
  Deadline deadline(limit);
  std::uint64_t seen = progress ? progress() : 0;
  for (;;) {
    pollfd readable{pipe_, POLLIN, 0};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline.left()).count();
    const int milliseconds =
        deadline.bounded() ? static_cast<int>(std::min<std::int64_t>(left, 1 << 30)) : -1;
    const int ready = poll(&readable, 1, milliseconds);
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0 && deadline.passed()) {
      const std::uint64_t now = progress ? progress() : 0;
      if (now != seen) {
        seen = now;
        deadline = Deadline(limit);
        continue;
      }
      stop();
      return {Ending::Kind::stopped, 0};
    }
    std::array<char, 65536> buffer{};
    const ssize_t count = read(pipe_, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return wait();
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

Ending in_child(const std::function<std::string()>& body, std::chrono::nanoseconds limit, std::string& text) {
  Child child([&body](int pipe) {
    std::string result = body();
    result += '.';  // it has come to its end
    write_all(pipe, result.data(), result.size());
  });
  text.clear();
  const Ending ending = child.read_all(limit, text);
  if (text.empty() || ending != Ending{}) return ending.before_its_end();
  text.pop_back();
  return ending;
}

}  // namespace coweave::detail
