#include "codec/codec_factory.h"

#include "codec/avro_codec.h"
#include "codec/cloudevents_codec.h"

namespace kafka_events {

Result<std::unique_ptr<Codec>> make_codec(config::CodecKind kind, const config::SchemaSettings& schema,
                                          const CodecParts& parts) {
  switch (kind) {
    case config::CodecKind::raw:
      return make_raw_codec();
    case config::CodecKind::envelope:
      return make_envelope_codec();
    case config::CodecKind::cloudevents:
      return make_cloudevents_codec(CloudEventsMode::binary, parts.cloudevents_source);
    case config::CodecKind::cloudevents_structured:
      return make_cloudevents_codec(CloudEventsMode::structured, parts.cloudevents_source);
    case config::CodecKind::avro:
      break;
  }
  if (parts.registry == nullptr) return Error(ErrorCode::invalid, "codec avro needs a schema_registry");
  return make_avro_codec(schema, *parts.registry);
}

}  // namespace kafka_events
