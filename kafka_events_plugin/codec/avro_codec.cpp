#include "codec/avro_codec.h"

#include <array>
#include <atomic>
#include <avro.h>

#include "codec/avro/encoder.h"
#include "codec/avro/plan.h"
#include "codec/avro/schemas.h"
#include "core/resident_library.h"

namespace kafka_events {
namespace {

using namespace avro;

constexpr std::size_t header_bytes = 5;

// Memory for encoding that threads take and give back without waiting for each other.
class ScratchPool {
 public:
  ScratchPool() = default;
  ScratchPool(const ScratchPool&) = delete;
  ScratchPool& operator=(const ScratchPool&) = delete;
  ~ScratchPool() {
    for (std::atomic<Scratch*>& slot : slots_) delete slot.load();
  }

  class Lease {
   public:
    explicit Lease(ScratchPool& pool) : pool_(pool), scratch_(pool.take()) {}
    ~Lease() { pool_.give(std::move(scratch_)); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Scratch& operator*() const { return *scratch_; }

   private:
    ScratchPool& pool_;
    std::unique_ptr<Scratch> scratch_;
  };

 private:
  std::unique_ptr<Scratch> take() {
    for (std::atomic<Scratch*>& slot : slots_) {
      if (Scratch* scratch = slot.exchange(nullptr, std::memory_order_acquire))
        return std::unique_ptr<Scratch>(scratch);
    }
    return std::make_unique<Scratch>();
  }
  void give(std::unique_ptr<Scratch> scratch) {
    scratch->trim();
    for (std::atomic<Scratch*>& slot : slots_) {
      Scratch* none = nullptr;
      if (!slot.compare_exchange_strong(none, scratch.get(), std::memory_order_release)) continue;
      scratch.release();
      return;
    }
  }

  std::array<std::atomic<Scratch*>, 16> slots_{};
};

// A template over {topic}.
class SubjectTemplate {
 public:
  explicit SubjectTemplate(const std::string& text) {
    constexpr std::string_view topic = "{topic}";
    std::size_t begin = 0;
    for (std::size_t at = text.find(topic); at != std::string::npos; at = text.find(topic, begin)) {
      parts_.push_back(text.substr(begin, at - begin));
      begin = at + topic.size();
    }
    parts_.push_back(text.substr(begin));
  }

  void expand(std::string_view topic, std::string& out) const {
    out = parts_.front();
    for (std::size_t part = 1; part < parts_.size(); ++part) out.append(topic).append(parts_[part]);
  }

 private:
  std::vector<std::string> parts_;
};

// What records, or keys, are written with and read into.
struct Side {
  SubjectTemplate subject;
  std::optional<std::int32_t> version{};
  std::string text{};
  SchemaHandle schema{};  ///< of the text; null: the registry's
  bool in_use = true;
};

struct Chosen {
  std::uint32_t id = 0;
  SchemaHandle schema;
};

void write_header(std::uint32_t id, std::string& out) {
  out[0] = '\0';
  for (std::size_t byte = 0; byte < 4; ++byte) out[1 + byte] = static_cast<char>((id >> (24 - 8 * byte)) & 0xFFU);
}

Result<std::uint32_t> read_header(Bytes bytes) {
  if (bytes.size() < header_bytes || bytes[0] != '\0') {
    return Error(ErrorCode::invalid,
                 "not in Confluent's wire format: a zero byte and a schema id of 4 bytes at offset 0");
  }
  std::uint32_t id = 0;
  for (std::size_t byte = 1; byte < header_bytes; ++byte) id = (id << 8U) | static_cast<std::uint8_t>(bytes[byte]);
  return id;
}

class AvroCodec final : public Codec {
 public:
  AvroCodec(SchemaRegistry& registry, JsonForm form, bool auto_register, Side value, Side key)
      : registry_(registry),
        form_(form),
        auto_register_(auto_register),
        value_(std::move(value)),
        key_(std::move(key)),
        schemas_(registry) {}

  Result<Encoded> encode(const Event& event, const EncodeContext& context, EncodeBuffers& buffers) const override {
    buffers.headers.clear();
    const ScratchPool::Lease lease(scratch_);
    Encoded encoded;
    if (key_.in_use && !is_null(context.key)) {
      if (Result<void> key = encode_key(context, *lease, buffers.key); !key.ok()) return key.error().within("key");
      encoded.has_key = true;
      encoded.key = buffers.key;
    }
    if (is_null(event.payload)) return encoded;
    const Result<Chosen> chosen = choose(value_, context.kafka_topic, (*lease).subject);
    if (!chosen.ok()) return chosen.error().within("value");
    if (Result<void> value = encode_value(event.payload, chosen.value(), *lease, buffers.value); !value.ok()) {
      std::string where("value (schema ");
      return value.error().within(where.append(chosen.value().schema->name()).append(")"));
    }
    encoded.value = buffers.value;
    return encoded;
  }

  Result<void> decode(const InboundRecord& record, DecodedEvent& out) const override {
    out = DecodedEvent{};
    if (key_.in_use && !is_null(record.key)) {
      if (Result<void> key = decode_side(key_, record.key, true, out.key); !key.ok()) return key.error().within("key");
      out.has_key = true;
    }
    if (is_null(record.value)) return {};
    if (Result<void> value = decode_side(value_, record.value, false, out.buffer); !value.ok()) {
      return value.error().within("value");
    }
    out.payload = out.buffer;
    out.payload_in_value = false;
    out.content_type = "application/json";
    return {};
  }

  [[nodiscard]] std::string_view content_type() const override { return "application/vnd.confluent.avro"; }
  [[nodiscard]] bool carries_identity() const override { return false; }
  [[nodiscard]] bool reads_headers() const override { return key_.in_use; }  // a tombstone's key is Avro as well

  [[nodiscard]] std::string message_name(std::string_view kafka_topic) const override {
    if (value_.schema != nullptr) return std::string(value_.schema->name());
    std::string subject;
    const Result<Chosen> chosen = choose(value_, kafka_topic, subject);
    return chosen.ok() ? std::string(chosen.value().schema->name()) : std::string();
  }

 private:
  Result<Chosen> choose(const Side& side, std::string_view topic, std::string& subject) const {
    side.subject.expand(topic, subject);
    const bool own = side.schema != nullptr;
    const Result<SchemaPointer> registered = registry_.by_subject(
        {.subject = subject, .version = side.version, .text = side.text, .auto_register = own && auto_register_});
    if (!registered.ok()) {
      const Error& error = registered.error();
      if (error.code != ErrorCode::not_found) return error;
      return Error(ErrorCode::invalid, error.message);
    }
    if (own) return Chosen{registered.value()->id, side.schema};
    Result<SchemaHandle> schema = schemas_.compiled(*registered.value());
    if (!schema.ok()) return schema.error();
    return Chosen{registered.value()->id, std::move(schema.value())};
  }

  Result<void> encode_value(Bytes payload, const Chosen& chosen, Scratch& scratch, std::string& out) const {
    scratch.text.assign(payload);
    if (Result<void> parsed = scratch.tape.parse(scratch.text); !parsed.ok()) return parsed;
    out.clear();
    Result<void> encoded = encode_json(chosen.schema->root(), form_, scratch, header_bytes, out);
    if (encoded.ok()) write_header(chosen.id, out);
    return encoded;
  }

  Result<void> encode_key(const EncodeContext& context, Scratch& scratch, std::string& out) const {
    const Result<Chosen> chosen = choose(key_, context.kafka_topic, scratch.subject);
    if (!chosen.ok()) return chosen.error();
    Result<void> encoded = encode_value(context.key, chosen.value(), scratch, out);
    if (!encoded.ok()) {
      // Text that is no JSON, or no such JSON: an id, most of the time.
      out.clear();
      if (!encode_text(chosen.value().schema->root(), context.key, scratch, header_bytes, out).ok()) return encoded;
      write_header(chosen.value().id, out);
    }
    return {};
  }

  Result<void> decode_side(const Side& side, Bytes bytes, bool is_key, std::string& out) const {
    const Result<std::uint32_t> id = read_header(bytes);
    if (!id.ok()) return id.error();
    const Result<std::shared_ptr<const Plan>> plan = schemas_.plan(id.value(), side.schema, form_, is_key);
    if (!plan.ok()) return plan.error();
    const Bytes body = bytes.substr(header_bytes);
    if (is_key && plan.value()->reader().root().kind == Kind::string) {
      return plan.value()->to_text(body, header_bytes, out);
    }
    out.reserve(2 * body.size() + 256);
    return plan.value()->to_json(body, header_bytes, out);
  }

  SchemaRegistry& registry_;
  JsonForm form_;
  bool auto_register_;
  Side value_;
  Side key_;
  mutable Schemas schemas_;
  mutable ScratchPool scratch_;
};

Result<void> compile(Side& side, const std::string& text, const char* what) {
  if (text.empty()) return {};
  Result<SchemaHandle> schema = Schema::parse(text, {}, true);
  if (!schema.ok()) return schema.error().within(what);
  side.text = text;
  side.schema = std::move(schema.value());
  return {};
}

}  // namespace

Result<std::unique_ptr<Codec>> make_avro_codec(const config::SchemaSettings& settings, SchemaRegistry& registry) {
  // Its error text is thread-specific data, which a function of its own frees when that thread ends.
  keep_library_resident(reinterpret_cast<const void*>(&avro_strerror), "libavro");
  Side value{.subject = SubjectTemplate(settings.value_subject), .version = settings.version};
  Side key{.subject = SubjectTemplate(settings.key_subject)};
  if (Result<void> read = compile(value, settings.value_schema, "value_schema"); !read.ok()) return read.error();
  if (Result<void> read = compile(key, settings.key_schema, "key_schema"); !read.ok()) return read.error();
  key.in_use = key.schema != nullptr || settings.key_from_registry;
  const JsonForm form{.unions = settings.json == config::AvroJson::avro ? UnionForm::tagged : UnionForm::plain,
                      .readable = settings.logical_types == config::LogicalTypes::readable};
  return std::unique_ptr<Codec>(
      std::make_unique<AvroCodec>(registry, form, settings.auto_register, std::move(value), std::move(key)));
}

}  // namespace kafka_events
