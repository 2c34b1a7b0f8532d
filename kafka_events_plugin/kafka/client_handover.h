// librdkafka clients that change hands between two versions of this module: what tells that one can go on with the
// other's client, and how it gets there.
//
//   old   deposit_client(deposits, "producer", client)         nothing of this module may be referenced by the client
//   new   rd_kafka_t* client = withdraw_client(deposits, "producer")
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "config/settings.h"
#include "core/handover.h"
#include "core/result.h"
#include "kafka/handles.h"

namespace kafka_events {

/// The key of a client made from these properties, as librdkafka understands them: neither their order nor an alias nor a
/// default that is written down makes a difference; of files that properties ending with ".location" name, also the size
/// and the time of the last change count, so that a renewed certificate needs a new client. `more`: whatever else has to
/// be the same on both sides, such as the file of OAuth tokens.
///
/// The digest is SipHash-2-4 with 128 bits, keyed with the random bytes that the kernel gave this process (AT_RANDOM): every
/// copy of this module in the process agrees on it, and outside of it no guess at a password can be checked. Two mapped
/// librdkafkas never give the same one. Reads files' attributes; starts nothing. [any thread]
[[nodiscard]] ClientKey client_key(std::string name, std::span<const config::Property> properties, rd_kafka_type_t type,
                                   std::string_view more = {});

/// Of all clients: "rd_kafka_t of librdkafka 2.0.2".
[[nodiscard]] std::string client_deposit_kind();

/// On success the client belongs to the deposits, which end it with rd_kafka_destroy if nobody withdraws it; else it is
/// still the caller's. [lifecycle thread]
Result<void> deposit_client(Deposits& deposits, std::string_view name, rd_kafka_t* client);

/// The client, which is the caller's from now on; null: there is none. [lifecycle thread]
[[nodiscard]] rd_kafka_t* withdraw_client(Deposits& deposits, std::string_view name) noexcept;

}  // namespace kafka_events
