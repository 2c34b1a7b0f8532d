// The fields of every record of a handover, once for writing and for reading. A tag is never used again for anything
// else; a reader skips tags that it does not know, and leaves what is missing as it is made. Every record is taken apart
// as a whole, so that one that gets a further field does not compile until that is written as well.
#pragma once

#include "core/handover.h"

namespace kafka_events {

template <class Archive>
void fields(Archive& archive, ClientKey& key) {
  auto& [name, digest] = key;
  archive(1, name);
  archive(2, digest);
}

template <class Archive>
void fields(Archive& archive, TopicPartition& partition) {
  auto& [topic, number] = partition;
  archive(1, topic);
  archive(2, number);
}

template <class Archive>
void fields(Archive& archive, CounterHandover& counter) {
  auto& [name, of, value] = counter;
  archive(1, name);
  archive(2, of);
  archive(3, value);
}

template <class Archive>
void fields(Archive& archive, ProducerHandover& producer) {
  auto& [name, deposited, connected, topics, counters] = producer;
  archive(1, name);
  archive(2, deposited);
  archive(3, connected);
  archive(4, topics);
  archive(5, counters);
}

template <class Archive>
void fields(Archive& archive, OutboxHandover& outbox) {
  auto& [in_flight, position, kept_free, next_free, unreported, unreported_bytes, fenced, counters] = outbox;
  archive(1, in_flight);
  archive(2, position);
  archive(3, kept_free);
  archive(4, next_free);
  archive(5, unreported);
  archive(6, unreported_bytes);
  archive(7, fenced);
  archive(8, counters);
}

template <class Archive>
void fields(Archive& archive, SendersHandover& senders) {
  auto& [producers, at_least_once, exactly_once] = senders;
  archive(1, producers);
  archive(2, at_least_once);
  archive(3, exactly_once);
}

template <class Archive>
void fields(Archive& archive, RetryHandover& retry) {
  auto& [offset, attempts, dead_letter, due_in_ms, stage, reason] = retry;
  archive(1, offset);
  archive(2, attempts);
  archive(3, dead_letter);
  archive(4, due_in_ms);
  archive(5, stage);
  archive(6, reason);
}

template <class Archive>
void fields(Archive& archive, PartitionHandover& handover) {
  auto& [partition, next_offset, position, done, retries, stopped, paused] = handover;
  archive(1, partition);
  archive(2, next_offset);
  archive(3, position);
  archive(4, done);
  archive(5, retries);
  archive(6, stopped);
  archive(7, paused);
}

template <class Archive>
void fields(Archive& archive, WorkerHandover& handover) {
  auto& [worker, consumer_deposited, producer_deposited, assigned, partitions, known_topics, census_taken, held,
         held_partitions, producer_topics, stop_reason, counters] = handover;
  archive(1, worker);
  archive(2, consumer_deposited);
  archive(3, producer_deposited);
  archive(4, assigned);
  archive(5, partitions);
  archive(6, known_topics);
  archive(7, census_taken);
  archive(8, held);
  archive(9, held_partitions);
  archive(10, producer_topics);
  archive(11, stop_reason);
  archive(12, counters);
}

template <class Archive>
void fields(Archive& archive, RequestHandover& request) {
  auto& [correlation_id, topic, tenant, key, null_key, id, due_in_ms, age_us, late] = request;
  archive(1, correlation_id);
  archive(2, topic);
  archive(3, tenant);
  archive(4, key);
  archive(5, null_key);
  archive(6, id);
  archive(7, due_in_ms);
  archive(8, age_us);
  archive(9, late);
}

template <class Archive>
void fields(Archive& archive, SubjectHandover& subject) {
  auto& [name, version] = subject;
  archive(1, name);
  archive(2, version);
}

template <class Archive>
void fields(Archive& archive, SchemaHandover& schema) {
  auto& [id, text, references, subjects] = schema;
  archive(1, id);
  archive(2, text);
  archive(3, references);
  archive(4, subjects);
}

template <class Archive>
void fields(Archive& archive, Handover& handover) {
  auto& [running, senders, workers, counters, requests, schemas] = handover;
  archive(1, running);
  archive(2, senders);
  archive(3, workers);
  archive(4, counters);
  archive(5, requests);
  archive(6, schemas);
}

}  // namespace kafka_events
