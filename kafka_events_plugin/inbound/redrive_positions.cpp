// Offsets that were passed over, planned, acknowledged.
#include "inbound/redrive_positions.h"

#include <algorithm>
#include <utility>

namespace kafka_events {
namespace {

/// Room is left for the holes of records that are on their way or fail.
constexpr std::size_t metadata_limit = DeadLetterSource::max_metadata_bytes - 512;

}  // namespace

Result<std::vector<DeadLetterPosition>> RedrivePositions::open(std::span<const DeadLetterPartition> partitions) {
  std::vector<DeadLetterPosition> from;
  for (const DeadLetterPartition& each : partitions) {
    auto progress = RedriveProgress::parse(each.committed, each.metadata);
    if (!progress) return progress.error().within(each.partition.topic);
    Part part;
    part.acknowledged = std::move(progress).value();
    part.acknowledged.forget_below(each.low);
    part.planned = part.acknowledged;
    part.last = part.acknowledged.next() - 1;
    part.end = each.high;
    part.read = part.acknowledged.open_below(each.high) == 0;
    if (!part.read) from.push_back({each.partition, part.acknowledged.next(), {}});
    parts_.emplace(each.partition, std::move(part));
  }
  return from;
}

std::optional<RedrivePositions::Place> RedrivePositions::pass(const DeadLetterRead& read) {
  const std::int64_t offset = read.record.offset;
  Place place{{std::string(read.record.topic), read.record.partition}, offset};
  const auto found = parts_.find(place.partition);
  if (found == parts_.end() || found->second.read) return std::nullopt;
  Part& part = found->second;
  // Offsets that were passed over hold no record: compacted, deleted, or a transaction's mark.
  if (offset > part.last + 1) {
    part.planned.settle(part.last + 1, offset);
    part.acknowledged.settle(part.last + 1, offset);
    part.moved = true;
  }
  part.last = read.end ? offset - 1 : offset;
  part.read = read.end || offset + 1 >= part.end;
  if (read.end || offset >= part.end || part.planned.settled(offset)) return std::nullopt;
  return place;
}

bool RedrivePositions::plan(const Place& place) {
  Part& part = parts_.at(place.partition);
  RedriveProgress planned = part.planned;
  planned.settle(place.offset, place.offset + 1);
  if (planned.metadata().size() > metadata_limit) return false;
  part.planned = std::move(planned);
  return true;
}

void RedrivePositions::settle(const Place& place) {
  Part& part = parts_.at(place.partition);
  part.acknowledged.settle(place.offset, place.offset + 1);
  part.moved = true;
}

bool RedrivePositions::all_read() const {
  return std::ranges::all_of(parts_, [](const auto& part) { return part.second.read; });
}

std::uint64_t RedrivePositions::left() const {
  std::uint64_t left = 0;
  for (const auto& [partition, part] : parts_)
    left += static_cast<std::uint64_t>(part.acknowledged.open_below(part.end));
  return left;
}

std::vector<DeadLetterPosition> RedrivePositions::moved() const {
  std::vector<DeadLetterPosition> positions;
  for (const auto& [partition, part] : parts_) {
    if (part.moved) positions.push_back({partition, part.acknowledged.next(), part.acknowledged.metadata()});
  }
  return positions;
}

void RedrivePositions::committed() {
  for (auto& [partition, part] : parts_) part.moved = false;
}

}  // namespace kafka_events
