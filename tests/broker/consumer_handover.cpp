// Consumers that hand a worker to each other under load, again and again, each with a pipeline of its own as in two versions
// of the module. Prints what was lost, came twice or out of order, and how long nothing was handled; ends with 1 if any.
//
//   consumer_handover BOOTSTRAP SCENARIO TOPIC GROUP ROUNDS [RATE]
//
// fast, retry, exactly_once and at_most_once deposit the client; dynamic, static, fixed and …_long_way end it, and the
// other one joins the group with one of its own.
#include <algorithm>
#include <iostream>

#include "handover_ledger.h"
#include "handover_parts.h"
#include "inbound/pipeline.h"
#include "inbound/transaction_scope.h"
#include "kafka/consumer.h"
#include "kafka/producer_properties.h"
#include "kafka/transactional_producer.h"

using namespace kafka_events;
using namespace kafka_events::test;
using namespace std::chrono_literals;

namespace {

constexpr int keys = 32;
constexpr std::string_view transactions_name = "worker.test.transactions";

double ms(Clock::duration time) { return std::chrono::duration<double, std::milli>(time).count(); }
Clock::time_point in(std::chrono::milliseconds time) { return Clock::now() + time; }

[[noreturn]] void die(const std::string& what) {
  std::cout << "FAILED: " << what << std::endl;
  std::_Exit(1);
}

template <class T>
T must(Result<T> result, std::string_view what) {
  if (!result) die(std::string(what) + ": " + result.error().message);
  return std::move(result).value();
}
void must(const Result<void>& result, std::string_view what) {
  if (!result) die(std::string(what) + ": " + result.error().message);
}

struct Options {
  std::string bootstrap, scenario, topic, group;
  int rounds = 10;
  int rate = 10'000;
  [[nodiscard]] bool is(std::string_view name) const { return scenario == name; }
  [[nodiscard]] bool retries() const { return is("retry") || is("retry_long_way"); }
  [[nodiscard]] bool exactly_once() const { return is("exactly_once") || is("exactly_once_long_way"); }
  [[nodiscard]] bool long_way() const {
    return is("dynamic") || is("static") || is("fixed") || scenario.ends_with("_long_way");
  }
};

config::Property property(std::string name, std::string value) {
  return {std::move(name), std::move(value), false, {}};
}

config::WorkerSettings worker(const Options& options) {
  config::WorkerSettings made;
  made.name = "test";
  made.group = options.group;
  made.topics = {options.topic};
  made.event_topic = "test::event";
  made.on_failure = config::OnFailure::skip;
  made.retries = {.attempts = failures + 1, .backoff = 150ms, .max_backoff = 150ms};
  if (options.is("fixed")) made.partitions = {0, 1, 2, 3};
  if (options.exactly_once()) made.qos = config::Qos::exactly_once;
  if (options.is("at_most_once")) made.qos = config::Qos::at_most_once;
  made.properties = {property("bootstrap.servers", options.bootstrap),
                     property("group.id", options.group),
                     property("enable.auto.commit", "true"),
                     property("auto.commit.interval.ms", "500"),
                     property("auto.offset.reset", "earliest"),
                     property("isolation.level", "read_committed"),
                     property("partition.assignment.strategy", "cooperative-sticky")};
  if (options.is("static")) made.properties.push_back(property("group.instance.id", options.group + "-1"));
  return made;
}

class NoReports final : public DeliveryListener {
 public:
  void on_deliveries(std::span<const DeliveryReport>) noexcept override {}
};

/// What one version of the module has.
struct Side {
  Side(const Options& options, Bus& bus, Log& log) : settings(worker(options)) {
    if (options.exactly_once()) {
      config::ProducerSettings written;
      written.properties = {property("bootstrap.servers", options.bootstrap)};
      written.transaction_timeout = 10s;
      const ProducerRole role{config::Qos::exactly_once, false, options.group + "-transactions"};
      transactions = must(TransactionalProducer::create(settings_for(written, role).settings, log), "producer");
      scope = std::make_unique<TransactionScope>(*transactions, bus, reports);
    }
    pipeline = must(InboundPipeline::create(settings, "", bus, nullptr, log, scope.get()), "pipeline");
    consumer = must(Consumer::create(settings, log), "consumer");
  }

  void start(const WorkerHandover* from, Deposits* deposits) {
    if (transactions) {
      ProducerHandover producer;
      producer.name = transactions_name;
      producer.deposited = from != nullptr && from->producer_deposited;
      must(transactions->start(*scope, from == nullptr ? nullptr : &producer, deposits), "start of the producer");
    }
    must(consumer->start(*pipeline, from, deposits), "start");
    if (from != nullptr) consumer->resume();
  }

  WorkerHandover suspend(const Side& next, bool long_way, Deposits& deposits) {
    SuspendRequest request{in(5s), {}};
    if (!long_way) request.other.push_back(next.consumer->key());
    if (transactions && !long_way) request.other.push_back(next.transactions->key(std::string(transactions_name)));
    WorkerHandover handed = must(consumer->suspend(request, deposits), "suspend");
    if (transactions) {
      handed.producer_deposited =
          must(transactions->suspend(std::string(transactions_name), request, deposits), "suspend the producer")
              .deposited;
    }
    return handed;
  }

  const config::WorkerSettings settings;
  NoReports reports;
  std::unique_ptr<TransactionalProducer> transactions;
  std::unique_ptr<TransactionScope> scope;
  std::unique_ptr<InboundPipeline> pipeline;
  std::unique_ptr<Consumer> consumer;
};

void wait_for(const std::function<bool()>& condition, const std::string& what) {
  const auto limit = in(30s);
  while (!condition()) {
    if (Clock::now() > limit) die(what + " did not come");
    std::this_thread::sleep_for(100us);
  }
}

void print(std::string_view what, std::vector<double> times) {
  std::ranges::sort(times);
  std::printf("%.*s median %.2f ms, p95 %.2f, longest %.2f\n", static_cast<int>(what.size()), what.data(),
              times[times.size() / 2], times[times.size() * 95 / 100], times.back());
}

class Test {
 public:
  explicit Test(Options options)
      : options_(std::move(options)),
        handlers_(options_.retries()),
        bus_([this](const EventDraft& draft) { return handlers_.handle(draft); }) {}

  int run() {
    Writer writer(options_.bootstrap, options_.topic, partitions, keys, options_.rate);
    side_ = std::make_unique<Side>(options_, bus_, log_);
    side_->start(nullptr, nullptr);
    wait_for([&] { return handlers_.ledger.count() > 2000; }, "the first records");
    const ConsumerStatus before = side_->consumer->status();
    for (int round = 0; round < options_.rounds; ++round) hand_over();
    const ConsumerStatus after = side_->consumer->status();
    const long written = writer.stop();
    wait_for([&] { return handlers_.ledger.count() >= written; }, "the last records");
    std::this_thread::sleep_for(200ms);
    const bool same = before.member_id == after.member_id;
    std::cout << "member " << before.member_id << (same ? " stayed" : " became " + after.member_id) << ", rebalances "
              << before.rebalances << " then " << after.rebalances << std::endl;
    const auto stopped = side_->consumer->stop(in(10s));
    if (side_->transactions) side_->transactions->stop(in(5s));
    if (!stopped) die("the last consumer did not stop");
    if (!options_.long_way() && (!same || before.rebalances != after.rebalances)) die("the group saw a rebalance");
    return judge(written);
  }

 private:
  void hand_over() {
    auto next = std::make_unique<Side>(options_, bus_, log_);
    if (options_.long_way()) must(next->consumer->prepare(), "prepare");
    std::this_thread::sleep_for(options_.long_way() ? 500ms : 20ms);
    if (options_.retries()) wait_for([&] { return handlers_.waits(); }, "a record that fails");
    Shelf shelf;
    const auto begin = Clock::now();
    must(side_->consumer->quiesce(in(5s)), "quiesce");
    const auto quiet = Clock::now();
    const WorkerHandover from = side_->suspend(*next, options_.long_way(), shelf);
    for (const PartitionHandover& each : from.partitions) retries_ += static_cast<long>(each.retries.size());
    const auto suspended = Clock::now();
    if (from.consumer_deposited == options_.long_way()) die("not the way that was wanted");
    const auto last = handlers_.ledger.switch_sides();
    handlers_.guard();
    next->start(&from, &shelf);
    side_ = std::move(next);
    wait_for([&] { return handlers_.ledger.first().has_value(); }, "the first record of the new one");
    if (!shelf.empty()) die("a deposit was left");
    quiesced_.push_back(ms(quiet - begin));
    suspended_.push_back(ms(suspended - quiet));
    gaps_.push_back(ms(*handlers_.ledger.first() - last));
  }

  int judge(long written) {
    print("quiesce", quiesced_);
    print("suspend", suspended_);
    print("gap    ", gaps_);
    if (const auto pauses = handlers_.ledger.pauses(); !pauses.empty()) print("without a handover", pauses);
    const Ledger& ledger = handlers_.ledger;
    std::cout << written << " records, " << ledger.lost << " lost, " << ledger.again << " again, " << handlers_.twice
              << " twice, " << handlers_.overtaken << " overtook, " << retries_ << " retries handed over" << std::endl;
    const auto wrong = handlers_.wrong_attempts();
    for (const auto& [value, count] : wrong) std::cout << "record " << value << ": " << count << " attempts\n";
    const bool right = ledger.lost == 0 && ledger.again == 0 && handlers_.twice == 0 && handlers_.overtaken == 0 &&
                       wrong.empty() && handlers_.ledger.count() == written && (!options_.retries() || retries_ > 0);
    std::cout << (right ? "OK" : "FAILED") << std::endl;
    return right ? 0 : 1;
  }

  const Options options_;
  StderrLog log_;
  Handlers handlers_;
  Bus bus_;
  std::unique_ptr<Side> side_;
  long retries_ = 0;
  std::vector<double> quiesced_, suspended_, gaps_;
};

}  // namespace

int main(int count, char** words) {
  if (count < 6) return 2;
  Options options{
      words[1], words[2], words[3], words[4], std::atoi(words[5]), count > 6 ? std::atoi(words[6]) : 10'000};
  return Test(std::move(options)).run();
}
