#include <coweave/traces/file.hpp>

#include <coweave/traces/limits.hpp>
#include <coweave/traces/printable.hpp>
#include <coweave/traces/write.hpp>

#include <fmt/format.h>

#include <cerrno>
#include <fstream>
#include <string>
#include <system_error>
#include <unistd.h>

namespace coweave::traces {

namespace fs = std::filesystem;

namespace {

ReadError file_error(const fs::path& path, std::string message) {
  return {ReadError::Kind::file, printable(path.string()), std::move(message)};
}

std::string reason(int error) { return std::generic_category().message(error); }

/// Why a trace cannot be at `path`, as far as its name and kind tell.
std::optional<std::string> obstacle(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) return "there is no such file; check the path";
  if (error) return "cannot be looked at: " + error.message();
  if (status.type() == fs::file_type::directory) return "this is a directory; name a file in it";
  if (status.type() != fs::file_type::regular) return std::nullopt;  // a pipe, say
  const std::uintmax_t size_bytes = fs::file_size(path, error);
  if (!error && size_bytes > document_size_max_bytes)
    return fmt::format("{} bytes; a trace has at most {}", size_bytes, document_size_max_bytes);
  return std::nullopt;
}

}  // namespace

ReadResult read_trace_file(const fs::path& path) {
  if (auto message = obstacle(path)) return {std::nullopt, file_error(path, std::move(*message))};
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return {std::nullopt, file_error(path, "cannot be opened: " + reason(errno))};
  ReadResult result = read_trace(file);
  if (file.bad()) return {std::nullopt, file_error(path, "cannot be read: " + reason(errno))};
  return result;
}

std::optional<ReadError> write_trace_file(const Trace& trace, const fs::path& path) {
  const std::string bytes = write_trace(trace);
  if (bytes.size() > document_size_max_bytes) {
    return file_error(path,
                      fmt::format("the trace has {} bytes, and a reader takes at most {}; record fewer steps",
                                  bytes.size(), document_size_max_bytes));
  }
  fs::path partial =
      path;  // beside it, so that both are on one file system; named so that two processes differ
  partial += fmt::format(".{}.partial", ::getpid());
  const auto give_up = [&](const std::string& what) {
    const int error = errno;
    std::error_code ignored;
    fs::remove(partial, ignored);
    return file_error(path, what + ": " + reason(error));
  };
  errno = 0;
  std::ofstream file(partial, std::ios::binary | std::ios::trunc);
  if (!file) return give_up("cannot be created (does its folder exist?)");
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file) return give_up("cannot be written");
  std::error_code error;
  fs::rename(partial, path, error);
  if (!error) return std::nullopt;
  errno = error.value();
  return give_up("cannot take the place of what is there");
}

}  // namespace coweave::traces
