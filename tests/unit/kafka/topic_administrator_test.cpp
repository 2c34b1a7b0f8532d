// Topic administration without a real broker: what is refused before anything is sent, queue, deadlines, start and stop;
// the mock cluster answers metadata and has no admin requests. What Kafka does is tested on a real one.
#include "kafka/topic_administrator.h"

#include <atomic>
#include <condition_variable>
#include <doctest/doctest.h>
#include <mutex>
#include <optional>

#include "fakes.h"
#include "kafka/topic_admin_words.h"
#include "mock_cluster.h"

using namespace kafka_events;
using namespace std::chrono_literals;

namespace {

/// Takes one answer.
template <class T>
class Waiting {
 public:
  std::function<void(const Result<T>&)> taker() {
    return [this](const Result<T>& answer) {
      const std::lock_guard lock(mutex_);
      ++times_;
      answer_ = answer;
      came_.notify_all();
    };
  }
  Result<T> get() {
    std::unique_lock lock(mutex_);
    came_.wait_for(lock, 15s, [&] { return answer_.has_value(); });
    CHECK(times_ == 1);
    return answer_.value_or(Result<T>(Error(ErrorCode::internal, "no answer came")));
  }

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::optional<Result<T>> answer_;
  int times_ = 0;
};

struct Rig {
  explicit Rig(const std::string& bootstrap, std::chrono::milliseconds idle = 60s) {
    config::ProducerSettings settings;
    settings.properties = {property("bootstrap.servers", bootstrap), property("enable.idempotence", "true"),
                           property("reconnect.backoff.max.ms", "100")};
    auto made = TopicAdministrator::create(settings, log, {}, idle);
    REQUIRE(made.ok());
    topics = std::move(made).value();
  }
  Result<TopicList> list(std::chrono::milliseconds time = 10s) const {
    Waiting<TopicList> answer;
    const Result<void> taken = topics->list(in(time), answer.taker());
    return taken ? answer.get() : Result<TopicList>(taken.error());
  }

  SilentLog log;
  std::unique_ptr<TopicAdministrator> topics;
};

bool names(const Error& error, const char* part) { return error.message.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("names that Kafka cannot have are refused") {
  for (const char* good : {"a", "a.b_c-D9", "...", "__consumer_offsets"}) CHECK_MESSAGE(check_topic_name(good), good);
  for (const char* bad : {"", ".", "..", "a b", "a/b", "a:b", "\xc3\xa4", "a\n"}) {
    CHECK_MESSAGE(!check_topic_name(bad), bad);
  }
  CHECK(check_topic_name(std::string(249, 'x')));
  CHECK_FALSE(check_topic_name(std::string(250, 'x')));
}

TEST_CASE("a request is checked as a whole, so that none is done by half") {
  const auto check = [](std::vector<TopicSpec> specs) { return check_topic_specs(specs); };
  CHECK(check(
      {{.name = "a", .partitions = 3, .replication_factor = 1, .config = {{"retention.ms", "1"}}}, {.name = "b"}}));
  CHECK_FALSE(check({}));
  CHECK_FALSE(check({{.name = "a"}, {.name = "b c"}}));
  CHECK_FALSE(check({{.name = "a"}, {.name = "a"}}));
  CHECK_FALSE(check({{.name = "a", .partitions = 0}}));
  CHECK_FALSE(check({{.name = "a", .partitions = 100'001}}));
  CHECK_FALSE(check({{.name = "a", .replication_factor = -1}}));
  CHECK_FALSE(check({{.name = "a", .config = {{"x", "1"}, {"x", "2"}}}}));
  CHECK_FALSE(check({{.name = "a", .config = {{"", "1"}}}}));
}

TEST_CASE("what an existing topic differs in is said, and only what was asked for") {
  TopicView there{"t", false, {{0, 1, {1}, {1}}, {1, 1, {1}, {1}}}, {{"retention.ms", "5", "topic"}}};
  CHECK(differences({.name = "t"}, there).empty());
  CHECK(differences({.name = "t", .partitions = 2, .replication_factor = 1, .config = {{"retention.ms", "5"}}}, there)
            .empty());
  const std::string text = differences(
      {.name = "t", .partitions = 3, .replication_factor = 2, .config = {{"retention.ms", "6"}, {"y", "1"}}}, there);
  CHECK(text ==
        "partitions 2 (asked for: 3), replication_factor 1 (asked for: 2), retention.ms 5 (asked for: 6), "
        "y unknown (asked for: 1)");
}

TEST_CASE("an error is told in the broker's words, with its name and what to do") {
  const std::string text = in_words(RD_KAFKA_RESP_ERR_POLICY_VIOLATION, "Too many partitions.", {});
  CHECK(text.starts_with("Too many partitions (POLICY_VIOLATION); "));
  CHECK(text.find("ask its operator") != std::string::npos);
  CHECK(
      in_words(RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR, {}, "there is 1 broker").ends_with("; there is 1 broker"));
}

TEST_CASE("topics are listed by name, with partitions and leaders; nothing that is asked for by name is created") {
  MockCluster cluster(2);
  cluster.create_topic("b", 3);
  cluster.create_topic("a", 1);
  Rig rig(cluster.bootstrap());
  REQUIRE(rig.topics->start().ok());
  const Result<TopicList> list = rig.list();
  REQUIRE_MESSAGE(list.ok(), list.error().message);
  REQUIRE(list.value().size() == 2);
  CHECK(list.value()[0].name == "a");
  CHECK(list.value()[1].partitions.size() == 3);
  CHECK(list.value()[1].partitions[2].partition == 2);
  CHECK(list.value()[1].partitions[2].leader > 0);
  Waiting<TopicList> described;
  REQUIRE(rig.topics->describe({"a", "nowhere"}, in(10s), described.taker()).ok());
  const Result<TopicList> missing = described.get();
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.error().code == ErrorCode::not_found);
  CHECK(names(missing.error(), "nowhere"));
  CHECK(rig.list().value().size() == 2);
}

TEST_CASE("a broker without such requests is told apart from one that is away") {
  MockCluster cluster;
  cluster.create_topic("a", 1);
  Rig rig(cluster.bootstrap());
  REQUIRE(rig.topics->start().ok());
  Waiting<TopicOutcomes> created;
  REQUIRE(rig.topics->create({{.name = "new"}}, in(5s), created.taker()).ok());
  const Result<TopicOutcomes> answer = created.get();
  REQUIRE_FALSE(answer.ok());
  CHECK(answer.error().code == ErrorCode::unsupported);
  CHECK(names(answer.error(), "the embedded one"));
  Waiting<TopicList> described;
  REQUIRE(rig.topics->describe({"a"}, in(5s), described.taker()).ok());
  REQUIRE_MESSAGE(described.get().ok(), described.get().error().message);
  CHECK(described.get().value().front().config.empty());
  cluster.down();
  const Result<TopicList> away = rig.list(700ms);
  REQUIRE_FALSE(away.ok());
  CHECK(away.error().code == ErrorCode::timeout);
  CHECK(names(away.error(), cluster.bootstrap().c_str()));
  cluster.up();
  CHECK(eventually([&] { return rig.list(2s).ok(); }));
}

TEST_CASE("more calls than may wait are answered busy; a stop answers those that wait, and a start takes calls again") {
  MockCluster cluster;
  cluster.create_topic("a", 1);
  cluster.down();
  Rig rig(cluster.bootstrap());
  CHECK(rig.list().error().code == ErrorCode::state);
  REQUIRE(rig.topics->start().ok());
  std::atomic<int> answered{0};
  std::atomic<int> stopped{0};
  int taken = 0;
  ErrorCode refusal{};
  for (std::size_t call = 0; call < TopicAdministrator::max_waiting + 3; ++call) {
    const Result<void> result = rig.topics->list(in(60s), [&](const Result<TopicList>& answer) {
      ++answered;
      if (!answer && answer.error().code == ErrorCode::state) ++stopped;
    });
    if (result) {
      ++taken;
    } else {
      refusal = result.error().code;
    }
  }
  CHECK(refusal == ErrorCode::busy);
  CHECK(taken >= static_cast<int>(TopicAdministrator::max_waiting));
  const auto began = std::chrono::steady_clock::now();
  rig.topics->stop();
  CHECK(std::chrono::steady_clock::now() - began < 10s);
  CHECK(answered == taken);
  CHECK(stopped == taken);
  rig.topics->stop();
  cluster.up();
  REQUIRE(rig.topics->start().ok());
  CHECK(rig.list().ok());
}

TEST_CASE("the client is ended when it is idle, and made anew for the next call") {
  MockCluster cluster;
  cluster.create_topic("a", 1);
  Rig rig(cluster.bootstrap(), 50ms);
  REQUIRE(rig.topics->start().ok());
  const int before = settled_threads();
  CHECK(rig.list().ok());
  CHECK(rd_kafka_thread_cnt() > before);
  CHECK(eventually([&] { return rd_kafka_thread_cnt() <= before; }));
  CHECK(rig.list().ok());
}

TEST_CASE("nothing is sent for names that are wrong") {
  Rig rig("127.0.0.1:1");
  REQUIRE(rig.topics->start().ok());
  const auto unwanted = [](const auto&) { FAIL("answered"); };
  CHECK(rig.topics->create({{.name = "a b"}}, in(1s), unwanted).error().code == ErrorCode::invalid);
  CHECK(rig.topics->remove({}, in(1s), unwanted).error().code == ErrorCode::invalid);
  CHECK(rig.topics->describe({"a", "a"}, in(1s), unwanted).error().code == ErrorCode::invalid);
  CHECK(rig.topics->add_partitions("a", 0, in(1s), unwanted).error().code == ErrorCode::invalid);
}
