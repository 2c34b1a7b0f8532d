// What a way in may be given besides its settings, bus and dead letters. All of it outlives the pipeline.
#pragma once

#include "codec/codec_factory.h"
#include "config/settings.h"

namespace kafka_events {

struct InboundParts {
  CodecParts codecs{};
  config::LoopGuardSettings loop_guard{};
  config::RequestSettings requests{};
};

}  // namespace kafka_events
