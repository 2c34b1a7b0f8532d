// Random records of random schemas: JSON to Avro to JSON is the same JSON, and Avro C itself reads the same in between.
#include "avro_random.h"

#include <avro.h>

#include "avro_fixture.h"

using namespace avro_test;

namespace {

// Avro C's own schema parser and generic values, which the codec does not use.
class Library {
 public:
  explicit Library(const std::string& schema) {
    // It takes an allocation of no bytes for a failed one, and does not parse every schema.
    if (schema.find("\"size\":0") != std::string::npos) return;
    if (avro_schema_from_json_length(schema.data(), schema.size(), &schema_) != 0) {
      schema_ = nullptr;
      return;
    }
    iface_ = avro_generic_class_from_schema(schema_);
    if (iface_ != nullptr) avro_generic_value_new(iface_, &value_);
  }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  ~Library() {
    if (value_.iface != nullptr) avro_value_decref(&value_);
    if (iface_ != nullptr) avro_value_iface_decref(iface_);
    if (schema_ != nullptr) avro_schema_decref(schema_);
  }

  [[nodiscard]] bool knows_schema() const { return value_.iface != nullptr; }

  /// The body as Avro C reads and writes it.
  std::string again(std::string_view body) {
    avro_reader_t reader = avro_reader_memory(body.data(), static_cast<std::int64_t>(body.size()));
    std::string out(body.size() + 16, '\0');
    avro_writer_t writer = avro_writer_memory(out.data(), static_cast<std::int64_t>(out.size()));
    const bool good = avro_value_read(reader, &value_) == 0 && avro_value_write(writer, &value_) == 0;
    out.resize(good ? static_cast<std::size_t>(avro_writer_tell(writer)) : 0);
    avro_reader_free(reader);
    avro_writer_free(writer);
    return good ? out : std::string(avro_strerror());
  }

 private:
  avro_schema_t schema_ = nullptr;
  avro_value_iface_t* iface_ = nullptr;
  avro_value_t value_{};
};

}  // namespace

TEST_CASE("random records of random schemas come back as they went") {
  constexpr std::uint64_t seed = 20261121;
  constexpr int schemas = 600;
  constexpr int records = 20;
  MESSAGE("seed " << seed << ", " << schemas * records << " records");
  int equal = 0;
  int read_by_library = 0;
  for (int index = 0; index < schemas; ++index) {
    const bool with_names = index % 2 == 1;
    RandomSchema random(seed + static_cast<std::uint64_t>(index), with_names);
    Bench bench;
    if (with_names) bench.settings = tagged();
    bench.registry.add(random.schema(), "orders-value");
    Library library(random.schema());
    CAPTURE(index);
    CAPTURE(random.schema());
    for (int record = 0; record < records; ++record) {
      const std::string json = random.value();
      CAPTURE(json);
      const Result<Encoded> encoded = bench.encode(json);
      REQUIRE_MESSAGE(encoded.ok(), (encoded.ok() ? "" : encoded.error().message));
      const std::string_view body = std::string_view(encoded.value().value).substr(5);
      if (library.knows_schema()) {
        REQUIRE(library.again(body) == body);
        ++read_by_library;
      }
      const Result<void> decoded = bench.decode(encoded.value().value);
      REQUIRE_MESSAGE(decoded.ok(), (decoded.ok() ? "" : decoded.error().message));
      REQUIRE_MESSAGE(same_json(bench.decoded.buffer, json), bench.decoded.buffer);
      ++equal;
    }
  }
  CHECK(equal == schemas * records);
  MESSAGE(read_by_library << " of them read and written alike by Avro C's generic values");
  CHECK(read_by_library > schemas * records / 2);
}
