// JSON payload → Avro record → JSON payload: the codec against Avro C called directly.
//
// Reference 1 is what a direct user writes: a RapidJSON document moved field by field into a generic value that is kept
// and reused, avro_value_write(); avro_value_read(), and the value through RapidJSON's writer. It looks schemas up
// nowhere, checks no hostile input, no duplicates, no unknown members, no ranges. Reference 2 is avro_value_write() and
// avro_value_read() alone, without any JSON.

#include <avro.h>
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <string>

#include "bench_avro_record.h"
#include "codec/avro_codec.h"
#include "harness.h"

namespace {

using namespace bench;
using rapidjson::Value;
using JsonWriter = rapidjson::Writer<rapidjson::StringBuffer>;

void must(int failed) {
  if (failed != 0) give_up(avro_strerror());
}

void fill(avro_value_t value, const Value& json);

void fill_members(avro_value_t value, const Value& json, bool is_map) {
  for (const auto& member : json.GetObject()) {
    avro_value_t child;
    must(is_map ? avro_value_add(&value, member.name.GetString(), &child, nullptr, nullptr)
                : avro_value_get_by_name(&value, member.name.GetString(), &child, nullptr));
    fill(child, member.value);
  }
}

void fill(avro_value_t value, const Value& json) {
  avro_value_t child;
  switch (avro_value_get_type(&value)) {
    case AVRO_STRING:
      return must(avro_value_set_string_len(&value, json.GetString(), json.GetStringLength() + 1));
    case AVRO_INT32:
      return must(avro_value_set_int(&value, json.GetInt()));
    case AVRO_INT64:
      return must(avro_value_set_long(&value, json.GetInt64()));
    case AVRO_DOUBLE:
      return must(avro_value_set_double(&value, json.GetDouble()));
    case AVRO_BOOLEAN:
      return must(avro_value_set_boolean(&value, json.GetBool() ? 1 : 0));
    case AVRO_NULL:
      return must(avro_value_set_null(&value));
    case AVRO_ENUM:
      return must(
          avro_value_set_enum(&value, avro_schema_enum_get_by_name(avro_value_get_schema(&value), json.GetString())));
    case AVRO_ARRAY:
      for (const Value& item : json.GetArray()) {
        must(avro_value_append(&value, &child, nullptr));
        fill(child, item);
      }
      return;
    case AVRO_UNION:
      must(avro_value_set_branch(&value, json.IsNull() ? 0 : 1, &child));
      return fill(child, json);
    default:
      return fill_members(value, json, avro_value_get_type(&value) == AVRO_MAP);
  }
}

void print(avro_value_t value, JsonWriter& writer);

void print_members(avro_value_t value, JsonWriter& writer) {
  const bool is_array = avro_value_get_type(&value) == AVRO_ARRAY;
  std::size_t size = 0;
  must(avro_value_get_size(&value, &size));
  is_array ? writer.StartArray() : writer.StartObject();
  for (std::size_t index = 0; index < size; ++index) {
    avro_value_t child;
    const char* name = nullptr;
    must(avro_value_get_by_index(&value, index, &child, &name));
    if (!is_array) writer.Key(name);
    print(child, writer);
  }
  is_array ? writer.EndArray() : writer.EndObject();
}

void print(avro_value_t value, JsonWriter& writer) {
  const char* text = nullptr;
  std::size_t size = 0;
  std::int32_t number = 0;
  std::int64_t wide = 0;
  double real = 0;
  avro_value_t child;
  switch (avro_value_get_type(&value)) {
    case AVRO_STRING:
      must(avro_value_get_string(&value, &text, &size));
      writer.String(text, static_cast<rapidjson::SizeType>(size - 1));
      return;
    case AVRO_INT32:
      must(avro_value_get_int(&value, &number));
      writer.Int(number);
      return;
    case AVRO_INT64:
      must(avro_value_get_long(&value, &wide));
      writer.Int64(wide);
      return;
    case AVRO_DOUBLE:
      must(avro_value_get_double(&value, &real));
      writer.Double(real);
      return;
    case AVRO_BOOLEAN:
      must(avro_value_get_boolean(&value, &number));
      writer.Bool(number != 0);
      return;
    case AVRO_NULL:
      writer.Null();
      return;
    case AVRO_ENUM:
      must(avro_value_get_enum(&value, &number));
      writer.String(avro_schema_enum_get(avro_value_get_schema(&value), number));
      return;
    case AVRO_UNION:
      must(avro_value_get_current_branch(&value, &child));
      return print(child, writer);
    default:
      return print_members(value, writer);
  }
}

class Direct {
 public:
  Direct() {
    must(avro_schema_from_json_length(record_schema.data(), record_schema.size(), &schema_));
    iface_ = avro_generic_class_from_schema(schema_);
    must(avro_generic_value_new(iface_, &out_));
    must(avro_generic_value_new(iface_, &in_));
    writer_ = avro_writer_memory(buffer_.data(), static_cast<std::int64_t>(buffer_.size()));
    reader_ = avro_reader_memory(buffer_.data(), 0);
  }
  Direct(const Direct&) = delete;
  Direct& operator=(const Direct&) = delete;
  ~Direct() {
    avro_writer_free(writer_);
    avro_reader_free(reader_);
    avro_value_decref(&out_);
    avro_value_decref(&in_);
    avro_value_iface_decref(iface_);
    avro_schema_decref(schema_);
  }

  std::size_t there_and_back(const std::string& json) {
    rapidjson::Document document;
    document.Parse<rapidjson::kParseFullPrecisionFlag | rapidjson::kParseValidateEncodingFlag>(json.data(),
                                                                                               json.size());
    must(avro_value_reset(&out_));
    fill(out_, document);
    write_and_read();
    rapidjson::StringBuffer text;
    JsonWriter writer(text);
    print(in_, writer);
    return text.GetSize();
  }

  void write_and_read() {
    avro_writer_memory_set_dest(writer_, buffer_.data() + 5, static_cast<std::int64_t>(buffer_.size()) - 5);
    must(avro_value_write(writer_, &out_));
    avro_reader_memory_set_source(reader_, buffer_.data() + 5, avro_writer_tell(writer_));
    must(avro_value_read(reader_, &in_));
  }

 private:
  std::string buffer_ = std::string(65'536, '\0');
  avro_schema_t schema_ = nullptr;
  avro_value_iface_t* iface_ = nullptr;
  avro_value_t out_{};
  avro_value_t in_{};
  avro_writer_t writer_ = nullptr;
  avro_reader_t reader_ = nullptr;
};

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse_options(argc, argv);
  const std::size_t count = options.count != 0 ? options.count : 50'000;
  const std::string json = record_json();
  Direct direct;
  AvroRoundTrip ours;
  if (direct.there_and_back(json) + 2 < json.size() || ours(json) + 2 < json.size())
    give_up("the record did not come back");
  const auto rate = [count](auto round) {
    return [count, round] {
      const double begin = now();
      for (std::size_t index = 0; index < count; ++index) round();
      return static_cast<double>(count) / (now() - begin);
    };
  };
  const auto measure = [&](const char* name, const char* reference_is, const Run& reference) {
    Figure figure{name, "records/s", Better::more, {}};
    figure.note("json_bytes", json.size());
    figure.note("records", count);
    figure.note("pairs", options.pairs);
    figure.note("reference", reference_is);
    report(options, figure, run_metered_pairs(options.pairs, count, figure, reference, rate([&] { ours(json); })));
  };
  measure("avro_1024", "RapidJSON document and generic values of Avro C, both ways",
          rate([&] { direct.there_and_back(json); }));
  measure("avro_1024_binary_only", "avro_value_write and avro_value_read alone, no JSON",
          rate([&] { direct.write_and_read(); }));
  return 0;
}
