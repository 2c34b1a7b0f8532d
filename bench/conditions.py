"""The conditions of figures in words: once for what all figures of a section share, and per figure for the rest."""

APART = ("cpu_ns_ours", "cpu_ns_reference", "added_us")  # have columns of their own
WORDS = {
    "date": "measured {}", "machine": "{}", "kafka": "{}", "settings": "{}", "what": "{}",
    "payload_bytes": "payload of {} bytes", "json_bytes": "{} bytes of JSON", "pairs": "{} pairs of runs after one to warm up",
    "events": "{} events a run", "records": "{} records a run", "rounds": "{} rounds a run", "swaps": "{} swaps",
    "partitions": "{} partitions", "processors": "{} processors", "handlers": "{} handler(s)", "entries": "{} tenants known",
    "table_bytes": "{} bytes of table", "out_per_second": "{} events out a second", "in_per_second": "{} records in a second",
    "reference": "reference: {}", "reference_is": "reference: {}", "reference_reports": "the reference is told by {}",
    "reference_takes": "the reference takes {}", "events_per_second": "{} events a second", "tenants": "{} tenants",
    "requests": "{} requests a run", "topics": "{} topics", "without_plugin_mb": "without the plugin {} MB",
    "resident_bytes": "{} bytes of resident memory", "resident_mb": "{} MB resident",
}
ORDER = list(WORDS)


def all_of(figure: dict) -> dict:
    ends = {name: figure[name] for name in ("date", "machine") if name in figure}
    return {**ends, **{name: value for name, value in figure.get("conditions", {}).items() if name not in APART}}


def shared(figures: list[dict]) -> dict:
    """What all have, with the same value."""
    first, *others = [all_of(figure) for figure in figures]
    return {name: value for name, value in first.items() if all(other.get(name) == value for other in others)}


def sentence(conditions: dict) -> str:
    ordered = sorted(conditions.items(), key=lambda item: ORDER.index(item[0]) if item[0] in ORDER else len(ORDER))
    return "; ".join(in_words(name, value) for name, value in ordered)


def rest(figure: dict, common: dict) -> str:
    return sentence({name: value for name, value in all_of(figure).items() if name not in common})


def in_words(name: str, value) -> str:
    text = f"{value:,}" if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)
    return WORDS[name].format(text) if name in WORDS else f"{name.replace('_', ' ')} {text}"
