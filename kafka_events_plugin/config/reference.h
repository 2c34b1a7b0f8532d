// The files that the table of options writes: JSON Schema, annotated sample, documentation. A test compares them with
// what is committed; `config_reference ROOT` writes them anew.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/options.h"

namespace kafka_events::config {

[[nodiscard]] std::string reference_schema();         ///< conf/kafka_events.schema.json (JSON Schema 2020-12)
[[nodiscard]] std::string reference_sample();         ///< conf/kafka_events.yaml
[[nodiscard]] std::string reference_documentation();  ///< docs/configuration.md

/// One map of the file for the reference: its options, with those of both clients where they may stand too.
struct ReferenceBlock {
  Block block;
  std::string_view name;  ///< "kafka_events.consumer-config", "one entry of outbound"
};
[[nodiscard]] std::vector<ReferenceBlock> reference_blocks();

}  // namespace kafka_events::config
