"""Which figures stand together on the page of results, and what they have in common."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Family:
    name: str  # of its plot
    title: str
    prefixes: tuple[str, ...]  # of its figures' names
    words: str  # what is measured against what


FAMILIES = (
    Family("publish", "Publishing", ("publish_",),
           "From `publish` on the host's bus to Kafka's acknowledgement, told for every single event. The reference is a producer "
           "written against librdkafka with the same settings, in the faster of the two usual ways."),
    Family("guarantees", "Stronger guarantees", ("guarantee_",),
           "The same with every event through the outbox, and exactly once. The reference is at_least_once without outbox."),
    Family("consume", "Consuming", ("consume_",),
           "Records of Kafka to a handler on the host's bus, from the first to the last. The reference is a group consumer written "
           "against librdkafka that stores the offset of each record, in the faster of the two usual ways."),
    Family("latency", "Latency", ("latency_",),
           "A single event at a low rate: out from `publish` to its completion, in from the producer's call to the handler. "
           "The reference is librdkafka alone, one event after the other in turn (out) or reading the same records at the same "
           "time (in). \"Added\" is ours minus the reference: what the bridge costs."),
    Family("event_bus", "Event bus", ("event_bus", "bus_"),
           "The host's bus alone: one handler beside few and many patterns. The reference is a direct call through a pointer, or "
           "one publisher instead of two."),
    Family("codecs", "Codecs", ("codec", "avro_", "json_", "envelope_", "cloudevents_", "base64_"),
           "What becomes of a payload on its way, without Kafka; each against what a program would do by itself."),
    Family("templates", "Templates and routes", ("template", "route", "topic_"),
           "Topics, keys and partitions worked out for an event, without Kafka."),
    Family("tenants", "Limits of tenants", ("tenants_", "tenant_"),
           "One event into the limits and out again, all limits on. The reference is a map from tenants behind one mutex."),
    Family("memory", "Memory", ("memory_",),
           "What stays in memory. `memory_per_million_in_flight` has librdkafka alone as its reference."),
    Family("startup", "Start-up", ("startup_",),
           "From exec of `host_stub` to its line `ready`. The reference is the same host without a plugin."),
    Family("swap", "Swap under load", ("swap_",),
           "The running plugin is replaced while events flow. The reference is the same load without a swap "
           "([swaps under load](swap-results.md) has it all)."),
    Family("instructions", "Instructions and allocations", ("instructions", "allocations"),
           "What an event takes, counted and not timed: it does not depend on what else the machine does."),
    Family("admin", "Admin server", ("admin_",),
           "Requests over one connection that is kept, while events flow. The reference is the same host at rest."),
    Family("other", "Others", ("",), "Figures that belong to none of these."),
)


def by_family(figures: list[dict]) -> list[tuple[Family, list[dict]]]:
    """Families without a figure are left out."""
    groups: dict[str, list[dict]] = {}
    for figure in figures:
        family = next(family for family in FAMILIES if figure["bench"].startswith(family.prefixes))
        groups.setdefault(family.name, []).append(figure)
    return [(family, groups[family.name]) for family in FAMILIES if family.name in groups]
