#include <coweave/tests/conformance/program_json.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <stdexcept>

namespace coweave::conformance {

namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Block& block);

Json json_of(const Operation& operation) {
  Json refs = Json::array();
  for (const Ref& ref : operation.refs)
    refs.push_back({ref_names[static_cast<std::size_t>(ref.kind)], ref.index});
  Json blocks = Json::array();
  for (const Block& block : operation.blocks) blocks.push_back(json_of(block));
  return {{"op", info(operation.op).name},
          {"id", operation.id},
          {"on", operation.on},
          {"n", operation.n},
          {"mode", operation.mode},
          {"flag", operation.flag},
          {"refs", std::move(refs)},
          {"blocks", std::move(blocks)}};
}

Json json_of(const Block& block) {
  Json json = Json::array();
  for (const Operation& operation : block) json.push_back(json_of(operation));
  return json;
}

Op op_named(const std::string& name) {
  for (std::size_t index = 0; index < ops; ++index) {
    if (info(static_cast<Op>(index)).name == name) return static_cast<Op>(index);
  }
  throw std::runtime_error("there is no operation \"" + name + "\"");
}

Kind kind_named(const std::string& name) {
  for (std::size_t index = 0; index < kinds; ++index) {
    if (name_of(static_cast<Kind>(index)) == name) return static_cast<Kind>(index);
  }
  throw std::runtime_error("there is no object \"" + name + "\"");
}

Ref ref_from(const Json& json) {
  const auto kind = std::ranges::find(ref_names, json.at(0).get<std::string>());
  if (kind == ref_names.end()) throw std::runtime_error("there is no reference " + json.dump());
  return {static_cast<Ref::Kind>(kind - ref_names.begin()), json.at(1).get<int>()};
}

Block block_from(const Json& json);

Operation operation_from(const Json& json) {
  Operation operation;
  operation.op = op_named(json.at("op").get<std::string>());
  operation.on = json.at("on").get<int>();
  operation.n = json.at("n").get<int>();
  operation.mode = json.at("mode").get<int>();
  operation.flag = json.at("flag").get<bool>();
  for (const Json& ref : json.at("refs")) operation.refs.push_back(ref_from(ref));
  for (const Json& block : json.at("blocks")) operation.blocks.push_back(block_from(block));
  return operation;
}

Block block_from(const Json& json) {
  Block block;
  for (const Json& operation : json) block.push_back(operation_from(operation));
  return block;
}

/// Refuses what the interpreters would stumble over.
void check(const Program& program) {
  const auto object = [&](int index) {
    return index >= 0 && static_cast<std::size_t>(index) < program.objects.size();
  };
  const auto fail = [](const Operation& operation, const char* what) {
    throw std::runtime_error("operation " + std::to_string(operation.id) + " (" +
                             std::string(info(operation.op).name) + "): " + what);
  };
  for (const Made& made : program.objects) {
    if (made.kind == Kind::condition && made.n >= 0 &&
        (!object(made.n) || program.objects[static_cast<std::size_t>(made.n)].kind != Kind::lock))
      throw std::runtime_error("a condition shares something that is not a lock");
  }
  if (program.bodies.empty()) throw std::runtime_error("the program has no body");
  for (std::size_t body = 0; body < program.bodies.size(); ++body) {
    for_each_operation(program.bodies[body], [&](const Operation& operation) {
      const OpInfo& its = info(operation.op);
      if (static_cast<int>(operation.blocks.size()) != its.blocks) fail(operation, "wrong number of blocks");
      if (its.action && operation.blocks[0].size() != 1) fail(operation, "its block must be one operation");
      if (its.objects != 0 &&
          !(object(operation.on) &&
            (its.objects >>
                 static_cast<unsigned>(program.objects[static_cast<std::size_t>(operation.on)].kind) &
             1U) != 0))
        fail(operation, "acts on an object that is not there or of another kind");
      for (const Ref& ref : operation.refs) {
        const bool there =
            ref.kind == Ref::Kind::outer ? ref.index >= 0
            : ref.kind == Ref::Kind::future
                ? object(ref.index)
                : ref.index >= 0 && static_cast<std::size_t>(ref.index) < program.bodies.size();
        if (!there) fail(operation, "refers to what is not there");
        if (ref.kind == Ref::Kind::body && static_cast<std::size_t>(ref.index) <= body)
          fail(operation, "starts a body that does not come later");
      }
    });
  }
}

}  // namespace

std::string to_json(const Program& program) {
  Json objects = Json::array();
  for (const Made& made : program.objects) objects.push_back({{"kind", name_of(made.kind)}, {"n", made.n}});
  Json bodies = Json::array();
  for (const Block& body : program.bodies) bodies.push_back(json_of(body));
  return Json{{"objects", std::move(objects)}, {"bodies", std::move(bodies)}}.dump();
}

Program program_from_json(std::string_view text) try {
  const Json json = Json::parse(text);
  Program program;
  for (const Json& made : json.at("objects"))
    program.objects.push_back({kind_named(made.at("kind").get<std::string>()), made.at("n").get<int>()});
  for (const Json& body : json.at("bodies")) program.bodies.push_back(block_from(body));
  number(program);
  check(program);
  return program;
} catch (const Json::exception& error) {
  throw std::runtime_error(std::string("this is not a program: ") + error.what());
}

std::vector<std::string> log_from_json(std::string_view text) try {
  return Json::parse(text).get<std::vector<std::string>>();
} catch (const Json::exception& error) {
  throw std::runtime_error(std::string("this is not a log: ") + error.what());
}

}  // namespace coweave::conformance
