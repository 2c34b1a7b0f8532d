// The route that takes answers to the reply topics of requests: built in, because the event topics that it matches are this
// module's own (core/request_book.h).
#pragma once

#include "config/settings.h"

namespace kafka_events {

/// The settings with that route before all others, if a worker could take a request in.
[[nodiscard]] config::Settings with_reply_route(config::Settings settings);

}  // namespace kafka_events
