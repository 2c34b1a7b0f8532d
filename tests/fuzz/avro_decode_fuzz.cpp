// Fuzz target for libFuzzer (clang-16, libclang-rt-16-dev): bodies of records, read by a schema that has every type, as it
// is and as another one.
//
// Whatever the bytes are, the result is an error or JSON.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "codec/avro/plan.h"
#include "codec/json_text.h"

namespace {

using namespace kafka_events;
using namespace kafka_events::avro;

constexpr std::string_view writer_text = R"({"type":"record","name":"R","fields":[
  {"name":"a","type":["null","boolean","int","long","float","double","bytes","string"]},
  {"name":"b","type":{"type":"array","items":["null","R"]}},{"name":"c","type":{"type":"map","values":"string"}},
  {"name":"d","type":{"type":"enum","name":"E","symbols":["X","Y","Z"]}},
  {"name":"e","type":{"type":"fixed","name":"F","size":3,"logicalType":"decimal","precision":6,"scale":2}},
  {"name":"f","type":{"type":"array","items":"null"}},{"name":"g","type":{"type":"long","logicalType":"timestamp-micros"}}]})";
constexpr std::string_view reader_text = R"({"type":"record","name":"R","fields":[
  {"name":"g","type":["null","double"]},{"name":"new","type":{"type":"array","items":"int"},"default":[1,2]},
  {"name":"h","aliases":["c"],"type":{"type":"map","values":"bytes"}},
  {"name":"d","type":{"type":"enum","name":"E","symbols":["X"],"default":"X"}},
  {"name":"b","type":{"type":"array","items":["R","null"]}}]})";

std::shared_ptr<const Plan> plan(bool as_another, bool readable) {
  const Result<SchemaHandle> writer = Schema::parse(writer_text);
  const Result<SchemaHandle> reader = Schema::parse(as_another ? reader_text : writer_text);
  if (!writer.ok() || !reader.ok()) std::abort();
  return Plan::compile(writer.value(), reader.value(), {.unions = UnionForm::tagged, .readable = readable});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto* const plans = new std::shared_ptr<const Plan>[2] { plan(false, true), plan(true, false) };
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  for (int which = 0; which < 2; ++which) {
    std::string json;
    const Result<void> read = plans[which]->to_json(body, 5, json);
    if (read.ok() ? !check_json(json).ok() : read.error().code == ErrorCode::internal) std::abort();
  }
  return 0;
}
