// What the way out may be given besides routes, bus and sinks. All of it outlives the pipeline.
#pragma once

#include <functional>
#include <string_view>

#include "codec/codec_factory.h"
#include "config/settings.h"
#include "core/ports.h"
#include "core/request_book.h"
#include "outbound/tenant_gate.h"

namespace kafka_events {

struct OutboundParts {
  CodecParts codecs{};
  RequestBook* requests = nullptr;      ///< needed by routes with reply_to
  TenantGate* tenants = nullptr;        ///< null: no limits
  RecordSink* single_writer = nullptr;  ///< needed by routes with single_writer
  config::LoopGuardSettings loop_guard{};
  /// Does a consumer of this process read this Kafka topic? Records of such topics say who wrote them. Empty: none does.
  std::function<bool(std::string_view kafka_topic)> reads_topic{};
};

}  // namespace kafka_events
