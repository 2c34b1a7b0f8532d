// The table. Flags of `start` are named as `aca-py start` names them.
#include "cli/verbs.h"

#include <array>

namespace host_stub::cli {
namespace {

constexpr std::string_view formats = "text|json";

constexpr Flag plugin{"plugin", FlagKind::list, "NAME|PATH", "Plugin to load: a name (NAME.so is searched) or a path"};
constexpr Flag plugin_dir{"plugin-dir", FlagKind::list, "DIR",
                          "Where to search for plugins first; then AGENT_PLUGIN_PATH, then the installed ones"};
constexpr Flag plugin_config{"plugin-config", FlagKind::one, "FILE", "YAML file with the plugins' configuration"};
constexpr Flag override_value{"plugin-config-value",
                              FlagKind::words,
                              "PLUGIN.KEY=VALUE",
                              "One setting that beats the file, such as kafka_events.client_id=agent-1",
                              {},
                              "o"};
constexpr Flag worker{"worker", FlagKind::list, "NAME",
                      "Worker of kafka_events to run (inbound: the default one); without the flag, what the file says"};
constexpr Flag label{"label", FlagKind::one, "NAME", "Name of this agent"};
constexpr Flag wallet_id{"wallet-id", FlagKind::one, "ID", "Tenant of the events that name none"};
constexpr Flag log_level{"log-level", FlagKind::one, "LEVEL", "Lowest level to log: trace, debug, info, warning, error",
                         "trace|debug|info|warning|warn|error"};
constexpr Flag log_format{"log-format", FlagKind::one, "FORMAT", "Log, banner and ready line as text or json", formats};
constexpr Flag admin{"admin", FlagKind::pair, "HOST PORT", "Address of the admin server (127.0.0.1 3001)"};
constexpr Flag admin_api_key{"admin-api-key", FlagKind::one, "KEY", "Key that requests to the admin server must show"};
constexpr Flag drain_timeout{"drain-timeout", FlagKind::one, "SECONDS",
                             "How long to finish work at the end, 0 to 3600 (10)"};
constexpr Flag admin_url{"admin-url", FlagKind::one, "URL", "Admin server of the host (http://127.0.0.1:3001)"};
constexpr Flag output_format{"format", FlagKind::one, "FORMAT", "text for people, json for programs", formats};
constexpr Flag tenant{"tenant", FlagKind::one, "ID", "Wallet that the event belongs to"};

constexpr std::array start_flags{
    plugin,
    plugin_config,
    override_value,
    plugin_dir,
    Flag{"arg-file", FlagKind::one, "FILE", "YAML file with flags: name: value"},
    admin,
    admin_api_key,
    Flag{"admin-insecure-mode", FlagKind::toggle, "", "Admin server without a key: for development only"},
    Flag{"embedded-kafka", FlagKind::optional, "PORT",
         "Run a Kafka in this process, on PORT or a free one; not durable"},
    worker,
    label,
    wallet_id,
    log_level,
    log_format,
    drain_timeout,
    Flag{"swap-probation", FlagKind::one, "SECONDS",
         "How long a new version of a plugin is watched before the old one goes, 0 to 3600 (10)"},
    Flag{"swap-timeout", FlagKind::one, "SECONDS", "Deadline for each step of a swap, 1 to 600 (15)"},
    Flag{"swap-max-held", FlagKind::one, "EVENTS",
         "Events that are held during a swap before publishers wait (100000)"},
    Flag{"validator", FlagKind::one, "PATH|none",
         "plugin_validator for modules that are swapped in; without the flag the one beside this program"},
};

constexpr std::array publish_positionals{
    Positional{"TOPIC", "Topic of the event; with --lines the file to read (or - for standard input)", false},
    Positional{"PAYLOAD", "Payload: a text, @FILE, or - for standard input", false},
};
constexpr std::array publish_flags{
    tenant,
    Flag{"key", FlagKind::one, "KEY", "Ordering key: events with one key keep their order"},
    Flag{"header", FlagKind::list, "NAME=VALUE", "Header of the event"},
    Flag{"lines", FlagKind::toggle, "", "Read one JSON event a line from a file or standard input"},
    Flag{"rate", FlagKind::one, "N", "With --lines: at most N events a second"},
    Flag{"wait", FlagKind::toggle, "", "Return when every event has its delivery result"},
    output_format,
    admin_url,
    admin_api_key,
};

constexpr std::array request_positionals{
    Positional{"TOPIC", "Topic of the event; a route with reply_to must match it"},
    Positional{"PAYLOAD", "Payload: a text, @FILE, or - for standard input", false},
};
constexpr std::array request_flags{
    Flag{"timeout", FlagKind::one, "SECONDS", "How long to wait for the answer, 1 to 3600 (30)"},
    tenant,
    Flag{"key", FlagKind::one, "KEY", "Ordering key: events with one key keep their order"},
    Flag{"header", FlagKind::list, "NAME=VALUE", "Header of the event"},
    output_format,
    admin_url,
    admin_api_key,
};

constexpr std::array watch_positionals{
    Positional{"PATTERN", "Regular expression (RE2) over topics, matched from their beginning"}};
constexpr std::array watch_flags{Flag{"count", FlagKind::one, "N", "End after N events"}, output_format, admin_url,
                                 admin_api_key};

constexpr std::array swap_positionals{
    Positional{"PLUGIN", "Name of the plugin to replace"},
    Positional{"PATH", "The new module; without it the same one reads its configuration anew", false},
};
constexpr std::array swap_flags{
    Flag{"probation", FlagKind::one, "SECONDS",
         "How long the new version is watched before the old one goes, 0 to 3600"},
    Flag{"close-connections", FlagKind::toggle, "", "Make every connection anew instead of handing it over"},
    Flag{"wait", FlagKind::one, "WHEN",
         "end: until the probation is over (the default); active: until the new one works", "end|active"},
    output_format,
    admin_url,
    admin_api_key,
};

constexpr std::array query_flags{output_format, admin_url, admin_api_key};

constexpr std::array topics_positionals{
    Positional{"ACTION", "list, create, delete, add-partitions or describe", true, false,
               "list|create|delete|add-partitions|describe"},
    Positional{"NAME", "Topics, whole as Kafka has them: topic_prefix is not added", false, true},
};
constexpr std::array topics_flags{
    Flag{"partitions", FlagKind::one, "N", "create: without it the broker's default"},
    Flag{"replication-factor", FlagKind::one, "N", "create: without it the broker's default"},
    Flag{"config", FlagKind::list, "NAME=VALUE", "create: a config of the topic, such as retention.ms=86400000"},
    Flag{"total", FlagKind::one, "N", "add-partitions: how many there are to be"},
    Flag{"yes", FlagKind::toggle, "", "delete: do not ask; needed where nobody can be asked"},
    Flag{"internal", FlagKind::toggle, "", "list: Kafka's own topics (__…) as well"},
    Flag{"timeout", FlagKind::one, "SECONDS",
         "For Kafka to answer each request, 1 to 600 (10); the host's own limit is 24"},
    output_format,
    admin_url,
    admin_api_key,
};

constexpr std::array check_positionals{Positional{"FILE", "Configuration to check"}};
constexpr std::array check_flags{plugin, plugin_dir, override_value, worker, log_level};

constexpr std::array explain_positionals{Positional{"TOPIC", "Topic of an event"}};
constexpr std::array explain_flags{plugin_config, plugin,
                                   plugin_dir,    override_value,
                                   tenant,        Flag{"payload", FlagKind::one, "TEXT", "Payload of the event"},
                                   output_format, log_level};

constexpr std::array completion_positionals{Positional{"SHELL", "bash", true, false, "bash"}};

constexpr std::array demo_flags{plugin_config,
                                Flag{"events", FlagKind::one, "FILE", "Events to publish, one JSON object a line"},
                                Flag{"once", FlagKind::toggle, "", "End with the summary, on a terminal as well"},
                                plugin,
                                plugin_dir,
                                override_value,
                                admin,
                                log_level,
                                drain_timeout};

constexpr std::array all_verbs{
    Verb{"start",
         "Run the host with its plugins (the default verb)",
         "host_stub --plugin kafka_events --plugin-config conf/kafka_events.yaml --admin 127.0.0.1 3001 "
         "--admin-api-key KEY",
         {},
         start_flags},
    Verb{"publish", "Publish one event, or many, through a running host",
         "host_stub publish acapy::outbound::message '{\"content\": \"hello\"}' --tenant wallet-1 --wait",
         publish_positionals, publish_flags},
    Verb{"request", "Publish an event that wants an answer, and print the answer",
         "host_stub request acapy::outbound::question '{\"content\": \"hello\"}' --tenant wallet-1 --timeout 5",
         request_positionals, request_flags},
    Verb{"watch", "Show events of a running host as they happen", "host_stub watch '^acapy::' --count 10 --format json",
         watch_positionals, watch_flags},
    Verb{"status",
         "What a running host is doing",
         "host_stub status --admin-url http://127.0.0.1:3001",
         {},
         query_flags},
    Verb{"plugins", "The plugins of a running host", "host_stub plugins --format json", {}, query_flags},
    Verb{"swap", "Replace a plugin of a running host by another version, and show the steps",
         "host_stub swap kafka_events build/lib/kafka_events.so --probation 30", swap_positionals, swap_flags},
    Verb{"topics", "List, create, delete, extend or describe topics of the Kafka that a running host is connected to",
         "host_stub topics list --internal\n"
         "host_stub topics create orders audit --partitions 6 --replication-factor 3 --config retention.ms=86400000\n"
         "host_stub topics describe orders --format json\n"
         "host_stub topics add-partitions orders --total 12\n"
         "host_stub topics delete audit --yes",
         topics_positionals, topics_flags},
    Verb{"check-config", "Check a configuration without starting anything",
         "host_stub check-config conf/kafka_events.yaml", check_positionals, check_flags},
    Verb{"explain", "What a configuration would do with an event",
         "host_stub explain acapy::outbound::message --tenant wallet-1 --plugin-config conf/kafka_events.yaml",
         explain_positionals, explain_flags},
    Verb{"completion",
         "Print a completion script for a shell",
         "source <(host_stub completion bash)",
         completion_positionals,
         {}},
    Verb{"demo",
         "Publish sample events, and requests, to an embedded Kafka and show what became of them",
         "host_stub demo --plugin-config conf/demo.yaml --events conf/sample-events.jsonl --once",
         {},
         demo_flags,
         true},
};

}  // namespace

std::span<const Verb> verbs() noexcept { return all_verbs; }

const Verb* find_verb(std::string_view name) noexcept {
  for (const Verb& verb : all_verbs) {
    if (verb.name == name) return &verb;
  }
  return nullptr;
}

}  // namespace host_stub::cli
