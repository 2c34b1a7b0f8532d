#include "cli/demo_events.h"

#include <unordered_set>
#include <utility>

#include "agent_plugin/status.h"

#include "admin/event_parser.h"
#include "cli/line_source.h"

namespace host_stub::cli {
namespace {

constexpr std::size_t lines_at_once = 1000;
constexpr std::size_t bytes_at_once = std::size_t{4} << 20;

}  // namespace

Result<std::vector<EventFields>> load_demo_events(const std::string& file) {
  const Result<std::unique_ptr<LineSource>> source = LineSource::open(file);
  if (!source.ok()) return source.error();
  std::vector<EventFields> events;
  std::unordered_set<std::string> ids;
  for (;;) {
    const Result<std::vector<EventLine>> lines = source.value()->next(lines_at_once, bytes_at_once);
    if (!lines.ok()) return lines.error();
    if (lines.value().empty()) break;
    for (const EventLine& line : lines.value()) {
      Result<EventFields> event = parse_event(line.text);
      if (!event.ok()) return event.error();
      if (event.value().id.empty() || ids.contains(event.value().id)) {
        event.value().id = "demo-" + std::to_string(line.number);
      }
      ids.insert(event.value().id);
      events.push_back(std::move(event).value());
    }
  }
  if (events.empty()) return Failure{AGENT_E_INVALID, file + ": there is no event in it"};
  return events;
}

}  // namespace host_stub::cli
