#include "harness.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <sys/resource.h>

namespace bench {
namespace {

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

std::string quoted(std::string_view text) {
  std::string out(1, '"');
  for (const char character : text) {
    if (character == '"' || character == '\\') out.push_back('\\');
    out.push_back(character);
  }
  out.push_back('"');
  return out;
}

std::string conditions_of(const Figure& figure) {
  std::string conditions;
  for (const auto& [name, value] : figure.conditions) {
    conditions.append(conditions.empty() ? "" : ", ").append(quoted(name)).append(": ").append(value);
  }
  return conditions;
}

std::string print(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.6g", value);
  return buffer;
}

double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

[[noreturn]] void usage(int status) {
  std::fputs(
      "usage: bench_… [--bootstrap HOST:PORT] [--count EVENTS] [--pairs N] [--only TEXT] [--side ours|reference] "
      "[--json]\n"
      "  --bootstrap  a running Kafka; without it, a mock cluster in a process of its own\n"
      "  --count      events a run\n"
      "  --pairs      runs of the reference and of ours, after one to warm up (default 5)\n"
      "  --only       only the figures whose name contains this; with $ behind it: ends so\n"
      "  --side       only this side of each pair, for a profiler: there is no ratio then\n"
      "  --json       only the JSON lines\n",
      status == 0 ? stdout : stderr);
  std::fflush(nullptr);
  std::_Exit(status);
}

/// For profilers: the other side of each pair is left out, and counts as 1.
enum class Side : std::uint8_t { both, ours, reference };
Side side = Side::both;

Side side_named(std::string_view name) {
  if (name == "ours") return Side::ours;
  if (name == "reference") return Side::reference;
  usage(2);
}

double left_out() { return 1; }

std::size_t number(std::string_view text) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value == 0) usage(2);
  return value;
}

}  // namespace

bool Options::wants(std::string_view figure) const {
  const std::string_view part = only;
  if (part.ends_with('$')) return figure.ends_with(part.substr(0, part.size() - 1));
  return figure.find(part) != std::string_view::npos;
}

Options parse_options(int argc, char** argv) {
  Options options;
  for (int index = 1; index < argc; ++index) {
    const std::string_view name = argv[index];
    const bool has_value = index + 1 < argc;
    if (name == "--json") {
      options.json = true;
    } else if (name == "--help") {
      usage(0);
    } else if (has_value && name == "--bootstrap") {
      options.bootstrap = argv[++index];
    } else if (has_value && name == "--count") {
      options.count = number(argv[++index]);
    } else if (has_value && name == "--pairs") {
      options.pairs = number(argv[++index]);
    } else if (has_value && name == "--only") {
      options.only = argv[++index];
    } else if (has_value && name == "--side") {
      side = side_named(argv[++index]);
    } else {
      usage(2);
    }
  }
  return options;
}

bool only_ours() { return side == Side::ours; }

void give_up(std::string_view why) {
  std::fprintf(stderr, "bench: %.*s\n", static_cast<int>(why.size()), why.data());
  std::fflush(stdout);
  std::_Exit(1);  // threads may still run
}

void Figure::note(std::string name, std::string_view text) { conditions.emplace_back(std::move(name), quoted(text)); }
void Figure::note(std::string name, std::uint64_t value) {
  conditions.emplace_back(std::move(name), std::to_string(value));
}

Pairs run_pairs(std::size_t pairs, const Run& reference_side, const Run& our_side) {
  const Run reference = side == Side::ours ? Run(left_out) : reference_side;
  const Run ours = side == Side::reference ? Run(left_out) : our_side;
  Pairs results;
  reference();
  ours();
  for (std::size_t pair = 0; pair < pairs; ++pair) {
    const bool ours_first = pair % 2 == 1;
    if (ours_first) results.ours.push_back(ours());
    results.reference.push_back(reference());
    if (!ours_first) results.ours.push_back(ours());
  }
  return results;
}

void report(const Options& options, const Figure& figure, const Pairs& pairs) {
  std::vector<double> ratios;
  for (std::size_t pair = 0; pair < pairs.ours.size(); ++pair) {
    const double ratio = pairs.ours[pair] / pairs.reference[pair];
    ratios.push_back(figure.better == Better::more ? ratio : 1 / ratio);
  }
  const auto [lowest, highest] = std::minmax_element(ratios.begin(), ratios.end());
  const std::string conditions = conditions_of(figure);
  std::printf(
      "{\"bench\": %s, \"unit\": %s, \"ours\": %s, \"reference\": %s, \"ratio\": %s, \"ratio_min\": %s, "
      "\"ratio_max\": %s, \"conditions\": {%s}}\n",
      quoted(figure.bench).c_str(), quoted(figure.unit).c_str(), print(median(pairs.ours)).c_str(),
      print(median(pairs.reference)).c_str(), print(median(ratios)).c_str(), print(*lowest).c_str(),
      print(*highest).c_str(), conditions.c_str());
  std::fflush(stdout);
  if (options.json) return;
  std::fprintf(stderr, "%-28s ours %12.0f %s, reference %12.0f, ratio %.3f (%.3f to %.3f)\n", figure.bench.c_str(),
               median(pairs.ours), figure.unit.c_str(), median(pairs.reference), median(ratios), *lowest, *highest);
}

void report_value(const Options& options, const Figure& figure, double value) {
  std::printf("{\"bench\": %s, \"unit\": %s, \"ours\": %s, \"conditions\": {%s}}\n", quoted(figure.bench).c_str(),
              quoted(figure.unit).c_str(), print(value).c_str(), conditions_of(figure).c_str());
  std::fflush(stdout);
  if (options.json) return;
  std::fprintf(stderr, "%-28s %12.6g %s\n", figure.bench.c_str(), value, figure.unit.c_str());
}

Run CpuMeter::around(Run run) {
  return [this, run = std::move(run)] {
    const double before = processor_seconds();
    const double result = run();
    seconds_ += processor_seconds() - before;
    ++runs_;
    return result;
  };
}

std::uint64_t CpuMeter::nanoseconds_per(std::size_t events_a_run) const {
  if (runs_ == 0) return 0;  // this side was left out
  return static_cast<std::uint64_t>(seconds_ / static_cast<double>(runs_ * events_a_run) * 1e9);
}

Pairs run_metered_pairs(std::size_t pairs, std::size_t events_a_run, Figure& figure, const Run& reference,
                        const Run& ours) {
  CpuMeter reference_meter;
  CpuMeter our_meter;
  Pairs results = run_pairs(pairs, reference_meter.around(reference), our_meter.around(ours));
  figure.note("cpu_ns_ours", our_meter.nanoseconds_per(events_a_run));
  figure.note("cpu_ns_reference", reference_meter.nanoseconds_per(events_a_run));
  return results;
}

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

}  // namespace bench
