// The table of counts: a version that has further ones names further ones.
#include "inbound/counters.h"

#include <array>
#include <string_view>

namespace kafka_events {
namespace {

struct Named {
  std::string_view name;
  std::uint64_t InboundStatistics::*count;
};

constexpr std::array table{
    Named{"inbound.records", &InboundStatistics::records},
    Named{"inbound.events", &InboundStatistics::events},
    Named{"inbound.done", &InboundStatistics::done},
    Named{"inbound.decode_failures", &InboundStatistics::decode_failures},
    Named{"inbound.handler_failures", &InboundStatistics::handler_failures},
    Named{"inbound.retries", &InboundStatistics::retries},
    Named{"inbound.skipped", &InboundStatistics::skipped},
    Named{"inbound.dead_lettered", &InboundStatistics::dead_lettered},
    Named{"inbound.dead_letter_failures", &InboundStatistics::dead_letter_failures},
    Named{"inbound.own", &InboundStatistics::own},
    Named{"inbound.loops_ended", &InboundStatistics::loops_ended},
    Named{"inbound.aborted_transactions", &InboundStatistics::aborted_transactions},
};

}  // namespace

void add_counters(Counters& to, const std::string& worker, const InboundStatistics& from) {
  for (const Named& each : table) to.push_back({std::string(each.name), worker, from.*each.count});
}

void take_counters(InboundStatistics& to, const Counters& from) {
  for (const CounterHandover& counter : from) {
    for (const Named& each : table) {
      if (each.name == counter.name) to.*each.count = counter.value;
    }
  }
}

}  // namespace kafka_events
