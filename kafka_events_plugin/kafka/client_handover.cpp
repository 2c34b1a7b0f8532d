// The digest of a client, and its way through the deposits.
#include "kafka/client_handover.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include "core/siphash.h"
#include "kafka/properties.h"

namespace kafka_events {
namespace {

std::string address_of_librdkafka() {
  return std::to_string(reinterpret_cast<std::uintptr_t>(reinterpret_cast<void*>(&rd_kafka_new)));
}

/// Random, the same for everybody in this process, and known to nobody outside.
SipKey process_key() {
  SipKey key{};
  if (const auto* random = reinterpret_cast<const unsigned char*>(getauxval(AT_RANDOM)); random != nullptr) {
    std::copy_n(random, key.size(), key.begin());
  } else {  // no Linux: still not the same in two processes
    const std::string text = address_of_librdkafka() + " " + std::to_string(getpid());
    std::copy_n(text.begin(), std::min(text.size(), key.size()), key.begin());
  }
  return key;
}

/// Lengths before texts: no two lists give the same bytes.
void append(std::string& to, std::string_view text) {
  to += std::to_string(text.size());
  to += ':';
  to += text;
}

/// Pointers, which differ although nothing does. No callback is ever set.
bool is_pointer(std::string_view name) noexcept {
  return name == "opaque" || name == "default_topic_conf" || name.ends_with("_cb");
}

void append_file(std::string& to, const char* path) {
  struct stat about {};
  if (stat(path, &about) != 0) return append(to, "no file");
  append(to, std::to_string(about.st_size) + " " + std::to_string(about.st_mtim.tv_sec) + "." +
                 std::to_string(about.st_mtim.tv_nsec));
}

/// Every property with its value, in librdkafka's own order.
void append_effective(std::string& to, rd_kafka_conf_t* conf) {
  std::size_t count = 0;
  const char** texts = rd_kafka_conf_dump(conf, &count);
  for (std::size_t i = 0; i + 1 < count; i += 2) {
    const std::string_view name = texts[i];
    const char* value = texts[i + 1] == nullptr ? "" : texts[i + 1];
    if (is_pointer(name)) continue;
    append(to, name);
    append(to, value);
    if (name.ends_with(".location")) append_file(to, value);
  }
  rd_kafka_conf_dump_free(texts, count);
}

}  // namespace

ClientKey client_key(std::string name, std::span<const config::Property> properties, rd_kafka_type_t type,
                     std::string_view more) {
  const auto conf = make_conf(properties, type == RD_KAFKA_PRODUCER ? ConfKind::producer : ConfKind::consumer);
  // No such client can be made.
  if (!conf) return {std::move(name), {}};
  std::string text;
  append(text, rd_kafka_version_str());
  append(text, address_of_librdkafka());
  append(text, type == RD_KAFKA_PRODUCER ? "producer" : "consumer");
  append(text, more);
  append_effective(text, conf.value().get());
  std::string digest = siphash(process_key(), text);
  explicit_bzero(text.data(), text.size());  // passwords
  return {std::move(name), std::move(digest)};
}

std::string client_deposit_kind() { return std::string("rd_kafka_t of librdkafka ") + rd_kafka_version_str(); }

Result<void> deposit_client(Deposits& deposits, std::string_view name, rd_kafka_t* client) {
  // Every calling convention that Linux has passes both kinds of pointers alike.
  auto* release = reinterpret_cast<void (*)(void*)>(reinterpret_cast<void (*)()>(&rd_kafka_destroy));
  return deposits.deposit(client_deposit_kind(), name, client, release);
}

rd_kafka_t* withdraw_client(Deposits& deposits, std::string_view name) noexcept {
  try {
    return static_cast<rd_kafka_t*>(deposits.withdraw(client_deposit_kind(), name));
  } catch (const std::exception&) {  // out of memory
    return nullptr;
  }
}

}  // namespace kafka_events
