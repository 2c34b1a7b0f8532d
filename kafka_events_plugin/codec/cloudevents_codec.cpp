#include "codec/cloudevents_codec.h"

namespace kafka_events {

std::unique_ptr<Codec> make_cloudevents_codec(CloudEventsMode, std::string) { return make_raw_codec(); }

}  // namespace kafka_events
