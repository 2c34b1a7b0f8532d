#include "cli/config_reload.h"

#include <algorithm>

#include "cli/files.h"

namespace host_stub::cli {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr milliseconds while_busy{20};
constexpr milliseconds look_every{1000};
constexpr milliseconds nothing_to_do{60'000};

}  // namespace

ConfigReload::ConfigReload(Host& host, const Announcer& announcer) : host_(host), announcer_(announcer) {
  if (host_.settings().config_file.empty()) return;
  seen_ = stamp();
  applied_ = content();
}

std::optional<ConfigReload::Stamp> ConfigReload::stamp() const {
  struct stat about {};
  if (::stat(host_.settings().config_file.c_str(), &about) != 0) return std::nullopt;
  return Stamp{about.st_mtim, about.st_size};
}

std::optional<std::string> ConfigReload::content() const {
  auto text = read_file(host_.settings().config_file, max_config_bytes);
  if (!text.ok()) return std::nullopt;
  return std::move(text).value();
}

void ConfigReload::request() {
  if (host_.settings().config_file.empty()) {
    announcer_.note("there is no --plugin-config to be read anew");
    return;
  }
  seen_ = stamp();
  applied_ = content();
  for (const PluginInfo& plugin : host_.plugin_manager().list()) {
    if (!plugin.hands_over) {
      announcer_.note(plugin.name + " keeps its configuration until the host is started again: it offers no handover");
      continue;
    }
    if (std::find(waiting_.begin(), waiting_.end(), plugin.name) == waiting_.end()) waiting_.push_back(plugin.name);
  }
}

/// A file that is away, or is being written, is looked at again later; what it had before stays in force.
void ConfigReload::look_at_file() {
  const auto now = steady_clock::now();
  if (host_.settings().config_file.empty() || now < next_look_ || host_.plugin_manager().swap_under_way()) return;
  next_look_ = now + look_every;
  const auto found = stamp();
  if (!found || found == seen_) return;
  auto text = content();
  if (!text) return;
  seen_ = found;
  if (text == applied_) return;
  applied_ = std::move(text);
  for (const PluginInfo& plugin : host_.plugin_manager().list()) {
    if (host_.plugin_manager().reloads_on_change(plugin.name)) waiting_.push_back(plugin.name);
  }
}

void ConfigReload::begin_next() {
  if (waiting_.empty() || swap_ || host_.plugin_manager().swap_under_way()) return;
  SwapOrder order;
  order.plugin = waiting_.front();
  const auto begun = host_.begin_swap(order);
  if (!begun.ok() && begun.error().status == AGENT_E_BUSY) return;  // again later
  waiting_.pop_front();
  if (begun.ok()) {
    swap_ = begun.value();
  } else {
    announcer_.failure("reloading " + order.plugin + ": " + begun.error().message);
  }
}

void ConfigReload::finish() {
  if (!swap_) return;
  const auto report = host_.plugin_manager().wait_for_swap(*swap_, false, steady_clock::now());
  if (report && report->outcome == SwapOutcome::running) return;
  swap_.reset();
  if (!report) return;
  for (const ConfigProblem& problem : report->problems) announcer_.problem(problem);
  const bool works = report->outcome == SwapOutcome::probation || report->outcome == SwapOutcome::swapped;
  if (works) {
    announcer_.note("reloaded the configuration of " + report->plugin);
  } else {
    announcer_.failure("reloading " + report->plugin + ": " + report->reason +
                       (report->running.empty() ? "" : "; it goes on with its former configuration"));
  }
}

milliseconds ConfigReload::tick() {
  finish();
  look_at_file();
  begin_next();
  if (swap_ || !waiting_.empty()) return while_busy;
  const std::vector<PluginInfo> plugins = host_.plugin_manager().list();
  const bool watches = std::any_of(plugins.begin(), plugins.end(), [&](const PluginInfo& plugin) {
    return host_.plugin_manager().reloads_on_change(plugin.name);
  });
  return watches && !host_.settings().config_file.empty() ? look_every : nothing_to_do;
}

}  // namespace host_stub::cli
