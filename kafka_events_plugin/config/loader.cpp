// The steps of a load, in order: text, tree, overrides, values, clients, routes and workers, effective options.
#include "config/loader.h"

#include <algorithm>
#include <array>
#include <utility>

#include "config/client_checks.h"
#include "config/clients.h"
#include "config/document.h"
#include "config/effective.h"
#include "config/outbox.h"
#include "config/overrides.h"
#include "config/properties.h"
#include "config/reader.h"
#include "config/routes.h"
#include "config/schemas.h"
#include "config/services.h"
#include "config/text_checks.h"
#include "config/worker_selection.h"
#include "config/workers.h"

namespace kafka_events::config {

namespace {

constexpr std::string_view top_key = "kafka_events";

// The map under the top key; other top keys are other plugins', whose business they are. Null if there is no such map.
YamlNode* find_plugin(Document& document, Report& report) {
  YamlNode* root = document.root;
  if (root == nullptr || root->kind == YamlNode::Kind::null) {
    report.error(report.place({1, 1}), "the file is empty; the top key kafka_events is needed");
    return nullptr;
  }
  if (root->kind != YamlNode::Kind::map) {
    report.error(report.place(root->mark),
                 "the file holds " + std::string(kind_name(*root)) + "; a map with the top key kafka_events is needed");
    return nullptr;
  }
  YamlNode* plugin = nullptr;
  std::vector<std::string_view> keys;
  for (Entry& entry : root->entries) {
    keys.push_back(entry.key);
    if (entry.key != top_key && entry.key != "kafka-events") continue;
    if (plugin != nullptr) {
      report.error(report.place(entry.mark, std::string(top_key)), "is given twice; write it once");
    } else {
      plugin = entry.value;
    }
  }
  if (plugin == nullptr) {
    std::string found;
    std::string misspelt;
    for (const std::string_view key : keys) {
      found += (found.empty() ? " " : ", ") + quoted(key);
      if (edit_distance(lower(key), top_key) <= 3) misspelt = "; write kafka_events instead of " + quoted(key);
    }
    report.error(report.place(root->mark),
                 "the top key kafka_events is missing; found" + (found.empty() ? " nothing" : found) + misspelt);
  } else if (plugin->kind != YamlNode::Kind::map && plugin->kind != YamlNode::Kind::null) {
    report.error(report.place(plugin->mark, std::string(top_key)),
                 "is " + std::string(kind_name(*plugin)) + "; expected a map of options");
    return nullptr;
  }
  return plugin;
}

void refuse_own_token_providers(const Values& own, Report& report) {
  const auto found = own.children.find("sasl_oauth_token_provider");
  if (found == own.children.end() || found->second.empty()) return;
  report.error(found->second.front().place, "must stand at the top: both clients use the same token");
}

std::string_view value_of(const std::vector<Property>& properties, std::string_view name) {
  const Property* property = find_property(properties, name);
  return property == nullptr ? std::string_view() : std::string_view(property->value);
}

// Everything that is wrong only together with something else.
void check_client(const ClientValues& values, const std::vector<Property>& properties, const LoadInput& input,
                  Report& report) {
  check_limits(values, properties, report);
  check_security(values, properties, input, report);
  refuse_own_token_providers(values.own(), report);
}

void warn_of_unused(const Values& top, const ClientValues& consumer_values, const std::vector<Property>& consumer,
                    const ClientValues& producer_values, const std::vector<Property>& producer, Report& report) {
  if (report.is_refused("kafka_events.security_protocol")) return;
  const auto is_ssl = [](const auto& properties) { return security_protocol(properties).ends_with("SSL"); };
  const auto is_sasl = [](const auto& properties) { return security_protocol(properties).starts_with("SASL"); };
  warn_of_unused_security(top, is_ssl(consumer) || is_ssl(producer), is_sasl(consumer) || is_sasl(producer), report);
  warn_of_unused_security(consumer_values.own(), is_ssl(consumer), is_sasl(consumer), report);
  warn_of_unused_security(producer_values.own(), is_ssl(producer), is_sasl(producer), report);
}

void add_services(Settings& settings, const Values& top, const ClientValues& consumer, const LoadInput& input,
                  Report& report) {
  check_registry_is_there(top, report);
  settings.schema_registry = make_registry(top, input, report);
  settings.ensure_topics = make_ensured_topics(top, report);
  settings.tenants = make_tenants(top, report);
  const std::string group = consumer.get(Block::consumer, "group_id").text();
  settings.loop_guard = make_loop_guard(top, settings.client_id, group, input);
  settings.requests = make_requests(top);
  settings.cloudevents_source = make_cloudevents_source(top, settings.client_id);
}

void add_producer(Settings& settings, const Values& block, std::vector<Property> properties) {
  ProducerSettings& producer = settings.producer;
  producer.max_record_bytes = static_cast<std::uint64_t>(number_of(properties, "message.max.bytes", 1000000));
  const Value transactional_id = block.get(option(Block::producer, "transactional_id"));
  if (!transactional_id.items.empty()) producer.transactional_id = transactional_id.text();
  producer.transaction_timeout =
      std::chrono::milliseconds(std::stoll(block.get(option(Block::producer, "transaction_timeout_ms")).text()));
  producer.properties = std::move(properties);
}

// The defaults that are made from other values, so that they are shown as what they come to.
Values with_made_defaults(const Values& top, const Settings& settings) {
  Values result = top;
  const auto add = [&](std::string_view block, std::string_view name, const std::string& text) {
    Values child = top.child(block);
    if (child.find(name) != nullptr) return;
    child.values[std::string(name)] = {.items = {text}, .written = false, .place = child.place_of(name)};
    result.children[std::string(block)] = {std::move(child)};
  };
  add("loop_guard", "origin", settings.loop_guard.origin);
  add("cloudevents", "source", settings.cloudevents_source);
  return result;
}

// Values that were refused have their defaults here, so that contradictions between the others are found as well.
Settings build(const Values& top, const Value& servers, const LoadInput& input, Report& report) {
  Values consumer_block = top.child("consumer-config");
  Values producer_block = top.child("producer-config");
  merge_other_names(consumer_block, report);
  merge_other_names(producer_block, report);
  const ClientValues consumer_values(Client::consumer, top, consumer_block, servers);
  const ClientValues producer_values(Client::producer, top, producer_block, servers);
  const std::vector<Property> consumer = client_properties(consumer_values);
  std::vector<Property> producer = client_properties(producer_values);

  Settings settings;
  settings.routes = make_routes(top, input, report);
  settings.workers = make_workers(top, consumer_values, consumer, input, report);
  settings.outbox = make_outbox(top, report);
  check_exactly_once(settings, producer_block, report);
  check_client(consumer_values, consumer, input, report);
  check_client(producer_values, producer, input, report);
  warn_of_unused(top, consumer_values, consumer, producer_values, producer, report);

  settings.topic_prefix = top.get(option(Block::top, "topic_prefix")).text();
  settings.reload_on_change = top.get(option(Block::top, "reload")).text() == "on_change";
  settings.client_id = value_of(producer, "client.id");
  const Values provider = top.child("sasl_oauth_token_provider");
  if (const Value* file = provider.find("token_file")) settings.oauth_token_file = file->text();
  const bool has_default = !settings.workers.empty() && settings.workers.front().name == "inbound";
  add_services(settings, top, consumer_values, input, report);
  settings.options = effective_options(with_made_defaults(top, settings), servers,
                                       has_default ? settings.workers.front().properties : consumer, producer);
  add_producer(settings, producer_block, std::move(producer));
  settings.run_workers = make_run_workers(top, settings.workers, report);
  keep_selected(settings.workers, settings.run_workers);
  return settings;
}

}  // namespace

LoadResult load(const LoadInput& input) {
  Report report(input.file_name);
  const auto failed = [&] { return LoadResult{std::nullopt, report.take()}; };
  Document document;
  if (!check_text(input.text, report)) return failed();
  read_yaml(input.text, Origin::file, document, report);
  if (document.root == nullptr && report.errors() > 0) return failed();
  YamlNode* plugin = find_plugin(document, report);
  if (plugin == nullptr) return failed();
  plugin = apply_overrides(plugin, input.overrides, document, report);

  Reader reader(input, report);
  constexpr std::array<Block, 2> blocks = {Block::top, Block::client};
  const std::string path(top_key);
  Values top = reader.read_map(*plugin, path, report.place(plugin->mark, path), blocks);
  merge_other_names(top, report);
  const Value servers = reader.default_servers();
  Settings settings = build(top, servers, input, report);
  if (report.errors() > 0) return failed();
  return {std::move(settings), report.take()};
}

std::string to_line(const Problem& problem) {
  std::string line = problem.place.file;
  if (problem.place.line > 0) {
    line.append(":")
        .append(std::to_string(problem.place.line))
        .append(":")
        .append(std::to_string(problem.place.column));
  }
  line += ": ";
  if (problem.severity == Severity::warning) line += "warning: ";
  if (!problem.place.key_path.empty()) line += problem.place.key_path + ": ";
  return line + problem.message;
}

}  // namespace kafka_events::config
