// What all benchmarks share: their options, the pairs of runs (reference and ours in turn), the line that they print.
//
//   const Options options = parse_options(argc, argv);
//   Figure figure{"publish_1024", "events/s", Better::more, {}};
//   figure.note("payload", "copied once on both sides");
//   report(options, figure, run_pairs(options.pairs, raw, ours));
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bench {

struct Options {
  std::string bootstrap;  ///< HOST:PORT of a Kafka; empty: a mock cluster in a process of its own
  std::size_t count = 0;  ///< events a run; 0: what the benchmark thinks right
  std::size_t pairs = 5;  ///< after one pair to warm up
  bool json = false;      ///< only the JSON lines
  std::string only;       ///< part of a figure's name, with $ its end; empty: all figures

  /// Whether this figure is asked for.
  [[nodiscard]] bool wants(std::string_view figure) const;
};

/// Prints a usage line and ends the process with 2 where the arguments are wrong, with 0 after --help.
Options parse_options(int argc, char** argv);

/// Says why on stderr and ends the process with 1: a benchmark that goes wrong has no figure.
[[noreturn]] void give_up(std::string_view why);

/// --side ours: nothing of the reference is run, so it need not be prepared either.
[[nodiscard]] bool only_ours();

enum class Better { more, less };

struct Figure {
  std::string bench;
  std::string unit;
  Better better = Better::more;
  std::vector<std::pair<std::string, std::string>> conditions;  ///< values are JSON

  void note(std::string name, std::string_view text);
  void note(std::string name, std::uint64_t number);
};

/// The results of the pairs, in the figure's unit.
struct Pairs {
  std::vector<double> reference;
  std::vector<double> ours;
};

using Run = std::function<double()>;

/// One pair to warm up, then `pairs` of them; which of the two goes first changes from pair to pair.
Pairs run_pairs(std::size_t pairs, const Run& reference, const Run& ours);

/// One JSON line to stdout; without --json a line for people to stderr as well. A ratio above 1 is better than the
/// reference, whatever the unit.
void report(const Options& options, const Figure& figure, const Pairs& pairs);

/// The same for a figure without a reference.
void report_value(const Options& options, const Figure& figure, double value);

/// Seconds on the monotonic clock.
[[nodiscard]] double now();

/// Processor time that this process takes in the runs of one side. Unlike the time on the clock it does not depend on
/// what else the machine does, so it is told among the conditions.
class CpuMeter {
 public:
  /// The run, metered.
  [[nodiscard]] Run around(Run run);
  /// Per event, over all runs so far, in nanoseconds.
  [[nodiscard]] std::uint64_t nanoseconds_per(std::size_t events_a_run) const;

 private:
  double seconds_ = 0;
  std::size_t runs_ = 0;
};

/// The pairs with both sides metered; notes "cpu_ns_ours" and "cpu_ns_reference" per event.
Pairs run_metered_pairs(std::size_t pairs, std::size_t events_a_run, Figure& figure, const Run& reference,
                        const Run& ours);

}  // namespace bench
