// Which topics named workers read besides their own, and which workers this process runs.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "config/report.h"
#include "config/settings.h"
#include "config/values.h"

namespace kafka_events::config {

/// Those of default_topics that this named worker reads: all, or none if one of its `own` subscriptions is a pattern (as
/// guillotina_kafka has it). Without the prefix.
[[nodiscard]] std::vector<std::string> default_topics_of(const Values& top, std::span<const std::string> own);

/// default_topics without anybody to read them.
void warn_of_unread_default_topics(const Values& top, Report& report);

/// The names of run_workers, each once; a name that no worker has is reported.
[[nodiscard]] std::vector<std::string> make_run_workers(const Values& top, const std::vector<WorkerSettings>& workers,
                                                        Report& report);

/// Leaves those out that are not to run, if `run_workers` names any.
void keep_selected(std::vector<WorkerSettings>& workers, const std::vector<std::string>& run_workers);

}  // namespace kafka_events::config
