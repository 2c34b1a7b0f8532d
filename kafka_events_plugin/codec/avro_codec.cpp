#include "codec/avro_codec.h"

namespace kafka_events {

Result<std::unique_ptr<Codec>> make_avro_codec(const config::SchemaSettings&, SchemaRegistry&) {
  return make_raw_codec();
}

}  // namespace kafka_events
