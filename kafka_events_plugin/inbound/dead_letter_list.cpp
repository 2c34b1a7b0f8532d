// Reading the newest records of each partition and describing them.
#include "inbound/dead_letter_list.h"

#include <algorithm>
#include <map>
#include <utility>

#include "inbound/redrive_progress.h"

namespace kafka_events {
namespace {

struct Part {
  RedriveProgress progress;
  std::int64_t first = 0;  // what is read: from here
  std::int64_t end = 0;    // to below here
  bool complete = false;
};
using Parts = std::map<TopicPartition, Part>;

Result<Parts> parts_of(std::span<const DeadLetterPartition> partitions, std::uint32_t limit, DeadLetterList& list) {
  Parts parts;
  for (const DeadLetterPartition& each : partitions) {
    auto progress = RedriveProgress::parse(each.committed, each.metadata);
    if (!progress) return progress.error().within(each.partition.topic);
    progress.value().forget_below(each.low);
    const std::int64_t first = std::max(each.low, each.high - std::int64_t{limit});
    if (list.topics.empty() || list.topics.back().topic != each.partition.topic) {
      list.topics.push_back({each.partition.topic, 0, 0});
    }
    list.topics.back().records += static_cast<std::uint64_t>(each.high - each.low);
    list.topics.back().open += static_cast<std::uint64_t>(progress.value().open_below(each.high));
    parts[each.partition] = {std::move(progress).value(), first, each.high, first >= each.high};
  }
  return parts;
}

bool all_read(const Parts& parts) {
  return std::ranges::all_of(parts, [](const auto& part) { return part.second.complete; });
}

Result<void> read_items(const config::WorkerSettings& worker, Parts& parts, DeadLetterSource& source,
                        DeadLetterSource::Deadline deadline, DeadLetterList& list) {
  while (!all_read(parts)) {
    auto next = source.next(deadline);
    if (!next) return next.error();
    if (!next.value()) return {};
    const InboundRecord& record = next.value()->record;
    const auto part = parts.find({std::string(record.topic), record.partition});
    if (part == parts.end() || part->second.complete) continue;
    part->second.complete = next.value()->end || record.offset + 1 >= part->second.end;
    if (next.value()->end || record.offset >= part->second.end) continue;
    auto origin = origin_of(record, worker);
    if (!origin) continue;
    list.items.push_back({std::string(record.topic), record.partition, record.offset, *std::move(origin),
                          record.timestamp_ms, record.value.size(), part->second.progress.settled(record.offset)});
  }
  return {};
}

}  // namespace

Result<DeadLetterList> list_dead_letters(const config::WorkerSettings& worker, std::string_view topic_prefix,
                                         std::uint32_t limit, DeadLetterSource& source,
                                         DeadLetterSource::Deadline deadline) {
  DeadLetterList list;
  list.worker = worker.name;
  auto topics = source.topics(deadline);
  if (!topics) return topics.error();
  auto partitions = source.partitions(dead_letter_topics(worker, topic_prefix, topics.value()), deadline);
  if (!partitions) return partitions.error();
  std::ranges::sort(partitions.value(), {}, &DeadLetterPartition::partition);
  auto parts = parts_of(partitions.value(), limit, list);
  if (!parts) return parts.error();
  std::vector<DeadLetterPosition> from;
  for (const auto& [partition, part] : parts.value()) {
    if (!part.complete) from.push_back({partition, part.first, {}});
  }
  if (from.empty()) return list;
  if (auto reading = source.read(from, deadline); !reading) return reading.error();
  if (auto read = read_items(worker, parts.value(), source, deadline, list); !read) return read.error();
  std::ranges::stable_sort(list.items, [](const DeadLetterItem& left, const DeadLetterItem& right) {
    return std::pair(left.timestamp_ms, left.offset) > std::pair(right.timestamp_ms, right.offset);
  });
  if (list.items.size() > limit) list.items.resize(limit);
  return list;
}

}  // namespace kafka_events
