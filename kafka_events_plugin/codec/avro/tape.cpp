// RapidJSON's event reader, in place, into a flat list.

#include "codec/avro/tape.h"

#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>

#include "codec/avro/words.h"

namespace kafka_events::avro {
namespace {

constexpr std::size_t max_text_bytes = 1'000'000'000;
constexpr std::size_t kept_nodes = 10'000;

class Recorder {
 public:
  using Length = rapidjson::SizeType;
  explicit Recorder(std::vector<Node>& nodes) : nodes_(nodes) {}

  bool Null() { return add(NodeKind::null_value); }
  bool Bool(bool truth) { return add(NodeKind::boolean), nodes_.back().truth = truth, true; }
  bool Int(int) { return false; }  // numbers come as text
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }
  bool RawNumber(const char* text, Length length, bool) { return add(NodeKind::number, text, length); }
  bool String(const char* text, Length length, bool) { return add(NodeKind::string, text, length); }
  bool Key(const char* text, Length length, bool) { return add(NodeKind::string, text, length); }
  bool StartObject() { return begin(NodeKind::object); }
  bool StartArray() { return begin(NodeKind::array); }
  bool EndObject(Length members) { return end(members); }
  bool EndArray(Length elements) { return end(elements); }

 private:
  bool add(NodeKind kind, const char* text = nullptr, Length length = 0) {
    nodes_.push_back({.text = text, .length = length, .kind = kind});
    return true;
  }
  bool begin(NodeKind kind) {
    if (depth_ == max_tape_depth) return false;
    open_[depth_++] = nodes_.size();
    return add(kind);
  }
  bool end(Length count) {
    Node& node = nodes_[open_[--depth_]];
    node.count = count;
    node.span = static_cast<std::uint32_t>(nodes_.size() - open_[depth_]);
    return true;
  }

  std::vector<Node>& nodes_;
  std::size_t open_[max_tape_depth] = {};
  std::size_t depth_ = 0;
};

}  // namespace

std::string_view described(NodeKind kind) {
  switch (kind) {
    case NodeKind::null_value:
      return "JSON null";
    case NodeKind::boolean:
      return "a JSON boolean";
    case NodeKind::number:
      return "a JSON number";
    case NodeKind::string:
      return "a JSON string";
    case NodeKind::array:
      return "a JSON array";
    case NodeKind::object:
      break;
  }
  return "a JSON object";
}

Result<void> Tape::parse(std::string& text) {
  nodes_.clear();
  if (text.size() > max_text_bytes) return Error(ErrorCode::too_large, "JSON text is longer than 1 GB");
  rapidjson::InsituStringStream stream(text.data());
  Recorder recorder(nodes_);
  rapidjson::Reader reader;
  // Recursive, as the depth is bounded: nearly twice as fast as the iterative one.
  reader.Parse<rapidjson::kParseInsituFlag | rapidjson::kParseNumbersAsStringsFlag>(stream, recorder);
  if (reader.HasParseError()) {
    const std::string at = joined({" at offset ", std::to_string(reader.GetErrorOffset())});
    if (reader.GetParseErrorCode() == rapidjson::kParseErrorTermination) {
      return Error(ErrorCode::too_large,
                   joined({"JSON nests deeper than ", std::to_string(max_tape_depth), " levels", at}));
    }
    return Error(ErrorCode::invalid, joined({rapidjson::GetParseError_En(reader.GetParseErrorCode()), at}));
  }
  if (stream.Tell() != text.size()) {
    return Error(ErrorCode::invalid,
                 joined({"a NUL byte follows the JSON value at offset ", std::to_string(stream.Tell())}));
  }
  return {};
}

void Tape::trim() {
  if (nodes_.capacity() > kept_nodes) std::vector<Node>().swap(nodes_);
}

}  // namespace kafka_events::avro
