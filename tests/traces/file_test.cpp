#include <coweave/traces/file.hpp>

#include <coweave/tests/folder.hpp>
#include <coweave/tests/traces/samples.hpp>
#include <coweave/traces/limits.hpp>
#include <coweave/traces/write.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

using namespace coweave::traces;
using namespace coweave;
namespace fs = std::filesystem;
using tests::Folder;

TEST_CASE("file: a trace is written with its canonical bytes and read back, and nothing else stays") {
  const Folder folder;
  const fs::path path = folder / "trace.json";
  REQUIRE(write_trace_file(tests::sample("passed"), path) == std::nullopt);
  REQUIRE(write_trace_file(tests::sample("rude"), path) == std::nullopt);  // takes the place of the first
  CHECK(folder.files().size() == 1);
  std::ifstream file(path, std::ios::binary);
  CHECK(std::string(std::istreambuf_iterator<char>(file), {}) == write_trace(tests::sample("rude")));
  const ReadResult result = read_trace_file(path);
  REQUIRE(result);
  CHECK(*result.trace == tests::sample("rude"));
}

TEST_CASE("file: what cannot be read is named, with the reason") {
  const Folder folder;
  const ReadResult missing = read_trace_file(folder / "missing.json");
  REQUIRE_FALSE(missing);
  CHECK(missing.error.kind == ReadError::Kind::file);
  CHECK(missing.error.place == folder / "missing.json");
  CHECK(missing.error.message == "there is no such file; check the path");
  CHECK(read_trace_file(folder / "").error.message == "this is a directory; name a file in it");
  std::ofstream(folder / "large.json") << '{';
  fs::resize_file(folder / "large.json", document_size_max_bytes + 1);
  CHECK(read_trace_file(folder / "large.json").error.message ==
        "67108865 bytes; a trace has at most 67108864");
}

TEST_CASE("file: a file that is no trace has the error of the document") {
  const Folder folder;
  std::ofstream(folder / "bad.json") << "[]";
  const ReadResult result = read_trace_file(folder / "bad.json");
  CHECK(result.error.kind == ReadError::Kind::document);
  CHECK(to_string(result.error) ==
        "document: a trace is a JSON object, and this is a list; is it the right file?");
}

TEST_CASE("file: what cannot be written is named, and leaves nothing behind") {
  const Folder folder;
  const auto error = write_trace_file(tests::sample("passed"), folder / "no/such/folder/trace.json");
  REQUIRE(error);
  CHECK(error->kind == ReadError::Kind::file);
  CHECK(error->message == "cannot be created (does its folder exist?): No such file or directory");
  fs::create_directories(folder / "taken/inside");
  const auto refused = write_trace_file(tests::sample("passed"), folder / "taken");
  REQUIRE(refused);
  CHECK(refused->message.starts_with("cannot take the place of what is there: "));
  CHECK(folder.files().size() == 1);
}
