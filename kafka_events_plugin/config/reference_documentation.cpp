// The table as docs/configuration.md.
#include <algorithm>

#include "config/reference.h"
#include "config/report.h"

namespace kafka_events::config {

namespace {

constexpr std::string_view introduction = R"(# Configuration

<!-- Made by config_reference from the table of options in kafka_events_plugin/config; change it there. -->

The plugin reads one YAML file with the top key `kafka_events`; other top keys are other plugins' and are left alone.
`conf/minimal.yaml` is the shortest file, `conf/acapy-sample.yaml` has every option of the ACA-Py plugin,
`conf/kafka_events.yaml` every option there is. `conf/kafka_events.schema.json` lets an editor complete and check it;
`host_stub check-config FILE` tells whether a file is right.

- **Names**: `-` and `_` are the same (`consumer-config`, `consumer_config`).
- **Placeholders** in any value, also within lists and maps: `${NAME}` is an environment variable, `${NAME:-default}` has a
  default for one that is unset or empty, `${file:PATH}` is the content of a file without its last line end (`PATH` is
  relative to the configuration file), `$$` is one `$`. Within `[ ]` and `{ }` they need quotes. What comes from a file, or
  from a variable with PASSWORD, SECRET or TOKEN in its name, is shown as `[secret]` everywhere.
- **Command line**: `-o kafka_events.consumer-config.group_id=agents` beats the file. The value is read as YAML; entries of
  lists have numbers (`outbound.0.qos`), those with a name that as well (`workers.audit.group`).
- **Files** (certificates, schemas) are relative to the configuration file. Schemas are read with it: at most 1 MiB of JSON.
- **Both clients**: the options of the first table may also stand in `consumer-config` and `producer-config`, where they
  count for that side only.
- **librdkafka**: blocks of that name take any of its properties and win over the options here. The few that the plugin
  itself depends on are refused with the reason.
- **Errors**: all of them are printed at once as `file:line:column: name: what is wrong`, and the plugin does not start.
  Options that come with a later version are errors too, never silently ignored.
- **Bounds**: 1 MiB of UTF-8, one document, 20000 values with aliases expanded, 32 levels.

Values set always: `enable.auto.offset.store=false`, `enable.partition.eof=false`. Set unless a `librdkafka` block says
otherwise: consumers `queued.min.messages=1000000`, `queued.max.messages.kbytes=65536`; producer
`partitioner=murmur2_random` (keys land where Java clients put them), `queue.buffering.max.messages=100000`,
`queue.buffering.max.kbytes=262144` (more if `max_request_size` needs it).
)";

// A cell of a table: | would end it.
std::string cell(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '|') result += '\\';
    result += c;
  }
  return result;
}

std::string code(std::string_view text) {
  return text.empty() ? std::string() : std::string("`").append(cell(text)) + "`";
}

std::string becomes(const Option& option) {
  std::string text;
  for (const PropertyName& each : option.properties) {
    if (each.name.empty()) continue;
    text += (text.empty() ? "" : ", ") + code(each.name);
    if (each.client == Client::producer && option.block == Block::client) text += " (producer)";
  }
  if (!option.effect.empty()) text += (text.empty() ? "" : "; ") + cell(option.effect);
  return text;
}

std::string row(const Option& option) {
  if (option.type == Type::later) {
    return "| " + code(option.name) + " | | | | *Arrives with a later version:* " + cell(option.description) + " |\n";
  }
  const std::string description = cell(option.description);
  return "| " + code(option.name) + " | " + cell(expected(option)) + " | " + code(option.fallback) + " | " +
         becomes(option) + " | " + description + " |\n";
}

}  // namespace

std::vector<ReferenceBlock> reference_blocks() {
  return {{Block::top, "`kafka_events`"},
          {Block::consumer, "`consumer-config`"},
          {Block::producer, "`producer-config`"},
          {Block::ssl, "`ssl_context`"},
          {Block::oauth, "`sasl_oauth_token_provider`"},
          {Block::inbound, "`inbound`"},
          {Block::retries, "`inbound.retries`, and of a worker"},
          {Block::worker, "One entry of `workers`"},
          {Block::route, "One entry of `outbound`"},
          {Block::outbox, "`outbox`"},
          {Block::schema_registry, "`schema_registry`"},
          {Block::topics, "`topics`"},
          {Block::topic, "One entry of `topics.ensure`"},
          {Block::tenants, "`tenants`"},
          {Block::loop_guard, "`loop_guard`"},
          {Block::requests, "`requests`"},
          {Block::cloudevents, "`cloudevents`"}};
}

std::string reference_documentation() {
  std::string text(introduction);
  const auto table = [&](std::string_view title, Block block) {
    text += "\n## " + std::string(title) +
            "\n\n| option | takes | default | becomes | |\n| --- | --- | --- | --- | --- |\n";
    for (const Option* each : options_of({&block, 1})) text += row(*each);
  };
  table("`kafka_events`: options of both clients", Block::client);
  for (const ReferenceBlock& each : reference_blocks()) table(each.name, each.block);
  return text;
}

}  // namespace kafka_events::config
