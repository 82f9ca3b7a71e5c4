#pragma once

/// A piece of work in a process of its own, which may crash, or never come back, and takes nothing with it.

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace coweave::detail {

/// How a process ended.
struct Ending {
  enum class Kind { returned, signalled, exited, stopped } kind = Kind::returned;
  int number = 0;  ///< the signal, or the exit status

  /// "was ended by SIGSEGV", "ended with exit status 3".
  [[nodiscard]] std::string in_words() const;
  /// Of a process that did not come to the end of its work: what looks like a return was a call of `exit`.
  [[nodiscard]] Ending before_its_end() const noexcept {
    return {kind == Kind::returned ? Kind::exited : kind, number};
  }
  friend bool operator==(const Ending&, const Ending&) = default;
};

class Child {
 public:
  /// Starts a copy of this process, which calls `body` with a pipe to its parent, in both directions, and
  /// ends when that returns. Throws std::system_error if there can be no further process.
  explicit Child(const std::function<void(int pipe)>& body);
  /// Ends it if it has not ended.
  ~Child();
  Child(Child&& other) noexcept;
  Child& operator=(Child&&) = delete;

  /// This process's end of the pipe.
  [[nodiscard]] int pipe() const noexcept { return pipe_; }
  /// Tells it something, all of `text`. One that has ended does not hear it.
  void tell(std::string_view text);
  /// Waits for its end.
  Ending wait();
  /// All that comes through the pipe until its end, for at most `limit` (zero or less: no limit). If
  /// `progress` is given, and is another number after that time than before, it has as much time again.
  Ending read_all(std::chrono::nanoseconds limit, std::string& text,
                  const std::function<std::uint64_t()>& progress = {});
  /// Ends it, and waits for that.
  void stop();

 private:
  pid_t process_ = -1;
  int pipe_ = -1;
};

/// All of `text`, into a pipe to the parent. The process ends if nobody reads it any more.
void write_all(int pipe, const void* data, std::size_t size);
/// The next `size` bytes that the parent has written. The process ends if there is no parent any more.
void read_all(int pipe, void* data, std::size_t size);

/// What `body` returns, in `text`, run in a process of its own for at most `limit` (zero or less: no limit).
Ending in_child(const std::function<std::string()>& body, std::chrono::nanoseconds limit, std::string& text);

}  // namespace coweave::detail
