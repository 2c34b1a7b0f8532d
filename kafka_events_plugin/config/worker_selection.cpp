// default_topics and run_workers.
#include "config/worker_selection.h"

#include <algorithm>

namespace kafka_events::config {

namespace {

// A worker whose name was refused may be the one that is meant.
bool any_name_refused(const Values& top, const Report& report) {
  if (report.is_refused("kafka_events.workers")) return true;
  const auto found = top.children.find("workers");
  return found != top.children.end() && std::ranges::any_of(found->second, [&](const Values& each) {
           return report.is_refused(each.path + ".name") || each.find("name") == nullptr;
         });
}

std::string list_of(const std::vector<std::string_view>& names) {
  std::string text;
  for (const std::string_view name : names) text.append(text.empty() ? "" : ", ").append(name);
  return text;
}

}  // namespace

std::vector<std::string> default_topics_of(const Values& top, std::span<const std::string> own) {
  const Value* topics = top.find("default_topics");
  const bool pattern = std::ranges::any_of(own, [](const std::string& topic) { return topic.starts_with('^'); });
  if (topics == nullptr || pattern) return {};
  return topics->items;
}

void warn_of_unread_default_topics(const Values& top, Report& report) {
  const Value* topics = top.find("default_topics");
  if (topics == nullptr || topics->items.empty() || report.is_refused("kafka_events.workers")) return;
  const auto found = top.children.find("workers");
  if (found == top.children.end() || found->second.empty()) {
    report.warning(topics->place,
                   "has no effect without workers; topics of the default worker stand in inbound.topics");
  }
}

std::vector<std::string> make_run_workers(const Values& top, const std::vector<WorkerSettings>& workers,
                                          Report& report) {
  std::vector<std::string> selected;
  const Value* names = top.find("run_workers");
  if (names == nullptr) return selected;
  std::vector<std::string_view> known;
  for (const WorkerSettings& worker : workers) known.emplace_back(worker.name);
  for (const std::string& name : names->items) {
    if (std::ranges::find(selected, name) != selected.end()) continue;
    selected.push_back(name);
    if (std::ranges::find(known, name) != known.end() || any_name_refused(top, report)) continue;
    if (names->secret) {
      report.error(names->place, "names a worker that does not exist");
    } else {
      report.error(names->place, quoted(name) + " is the name of no worker" + did_you_mean(name, known) +
                                     (known.empty() ? "; there are none" : "; there are " + list_of(known)));
    }
  }
  return selected;
}

void keep_selected(std::vector<WorkerSettings>& workers, const std::vector<std::string>& run_workers) {
  if (run_workers.empty()) return;
  std::erase_if(workers, [&](const WorkerSettings& worker) {
    return std::ranges::find(run_workers, worker.name) == run_workers.end();
  });
}

}  // namespace kafka_events::config
