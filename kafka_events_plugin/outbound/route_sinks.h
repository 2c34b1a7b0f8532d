// Where records go: a sink for each guarantee, and the open transactions that an event may belong to.
#pragma once

#include <array>
#include <cstddef>

#include "config/settings.h"
#include "core/ports.h"
#include "core/transaction_scope.h"

namespace kafka_events {

inline constexpr std::size_t qos_count = 3;

class RouteSinks {
 public:
  /// One for every guarantee.
  RouteSinks(RecordSink& all) : sinks_{&all, &all, &all} {}  // NOLINT(google-explicit-constructor)

  /// A sink may be null for a guarantee that no route has. All must outlive this.
  RouteSinks(RecordSink* at_most_once, RecordSink* at_least_once, RecordSink* exactly_once,
             TransactionScopes* scopes = nullptr)
      : sinks_{at_most_once, at_least_once, exactly_once}, scopes_(scopes) {}

  [[nodiscard]] RecordSink& of(config::Qos qos) const noexcept { return *sinks_[static_cast<std::size_t>(qos)]; }

  /// The transaction that an event of an exactly_once route belongs to; null: none.
  [[nodiscard]] RecordSink* transaction_of(const Event& event) const noexcept {
    return scopes_ == nullptr ? nullptr : scopes_->sink_for(event);
  }

 private:
  std::array<RecordSink*, qos_count> sinks_;
  TransactionScopes* scopes_ = nullptr;
};

}  // namespace kafka_events
