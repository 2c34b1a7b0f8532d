// The payload as it is.

#include "codec/codec.h"

namespace kafka_events {
namespace {

class RawCodec final : public Codec {
 public:
  Result<Encoded> encode(const Event& event, const EncodeContext&, EncodeBuffers& buffers) const override {
    buffers.headers.clear();
    return Encoded{event.payload, !is_null(event.payload)};
  }

  Result<void> decode(const InboundRecord& record, DecodedEvent& out) const override {
    out = DecodedEvent{};
    out.payload = record.value;
    return {};
  }

  [[nodiscard]] std::string_view content_type() const override { return {}; }
  [[nodiscard]] bool passes_payload() const override { return true; }
  [[nodiscard]] bool carries_identity() const override { return false; }
};

}  // namespace

std::unique_ptr<Codec> make_raw_codec() { return std::make_unique<RawCodec>(); }

}  // namespace kafka_events
