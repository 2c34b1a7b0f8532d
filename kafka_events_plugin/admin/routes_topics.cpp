// Topics of the cluster: list, describe, create, delete, add partitions. Parse, hand on, reply when the answer comes.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <string>
#include <utility>

#include "admin/json.h"
#include "admin/request_body.h"
#include "admin/routes.h"
#include "admin/schemas.h"

namespace kafka_events::admin {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view whole_names = "Names are those of Kafka: topic_prefix is neither added nor taken away.";
constexpr RouteParameter time_limit{
    "timeout_ms", "For Kafka to answer, 100 to 600000; default 10000, at most 4/5 of the host's own limit", false};

/// A little before the host would answer 504 itself.
Parsed<std::chrono::steady_clock::time_point> deadline_of(const HttpRequest& request) {
  std::int64_t wanted = 10'000;
  if (const std::string* text = request.parameter("timeout_ms")) {
    const auto end = std::from_chars(text->data(), text->data() + text->size(), wanted);
    const bool whole = end.ec == std::errc() && end.ptr == text->data() + text->size();
    if (!whole || wanted < 100 || wanted > 600'000) {
      return BodyProblem{"timeout_ms", "\"timeout_ms\" must be a whole number from 100 to 600000"};
    }
  }
  const std::chrono::milliseconds timeout = request.timeout > 0ms ? request.timeout : 30s;
  return std::chrono::steady_clock::now() +
         std::min<std::chrono::milliseconds>(timeout * 4 / 5, std::chrono::milliseconds(wanted));
}

HttpReply bad_request(const BodyProblem& bad, std::string_view path) {
  return problem(400, "The request is not right", bad.message, path, bad.field);
}

/// Asks for outcomes; the answer may come after the routes have gone, but not after the server.
template <class Call>
void change(BridgeService& bridge, ReplySink& server, const HttpRequest& request, std::uint64_t exchange, Call call) {
  const auto deadline = deadline_of(request);
  if (const auto* bad = std::get_if<BodyProblem>(&deadline)) {
    return server.reply(exchange, bad_request(*bad, request.path));
  }
  TopicOutcomesAnswer answer = [&server, exchange, path = request.path](const Result<TopicOutcomes>& outcomes) {
    server.reply(exchange, outcomes ? topics_reply(outcomes.value(), path) : topics_problem(outcomes.error(), path));
  };
  const Result<void> taken = bridge.topics([&](TopicAdmin& topics) {
    return call(topics, std::get<std::chrono::steady_clock::time_point>(deadline), std::move(answer));
  });
  if (!taken) server.reply(exchange, topics_problem(taken.error(), request.path));
}

template <class Call, class Write>
void look(BridgeService& bridge, ReplySink& server, const HttpRequest& request, std::uint64_t exchange, Call call,
          Write write) {
  const auto deadline = deadline_of(request);
  if (const auto* bad = std::get_if<BodyProblem>(&deadline)) {
    return server.reply(exchange, bad_request(*bad, request.path));
  }
  TopicListAnswer answer = [&server, exchange, write, path = request.path](const Result<TopicList>& topics) {
    server.reply(exchange, topics ? HttpReply{.body = write(topics.value())} : topics_problem(topics.error(), path));
  };
  const Result<void> taken = bridge.topics([&](TopicAdmin& topics) {
    return call(topics, std::get<std::chrono::steady_clock::time_point>(deadline), std::move(answer));
  });
  if (!taken) server.reply(exchange, topics_problem(taken.error(), request.path));
}

}  // namespace

std::vector<Routes::Entry> Routes::topic_entries() {
  const RouteParameter names{"name", "Describe this topic; may be repeated. Without it all are listed", false};
  return {
      {{"GET", "/kafka/topics", "The topics of the cluster", whole_names, {names, time_limit}, schemas::topics},
       &Routes::list_topics},
      {{"GET",
        "/kafka/topics/{name}",
        "A topic with its partitions and configuration",
        whole_names,
        {time_limit},
        schemas::topic},
       &Routes::describe_topic},
      {{"POST",
        "/kafka/topics",
        "Create topics",
        "A topic that is there is left as it is, and its message says what differs. Answers when they can be used.",
        {time_limit},
        schemas::topic_outcomes,
        schemas::topic_spec},
       &Routes::create_topics},
      {{"DELETE",
        "/kafka/topics/{name}",
        "Delete a topic with all its records",
        "Does nothing and succeeds if there is none.",
        {time_limit},
        schemas::topic_outcomes},
       &Routes::delete_topic},
      {{"POST",
        "/kafka/topics/{name}/partitions",
        "Add partitions to a topic",
        "Kafka takes none away. Keys may go to other partitions from then on, so that their order is lost once.",
        {time_limit},
        schemas::topic_outcomes,
        schemas::topic_total},
       &Routes::add_partitions},
  };
}

void Routes::list_topics(const HttpRequest& request, std::uint64_t exchange) {
  std::vector<std::string> names;
  for (const auto& [key, value] : request.query) {
    if (key == "name") names.push_back(value);
  }
  const bool whole = !names.empty();
  look(
      bridge_, server_, request, exchange,
      [&](TopicAdmin& topics, auto deadline, TopicListAnswer answer) {
        return whole ? topics.describe(std::move(names), deadline, std::move(answer))
                     : topics.list(deadline, std::move(answer));
      },
      [whole](const TopicList& topics) { return to_json(topics, whole); });
}

void Routes::describe_topic(const HttpRequest& request, std::uint64_t exchange) {
  look(
      bridge_, server_, request, exchange,
      [&](TopicAdmin& topics, auto deadline, TopicListAnswer answer) {
        return topics.describe({std::string(request.path_parameter("name"))}, deadline, std::move(answer));
      },
      [](const TopicList& topics) { return topics.empty() ? std::string("{}") : to_json(topics.front()); });
}

void Routes::create_topics(const HttpRequest& request, std::uint64_t exchange) {
  auto parsed = parse_topics(request.body);
  if (const auto* bad = std::get_if<BodyProblem>(&parsed)) {
    return server_.reply(exchange, bad_request(*bad, request.path));
  }
  change(bridge_, server_, request, exchange, [&](TopicAdmin& topics, auto deadline, TopicOutcomesAnswer answer) {
    return topics.create(std::get<std::vector<TopicSpec>>(std::move(parsed)), deadline, std::move(answer));
  });
}

void Routes::delete_topic(const HttpRequest& request, std::uint64_t exchange) {
  change(bridge_, server_, request, exchange, [&](TopicAdmin& topics, auto deadline, TopicOutcomesAnswer answer) {
    return topics.remove({std::string(request.path_parameter("name"))}, deadline, std::move(answer));
  });
}

void Routes::add_partitions(const HttpRequest& request, std::uint64_t exchange) {
  const auto parsed = parse_total(request.body);
  if (const auto* bad = std::get_if<BodyProblem>(&parsed)) {
    return server_.reply(exchange, bad_request(*bad, request.path));
  }
  change(bridge_, server_, request, exchange, [&](TopicAdmin& topics, auto deadline, TopicOutcomesAnswer answer) {
    return topics.add_partitions(std::string(request.path_parameter("name")), std::get<std::int32_t>(parsed), deadline,
                                 std::move(answer));
  });
}

}  // namespace kafka_events::admin
