// The envelope of later versions of the ACA-Py plugin.

#include "codec/codec.h"
#include "codec/envelope_parser.h"
#include "codec/event_topic.h"
#include "codec/json_text.h"

namespace kafka_events {
namespace {

void append_text_or_null(std::string& out, std::string_view text) {
  if (text.empty()) {
    out += "null";
  } else {
    append_json_string(out, text);
  }
}

Result<void> require_utf8(std::string_view text, std::string_view what) {
  const std::optional<std::size_t> offset = first_invalid_utf8(text);
  if (!offset) return {};
  return Error(ErrorCode::invalid, std::string(what) + " is neither JSON nor UTF-8 text (offset " +
                                       std::to_string(*offset) + "), which the envelope codec needs");
}

class EnvelopeCodec final : public Codec {
 public:
  Result<Encoded> encode(const Event& event, const EncodeContext&, EncodeBuffers& buffers) const override {
    buffers.headers.clear();
    if (is_null(event.payload)) return Encoded{};
    if (Result<void> tenant = require_utf8(event.tenant, "the tenant"); !tenant.ok()) return tenant.error();
    if (Result<void> topic = require_utf8(event.topic, "the topic"); !topic.ok()) return topic.error();
    const Result<std::string> checked = check_payload(event.payload);
    const bool is_json = checked.ok();
    if (!is_json) {
      // JSON that others could not read must not turn into text unnoticed.
      if (checked.error().code != ErrorCode::invalid) return checked.error().within("the payload");
      if (Result<void> text = require_utf8(event.payload, "the payload"); !text.ok()) return text.error();
    }
    write(event, is_json ? std::string_view(checked.value()) : std::string_view{}, is_json, buffers.value);
    return Encoded{buffers.value, false};
  }

  Result<void> decode(const InboundRecord& record, DecodedEvent& out) const override {
    out = DecodedEvent{};
    if (is_null(record.value)) return {};
    out.content_type = "application/json";
    return parse_envelope(record.value, out);
  }

  [[nodiscard]] std::string_view content_type() const override { return "application/json"; }
  [[nodiscard]] bool carries_identity() const override { return true; }

 private:
  static void write(const Event& event, std::string_view payload_state, bool payload_is_json, std::string& out) {
    const TopicParts parts = parts_of(event.topic);
    out.clear();
    out.reserve(event.payload.size() + event.topic.size() + event.tenant.size() + 160);
    out += R"({"wallet_id":)";
    append_json_string(out, event.tenant.empty() ? std::string_view("base") : event.tenant);
    out += R"(,"state":)";
    append_text_or_null(out, parts.state.empty() ? payload_state : parts.state);
    out += R"(,"topic":)";
    append_json_string(out, event.topic);
    out += R"(,"category":)";
    append_text_or_null(out, parts.category);
    out += R"(,"payload":)";
    if (payload_is_json) {
      out += event.payload;
    } else {
      append_json_string(out, event.payload);
    }
    out.push_back('}');
  }
};

}  // namespace

std::unique_ptr<Codec> make_envelope_codec() { return std::make_unique<EnvelopeCodec>(); }

}  // namespace kafka_events
