#include "cli/publish.h"

#include <algorithm>
#include <cstdio>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <unistd.h>
#include <utility>

#include "admin/event_parser.h"
#include "admin/text.h"
#include "cli/batch_sender.h"
#include "cli/exit_status.h"
#include "cli/files.h"
#include "cli/interrupt.h"
#include "cli/publish_report.h"

namespace host_stub::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t batch_lines = 500;
constexpr std::size_t batch_bytes = std::size_t{2} << 20;
constexpr std::size_t payload_bytes = std::size_t{64} << 20;  ///< the host's own limit is lower, and says so

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void write_text(Writer& writer, std::string_view text) {
  writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

/// "name": text, or "name_base64" for what is not UTF-8.
void write_bytes(Writer& writer, const std::string& name, const std::string& bytes) {
  if (is_utf8(bytes)) {
    write_text(writer, name);
    write_text(writer, bytes);
    return;
  }
  std::string encoded;
  append_base64(encoded, bytes);
  write_text(writer, name + "_base64");
  write_text(writer, encoded);
}

Result<std::string> read_payload(const PublishOptions& options) {
  if (options.source == "-") return read_descriptor(STDIN_FILENO, "standard input", payload_bytes);
  if (options.source.starts_with("@")) return read_file(options.source.substr(1), payload_bytes);
  return options.source;
}

int status_of(const Failure& failure) {
  if (failure.status == AGENT_E_STATE) return exit_interrupted;
  const bool wrong_input = failure.status == AGENT_E_INVALID || failure.status == AGENT_E_TOO_LARGE;
  return wrong_input ? exit_usage : exit_failure;
}

int status_of(const PublishCounts& counts) { return counts.failed + counts.pending > 0 ? exit_partial : exit_ok; }

std::size_t lines_per_batch(const PublishOptions& options) {
  // A batch is a tenth of a second's worth, so that a low rate goes evenly.
  return options.rate.has_value() ? std::clamp<std::size_t>(*options.rate / 10, 1, batch_lines) : batch_lines;
}

/// Sleeps until `published` events are due at the rate. False: Ctrl-C.
bool keep_rate(const PublishOptions& options, std::uint64_t published, steady_clock::time_point began) {
  if (!options.rate.has_value()) return !Interrupt::asked();
  const auto due = began + std::chrono::microseconds(published * 1'000'000 / *options.rate);
  const auto left = std::chrono::duration_cast<milliseconds>(due - steady_clock::now());
  return Interrupt::sleep(std::max(left, milliseconds(0)));
}

Result<void> publish_all(const PublishOptions& options, LineSource& source, BatchSender& sender,
                         PublishReport& report) {
  const steady_clock::time_point began = steady_clock::now();
  while (!Interrupt::asked()) {
    const Result<std::vector<EventLine>> lines = source.next(lines_per_batch(options), batch_bytes);
    if (!lines.ok()) return lines.error();
    if (lines.value().empty()) break;
    if (Result<void> sent = sender.send(lines.value()); !sent.ok()) return sent;
    report.update(sender.counts());
    if (!keep_rate(options, sender.counts().published, began)) break;
  }
  if (Interrupt::asked()) return Failure{AGENT_E_STATE, "interrupted"};
  return {};
}

int publish_lines(const PublishOptions& options, HttpClient& client) {
  const Result<std::unique_ptr<LineSource>> source = LineSource::open(options.source);
  if (!source.ok()) {
    std::fprintf(stderr, "host_stub: %s\n", source.error().message.c_str());
    return source.error().status == AGENT_E_FAILED ? exit_failure : exit_usage;
  }
  PublishReport report(options, source.value()->total());
  BatchSender sender(client, source.value()->name(), options.wait, [&](const EventResult& r) { report.on_result(r); });
  const Result<void> published = publish_all(options, *source.value(), sender, report);
  if (!published.ok()) report.failure(published.error().message);
  report.summary(sender.counts());
  return published.ok() ? status_of(sender.counts()) : status_of(published.error());
}

int publish_one(const PublishOptions& options, HttpClient& client) {
  const Result<EventLine> event = event_from_options(options);
  if (!event.ok()) {
    std::fprintf(stderr, "host_stub: %s\n", event.error().message.c_str());
    return exit_usage;
  }
  PublishReport report(options, 1);
  const std::string name = "event";
  BatchSender sender(client, name, options.wait, [&](const EventResult& r) { report.on_result(r); });
  const Result<void> sent = sender.send({event.value()});
  if (!sent.ok()) report.failure(sent.error().message);
  if (sent.ok()) report.summary(sender.counts());
  return sent.ok() ? status_of(sender.counts()) : status_of(sent.error());
}

}  // namespace

Result<EventLine> event_from_options(const PublishOptions& options) {
  const Result<std::string> payload = read_payload(options);
  if (!payload.ok()) return payload.error();
  for (const std::string* text : {&options.topic, options.tenant ? &*options.tenant : &options.topic}) {
    if (!is_utf8(*text)) return Failure{AGENT_E_INVALID, "topic and tenant must be UTF-8"};
  }
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.StartObject();
  writer.Key("topic");
  write_text(writer, options.topic);
  if (options.tenant.has_value()) {
    writer.Key("tenant");
    write_text(writer, *options.tenant);
  }
  if (options.key.has_value()) write_bytes(writer, "key", *options.key);
  write_bytes(writer, "payload", payload.value());
  writer.Key("headers");
  writer.StartArray();
  for (const auto& [name, value] : options.headers) {
    writer.StartObject();
    write_bytes(writer, "name", name);
    write_bytes(writer, "value", value);
    writer.EndObject();
  }
  writer.EndArray();
  writer.EndObject();
  EventLine line{1, {buffer.GetString(), buffer.GetSize()}};
  const auto parsed = parse_event(line.text);
  if (!parsed.ok()) return parsed.error();
  return line;
}

int run_publish(const PublishOptions& options) {
  const Interrupt interrupt;
  auto client = HttpClient::create(options.client.admin_url, options.client.api_key, Interrupt::insisted);
  if (!client.ok()) {
    std::fprintf(stderr, "host_stub: %s\n", client.error().message.c_str());
    return exit_usage;
  }
  return options.lines ? publish_lines(options, *client.value()) : publish_one(options, *client.value());
}

}  // namespace host_stub::cli
