#include <coweave/props/workers/part.hpp>

#include <coweave/props/workers/child.hpp>
#include <coweave/sim/search/message.hpp>

#include <cstddef>
#include <string_view>

namespace coweave::detail {

std::string to_message(const sim::Piece& piece) {
  std::string message;
  put(message, piece.number);
  put(message, piece.first_run);
  put(message, std::string_view(piece.task));
  return message;
}

sim::Piece await_piece(int pipe) {
  sim::Piece piece;
  std::size_t size = 0;
  read_all(pipe, &piece.number, sizeof piece.number);
  read_all(pipe, &piece.first_run, sizeof piece.first_run);
  read_all(pipe, &size, sizeof size);
  piece.task.resize(size);
  read_all(pipe, piece.task.data(), size);
  return piece;
}

std::string to_message(const Part& part) {
  std::string body;
  put(body, part.piece);
  put(body, part.then);
  put(body, part.exhausted);
  put(body, part.steps);
  put_all(body, part.runs);
  put_all(body, part.schedule);
  put(body, part.left);
  put_list(body, part.marks, [&](const Counted& mark) {
    put(body, mark.label);
    put(body, mark.at.file);
    put(body, mark.at.line);
    put(body, mark.kind);
  });
  put_all(body, part.marks_seen);
  std::string message;
  put(message, body.size());
  return message + body;
}

Part part_of_message(const char* from) {
  Part part;
  part.piece = get<std::uint64_t>(from);
  part.then = get<Part::Then>(from);
  part.exhausted = get<bool>(from);
  part.steps = get<std::uint64_t>(from);
  get_all(from, part.runs);
  get_all(from, part.schedule);
  part.left = get_text(from);
  get_list(from, part.marks, [&](Counted& mark) {
    mark.label = get_text(from);
    mark.at.file = get_text(from);
    mark.at.line = get<std::uint32_t>(from);
    mark.kind = get<Counted::Kind>(from);
  });
  get_all(from, part.marks_seen);
  return part;
}

}  // namespace coweave::detail
