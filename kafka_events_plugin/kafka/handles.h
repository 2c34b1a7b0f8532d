// Owners of librdkafka's objects: a stateless deleter and an alias each, nothing more.
#pragma once

#include <librdkafka/rdkafka.h>
#include <memory>

namespace kafka_events {

template <auto Function>
struct Deleter {
  template <class T>
  void operator()(T* object) const noexcept {
    Function(object);
  }
};

using ConfHandle = std::unique_ptr<rd_kafka_conf_t, Deleter<rd_kafka_conf_destroy>>;
using TopicConfHandle = std::unique_ptr<rd_kafka_topic_conf_t, Deleter<rd_kafka_topic_conf_destroy>>;
using QueueHandle = std::unique_ptr<rd_kafka_queue_t, Deleter<rd_kafka_queue_destroy>>;
using EventOwner = std::unique_ptr<rd_kafka_event_t, Deleter<rd_kafka_event_destroy>>;
using TopicHandle = std::unique_ptr<rd_kafka_topic_t, Deleter<rd_kafka_topic_destroy>>;
using HeadersHandle = std::unique_ptr<rd_kafka_headers_t, Deleter<rd_kafka_headers_destroy>>;
using PartitionList = std::unique_ptr<rd_kafka_topic_partition_list_t, Deleter<rd_kafka_topic_partition_list_destroy>>;
using MetadataHandle = std::unique_ptr<const rd_kafka_metadata_t, Deleter<rd_kafka_metadata_destroy>>;
using ErrorHandle = std::unique_ptr<rd_kafka_error_t, Deleter<rd_kafka_error_destroy>>;

}  // namespace kafka_events
