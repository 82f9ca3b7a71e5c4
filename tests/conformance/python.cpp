#include <coweave/tests/conformance/python.hpp>

#include <coweave/tests/conformance/program_json.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace coweave::conformance {

namespace {

constexpr Version oldest{3, 11, 0};

struct Child {
  pid_t process = -1;
  int to = -1;
  int from = -1;
};

/// Starts a program with pipes to its input and from its output. It is looked for in PATH.
Child start(const std::vector<std::string>& command, bool quiet) {
  int in[2];
  int out[2];
  if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
    throw std::runtime_error(std::string("cannot make a pipe: ") + std::strerror(errno));
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  const pid_t process = fork();
  if (process < 0) throw std::runtime_error(std::string("cannot start a process: ") + std::strerror(errno));
  if (process == 0) {
    dup2(in[0], STDIN_FILENO);
    dup2(out[1], STDOUT_FILENO);
    if (quiet) dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
    execvp(arguments[0], arguments.data());
    _exit(127);
  }
  close(in[0]);
  close(out[1]);
  return {process, in[1], out[0]};
}

/// What the interpreter says of itself, if it is one.
std::optional<PythonFound> ask(const std::string& path) {
  const Child child =
      start({path, "-I", "-c", "import sys; print(*sys.version_info[:3], sys.executable)"}, true);
  close(child.to);
  std::string answer;
  char buffer[512];
  for (ssize_t got = 0; (got = read(child.from, buffer, sizeof buffer)) > 0;)
    answer.append(buffer, static_cast<std::size_t>(got));
  close(child.from);
  int status = 0;
  waitpid(child.process, &status, 0);
  PythonFound found;
  char executable[4096];
  if (status != 0 || std::sscanf(answer.c_str(), "%d %d %d %4095s", &found.version.major,
                                 &found.version.minor, &found.version.micro, executable) != 4)
    return std::nullopt;
  found.path = executable;
  return found;
}

/// Where to look, the likeliest first.
std::vector<std::string> candidates() {
  std::vector<std::string> paths{"python3.13", "python3"};
  if (const char* home = std::getenv("HOME")) {
    std::vector<std::string> installed;
    std::error_code none;
    for (const auto& entry :
         std::filesystem::directory_iterator(std::string(home) + "/.pyenv/versions", none))
      installed.push_back(entry.path().string() + "/bin/python3");
    std::ranges::sort(installed);
    paths.insert(paths.end(), installed.begin(), installed.end());
  }
  return paths;
}

}  // namespace

std::string to_string(const Version& version) {
  return std::to_string(version.major) + "." + std::to_string(version.minor) + "." +
         std::to_string(version.micro);
}

PythonFound find_python(std::string asked) {
  if (asked.empty()) {
    if (const char* variable = std::getenv("COWEAVE_PYTHON")) asked = variable;
  }
  const std::string help =
      " The conformance test needs CPython 3.11 or later, best 3.13; name one with --python PATH or in the "
      "environment variable COWEAVE_PYTHON.";
  if (!asked.empty()) {
    const auto found = ask(asked);
    if (!found) throw std::runtime_error("\"" + asked + "\" is not a Python that runs." + help);
    if (found->version < oldest)
      throw std::runtime_error("\"" + asked + "\" is Python " + to_string(found->version) + "." + help);
    return *found;
  }
  std::optional<PythonFound> best;
  std::string seen;
  for (const std::string& path : candidates()) {
    const auto found = ask(path);
    if (!found) continue;
    seen += (seen.empty() ? " Found: " : ", ") + path + " " + to_string(found->version);
    if (found->version < oldest) continue;
    if (found->version.major == 3 && found->version.minor == 13) return *found;
    if (!best || best->version < found->version) best = found;
  }
  if (!best) throw std::runtime_error("There is no Python that is new enough." + seen + "." + help);
  return *best;
}

Python::Python(const PythonFound& python) {
  std::signal(SIGPIPE, SIG_IGN);  // a process that died is told by the next read
  const Child child =
      start({python.path, "-I", COWEAVE_SOURCE_DIR "/tests/conformance/interpreter.py"}, false);
  process_ = child.process;
  to_ = fdopen(child.to, "w");
  from_ = fdopen(child.from, "r");
  static_cast<void>(read_line());  // its version
}

Python::~Python() {
  std::fclose(to_);
  std::fclose(from_);
  waitpid(process_, nullptr, 0);
}

std::vector<std::string> Python::run(std::string_view program) {
  std::fwrite(program.data(), 1, program.size(), to_);
  std::fputc('\n', to_);
  std::fflush(to_);
  return log_from_json(read_line());
}

std::string Python::read_line() {
  char* line = nullptr;
  std::size_t capacity = 0;
  const ssize_t length = getline(&line, &capacity, from_);
  const std::unique_ptr<char, decltype(&std::free)> owner(line, &std::free);
  if (length <= 0) throw std::runtime_error("the Python process ended; what it wrote stands above");
  return {line, static_cast<std::size_t>(length)};
}

}  // namespace coweave::conformance
