// Swaps of the host's plugins: what the admin routes ask for, reloading, and their figures.
#include <utility>

#include "cli/files.h"
#include "cli/host.h"
#include "cli/swap_json.h"

namespace host_stub::cli {
namespace {

agent_text as_text(std::string_view text) { return {text.data(), text.size()}; }

/// One sample with the label plugin and, if it has a value, outcome.
void sample(const agent_metrics_sink& sink, std::string_view plugin, std::string_view outcome, double value) {
  const agent_metric_label labels[] = {{sizeof(agent_metric_label), 0, as_text("plugin"), as_text(plugin)},
                                       {sizeof(agent_metric_label), 0, as_text("outcome"), as_text(outcome)}};
  const agent_metric_label* pointers[] = {&labels[0], &labels[1]};
  sink.sample(sink.context, pointers, outcome.empty() ? 1 : 2, value);
}

SwapAnswer settled(const SwapReport& report) {
  const bool works = report.outcome == SwapOutcome::probation || report.outcome == SwapOutcome::swapped;
  SwapAnswer answer{works ? SwapAnswer::Kind::done : SwapAnswer::Kind::failed, report.id, swap_json(report), {}};
  if (works) return answer;
  answer.detail = "the swap was ";
  answer.detail += report.outcome == SwapOutcome::refused       ? "refused: "
                   : report.outcome == SwapOutcome::rolled_back ? "taken back: "
                                                                : "not possible, and neither is the way back: ";
  answer.detail += report.reason;
  return answer;
}

}  // namespace

Result<std::string> Host::read_config() const {
  if (!settings_.config_file.empty()) return read_file(settings_.config_file, max_config_bytes);
  // Without a file every plugin has an empty block: its defaults, and what -o says.
  std::string text;
  for (const PluginInfo& plugin : plugins_->list()) text += plugin.name + ": {}\n";
  return text;
}

Result<std::uint64_t> Host::begin_swap(const SwapOrder& order) {
  if (phase_ != Phase::running) return Failure{AGENT_E_BUSY, "the plugins are starting or ending; try again"};
  auto text = read_config();
  if (!text) return text.error();
  SwapRequest request;
  request.plugin = order.plugin;
  request.path = order.path;
  request.configuration = {settings_.config_file, std::move(text).value(), settings_.overrides};
  request.probation.length = order.probation.value_or(settings_.swap.probation);
  request.timeout = order.timeout.value_or(settings_.swap.timeout);
  request.close_connections = order.close_connections;
  request.hold.max_events = settings_.swap.max_held;
  return plugins_->swap(std::move(request));
}

void Host::swap(SwapOrder order, std::function<void(SwapAnswer)> done) {
  auto begun = begin_swap(order);
  if (!begun) {
    const bool unknown = begun.error().status == AGENT_E_NOT_FOUND && !is_loaded(order.plugin);
    const auto kind = unknown ? SwapAnswer::Kind::unknown : SwapAnswer::Kind::conflict;
    return done({kind, 0, {}, begun.error().message});
  }
  const std::uint64_t id = begun.value();
  if (order.wait == SwapOrder::Wait::none) return done({SwapAnswer::Kind::accepted, id, {}, {}});
  plugins_->when_swapped(id, order.wait == SwapOrder::Wait::end,
                         [done = std::move(done)](const SwapReport& report) { done(settled(report)); });
}

bool Host::is_loaded(std::string_view plugin) const {
  for (const PluginInfo& info : plugins_->list()) {
    if (info.name == plugin) return true;
  }
  return false;
}

std::optional<std::vector<std::string>> Host::swaps(const std::string& plugin) {
  if (!is_loaded(plugin)) return std::nullopt;
  std::vector<std::string> texts;
  for (const SwapReport& report : plugins_->swaps(plugin)) texts.push_back(swap_json(report));
  return texts;
}

void Host::collect_swap_metrics(const agent_metrics_sink& sink) const {
  const std::vector<SwapCounts> all = plugins_->swap_counts();
  if (all.empty()) return;
  const auto family = [&](std::string_view name, std::int32_t type, std::string_view help) {
    sink.metric(sink.context, as_text(name), type, as_text(help));
  };
  const auto number = [](std::uint64_t value) { return static_cast<double>(value); };
  family("agent_plugin_swaps_total", AGENT_METRIC_COUNTER, "Swaps of a plugin, by how they ended.");
  for (const SwapCounts& counts : all) {
    sample(sink, counts.plugin, "swapped", number(counts.swapped));
    sample(sink, counts.plugin, "rolled_back", number(counts.rolled_back));
    sample(sink, counts.plugin, "refused", number(counts.refused));
    sample(sink, counts.plugin, "stuck", number(counts.stuck));
  }
  family("agent_plugin_swap_pause_seconds", AGENT_METRIC_GAUGE, "How long the last swap held events.");
  for (const SwapCounts& counts : all) sample(sink, counts.plugin, {}, counts.last_pause_seconds);
  family("agent_plugin_swap_events_held_total", AGENT_METRIC_COUNTER, "Events that were held during swaps.");
  for (const SwapCounts& counts : all) sample(sink, counts.plugin, {}, number(counts.events_held));
  family("agent_plugin_modules_left_mapped", AGENT_METRIC_GAUGE, "Replaced modules that had to stay in memory.");
  for (const SwapCounts& counts : all) sample(sink, counts.plugin, {}, number(counts.modules_left_mapped));
}

}  // namespace host_stub::cli
