// What the host says of itself on its admin routes: status, plugins, metrics.
#include <array>
#include <fstream>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <string_view>
#include <unistd.h>
#include <unordered_map>

#include "cli/host.h"
#include "cli/swap_json.h"

namespace host_stub::cli {
namespace {

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void write_text(Writer& writer, const char* name, std::string_view value) {
  writer.Key(name);
  writer.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
}

void write_bus(Writer& writer, const BusStatistics& bus) {
  const std::array<std::pair<const char*, std::uint64_t>, 8> counts{{{"published", bus.published},
                                                                     {"handler_calls", bus.handler_calls},
                                                                     {"handlers_failed", bus.handlers_failed},
                                                                     {"handlers_busy", bus.handlers_busy},
                                                                     {"in_flight", bus.in_flight},
                                                                     {"alive", bus.alive},
                                                                     {"subscriptions", bus.subscriptions},
                                                                     {"cached_topics", bus.cached_topics}}};
  writer.Key("bus");
  writer.StartObject();
  for (const auto& [name, value] : counts) {
    writer.Key(name);
    writer.Uint64(value);
  }
  writer.EndObject();
}

void write_plugin(Writer& writer, const PluginSummary& plugin) {
  writer.StartObject();
  write_text(writer, "name", plugin.name);
  write_text(writer, "version", plugin.version);
  write_text(writer, "state", plugin.state);
  writer.Key("live");
  writer.Bool(plugin.live);
  writer.Key("ready");
  writer.Bool(plugin.ready);
  if (!plugin.reason.empty()) write_text(writer, "reason", plugin.reason);
  writer.EndObject();
}

agent_text as_text(std::string_view text) { return {text.data(), text.size()}; }

/// Pages of memory that this process has in RAM, times their size (proc(5), statm).
double resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  double total = 0;
  double resident = 0;
  statm >> total >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

struct Figure {
  std::string_view name;
  std::int32_t type;
  std::string_view help;
  double value;
};

}  // namespace

std::string Host::status_json() {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  const HostHealth now = health();
  const Phase phase = phase_;
  const auto uptime = std::chrono::duration<double>(std::chrono::system_clock::now() - started_);
  writer.StartObject();
  write_text(writer, "name", "host_stub");
  write_text(writer, "version", HOST_STUB_VERSION);
  write_text(writer, "label", settings_.label);
  write_text(writer, "state", phase == Phase::starting ? "starting" : phase == Phase::running ? "running" : "ending");
  writer.Key("live");
  writer.Bool(now.live);
  writer.Key("ready");
  writer.Bool(now.ready);
  writer.Key("reasons");
  writer.StartArray();
  for (const std::string& reason : now.reasons) {
    writer.String(reason.data(), static_cast<rapidjson::SizeType>(reason.size()));
  }
  writer.EndArray();
  writer.Key("uptime_seconds");
  writer.Double(uptime.count());
  if (kafka_ != nullptr) write_text(writer, "embedded_kafka", kafka_->bootstrap_servers());
  write_bus(writer, bus_.statistics());
  writer.Key("plugins");
  writer.StartArray();
  for (const PluginSummary& plugin : plugins()) write_plugin(writer, plugin);
  writer.EndArray();
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

std::vector<PluginSummary> Host::plugins() {
  std::unordered_map<std::string, PluginHealth> healths;
  for (const PluginHealth& health : plugins_->health()) healths.emplace(health.name, health);
  std::vector<PluginSummary> summaries;
  for (const PluginInfo& info : plugins_->list()) {
    PluginSummary summary;
    summary.name = info.name;
    summary.version = info.version;
    summary.build_id = info.build_id;
    summary.description = info.description;
    summary.runtime = info.runtime;
    summary.path = info.path;
    summary.instance = info.instance;
    summary.state = to_string(info.state);
    if (const auto health = healths.find(info.name); health != healths.end()) {
      summary.live = health->second.live;
      summary.ready = health->second.ready;
      summary.reason = health->second.reason;
    }
    const std::vector<SwapReport> swaps = plugins_->swaps(info.name);
    if (!swaps.empty()) summary.swap = swap_json(swaps.front());
    summaries.push_back(std::move(summary));
  }
  return summaries;
}

void Host::collect_metrics(const agent_metrics_sink& sink) {
  const BusStatistics bus = bus_.statistics();
  const auto number = [](std::uint64_t value) { return static_cast<double>(value); };
  const auto started = std::chrono::duration<double>(started_.time_since_epoch()).count();
  const std::array<Figure, 8> figures{{
      {"agent_events_published_total", AGENT_METRIC_COUNTER, "Events published on the bus.", number(bus.published)},
      {"agent_handler_calls_total", AGENT_METRIC_COUNTER, "Handlers called.", number(bus.handler_calls)},
      {"agent_handlers_failed_total", AGENT_METRIC_COUNTER, "Handlers that failed.", number(bus.handlers_failed)},
      {"agent_handlers_busy_total", AGENT_METRIC_COUNTER, "Handlers that took no event.", number(bus.handlers_busy)},
      {"agent_events_in_flight", AGENT_METRIC_GAUGE, "Events that wait for a handler.", number(bus.in_flight)},
      {"agent_subscriptions", AGENT_METRIC_GAUGE, "Handlers on the bus.", number(bus.subscriptions)},
      {"process_resident_memory_bytes", AGENT_METRIC_GAUGE, "Resident memory size in bytes.", resident_bytes()},
      {"process_start_time_seconds", AGENT_METRIC_GAUGE, "Start time of the process since the Unix epoch.", started},
  }};
  for (const Figure& figure : figures) {
    sink.metric(sink.context, as_text(figure.name), figure.type, as_text(figure.help));
    sink.sample(sink.context, nullptr, 0, figure.value);
  }
  collect_swap_metrics(sink);
  plugins_->collect_metrics(sink);
}

}  // namespace host_stub::cli
