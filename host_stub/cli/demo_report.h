// The demo's result for people: a table per Kafka topic, and the events that went astray.
#pragma once

#include <string>
#include <vector>

#include "cli/demo_ledger.h"

namespace host_stub::cli {

/// A row per Kafka topic: event topics, events, delivered, undeliverable, partitions (number:count), came back; a sum.
[[nodiscard]] std::string demo_table(const std::vector<LedgerEntry>& entries);

/// Each event that is not well, by id; empty if all are.
[[nodiscard]] std::vector<std::string> astray(const std::vector<LedgerEntry>& entries);

}  // namespace host_stub::cli
