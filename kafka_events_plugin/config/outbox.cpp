// The outbox block, and the contradictions around exactly_once.
#include "config/outbox.h"

#include <algorithm>
#include <string>

namespace kafka_events::config {

namespace {

FsyncKind fsync_of(const std::string& text) {
  if (text == "each") return FsyncKind::each;
  return text == "off" ? FsyncKind::off : FsyncKind::group;
}

OutboxMode mode_of(const std::string& text) {
  if (text == "always") return OutboxMode::always;
  return text == "off" ? OutboxMode::off : OutboxMode::when_needed;
}

}  // namespace

OutboxSettings make_outbox(const Values& top, Report& report) {
  OutboxSettings outbox;
  const Values values = top.child("outbox");
  if (!values.written) return outbox;
  const auto get = [&](std::string_view name) { return values.get(option(Block::outbox, name)); };
  outbox.place = values.place;
  outbox.mode = mode_of(get("mode").text());
  if (const Value* path = values.find("path")) {
    outbox.path = path->text();
  } else if (outbox.mode != OutboxMode::off && !report.is_refused(values.path + ".path")) {
    Place place = values.place;
    place.key_path = values.path + ".path";
    report.error(std::move(place),
                 "is missing; write the directory where events may wait, such as /var/lib/agent/outbox");
  }
  outbox.max_bytes = std::stoull(get("max_bytes").text());
  outbox.fsync = fsync_of(get("fsync").text());
  outbox.group_interval = std::chrono::milliseconds(std::stoll(get("group_interval_ms").text()));
  return outbox;
}

void check_exactly_once(const Settings& settings, const Values& producer, Report& report) {
  const auto place_of = [](const Place& block) {
    Place place = block;
    place.key_path += ".qos";
    return place;
  };
  bool asked = false;
  for (const RouteSettings& route : settings.routes) {
    if (route.qos != Qos::exactly_once) continue;
    asked = true;
    if (settings.outbox.mode == OutboxMode::off && !report.is_refused("kafka_events.outbox.path")) {
      report.error(place_of(route.place), "exactly_once needs the outbox, and there is none; add outbox: {path: …}");
    }
  }
  for (const WorkerSettings& worker : settings.workers) asked = asked || worker.qos == Qos::exactly_once;
  if (!asked) return;
  const Value* acks = producer.find("acks");
  if (acks != nullptr && acks->text() != "all" && acks->text() != "-1") {
    report.error(acks->place, "contradicts qos exactly_once, which needs acks: all; remove one of the two");
  }
  const Value* idempotence = producer.find("enable_idempotence");
  if (idempotence != nullptr && idempotence->text() == "false") {
    report.error(idempotence->place, "contradicts qos exactly_once, which needs the idempotent producer");
  }
}

}  // namespace kafka_events::config
