#include "registry/schema_memory.h"

#include <map>
#include <mutex>

namespace kafka_events {
namespace {

using Time = SchemaMemory::Time;

bool is_latest(const SubjectRequest& request) { return request.text.empty() && !request.version; }

/// Makes room in a full table: first what is only negative and over, then anything that nobody waits for; half of it at
/// once, so that this is rare.
template <class Table>
void make_room(Table& table, std::size_t limit, Time now) {
  if (table.size() < limit) return;
  std::erase_if(table, [now](const auto& entry) {
    return !entry.second.asked && !entry.second.schema && entry.second.until <= now;
  });
  for (auto at = table.begin(); table.size() > limit / 2 && at != table.end();) {
    at = at->second.asked ? std::next(at) : table.erase(at);
  }
}

}  // namespace

std::size_t SchemaMemory::SubjectHash::operator()(const SubjectRequest& request) const noexcept {
  // Of the text only its length: it may be long, and is compared anyway.
  const std::size_t version = static_cast<std::uint32_t>(request.version.value_or(-1));
  return std::hash<std::string_view>{}(request.subject) ^ (version * 0x9E3779B97F4A7C15U) ^
         (request.text.size() * 0xC2B2AE3D27D4EB4FU);
}

SchemaPointer SchemaMemory::schema(std::uint32_t id) const {
  const std::shared_lock lock(mutex_);
  const auto known = schemas_.find(id);
  return known == schemas_.end() ? nullptr : known->second;
}

SchemaMemory::Found SchemaMemory::find(std::uint32_t id, Time now) {
  const std::unique_lock lock(mutex_);
  if (const auto known = schemas_.find(id); known != schemas_.end()) return {known->second, {}, false};
  if (!undecided_.contains(id)) make_room(undecided_, max_undecided_ids, now);
  return decide(undecided_[id], {}, now);
}

SchemaMemory::Found SchemaMemory::find(const SubjectRequest& request, Time now) {
  {
    const std::shared_lock lock(mutex_);
    const auto known = subjects_.find(request);
    if (known != subjects_.end() && known->second.schema) {
      const Answer& answer = known->second;
      if (!is_latest(request) || now < answer.until || answer.asked) return {answer.schema, {}, false};
    }
  }
  const std::unique_lock lock(mutex_);
  return decide(answer_to(request, now), request, now);
}

SchemaMemory::Found SchemaMemory::decide(Answer& answer, const SubjectRequest& request, Time now) {
  Found found{answer.schema, {}, false};
  const bool also_register = request.auto_register && !answer.registering;
  if (answer.failure && now < answer.until && !also_register) {
    found.failure = answer.failure;
    return found;
  }
  if (answer.schema && (!is_latest(request) || now < answer.until)) return found;
  if (answer.asked) return found;  // one that is to register is put as soon as this one is answered
  answer.failure.reset();
  answer.registering = request.auto_register;
  answer.asked = found.ask = true;
  return found;
}

SchemaMemory::Answer& SchemaMemory::answer_to(const SubjectRequest& request, Time now) {
  const auto known = subjects_.find(request);
  if (known != subjects_.end()) return known->second;
  make_room(subjects_, max_subject_answers, now);
  return subjects_.try_emplace(SubjectKey(request)).first->second;
}

SchemaPointer SchemaMemory::keep(RegisteredSchema schema) {
  if (const auto known = schemas_.find(schema.id); known != schemas_.end()) return known->second;
  // Out of many schemas the oldest that nobody holds go, this table apart.
  for (std::size_t looked = oldest_first_.size(); schemas_.size() >= max_schemas && looked > 0; --looked) {
    const std::uint32_t oldest = oldest_first_.front();
    oldest_first_.pop_front();
    const auto at = schemas_.find(oldest);
    if (at->second.use_count() > 1) {
      oldest_first_.push_back(oldest);
    } else {
      schemas_.erase(at);
    }
  }
  const std::uint32_t id = schema.id;
  auto kept = std::make_shared<const RegisteredSchema>(std::move(schema));
  schemas_.emplace(id, kept);
  oldest_first_.push_back(id);
  undecided_.erase(id);
  return kept;
}

SchemaPointer SchemaMemory::learn(const RegistryQuestion& question, RegisteredSchema schema, Time now) {
  const std::unique_lock lock(mutex_);
  SchemaPointer kept = keep(std::move(schema));
  if (!question.subject.empty()) {
    Answer& answer = answer_to(question.request(), now);
    answer = {kept, {}, now + refresh_, false, question.auto_register};
  }
  return kept;
}

void SchemaMemory::learn(const RegistryQuestion& question, const Error& decision, Time now) {
  const std::unique_lock lock(mutex_);
  Answer& answer = question.subject.empty() ? undecided_[question.id] : answer_to(question.request(), now);
  answer = {nullptr, decision, now + negative_answers_for, false, question.auto_register};
}

void SchemaMemory::drop(const RegistryQuestion& question) {
  const std::unique_lock lock(mutex_);
  if (question.subject.empty()) {
    undecided_.erase(question.id);
  } else if (const auto known = subjects_.find(question.request()); known != subjects_.end()) {
    known->second.asked = false;
  }
}

std::vector<SchemaHandover> SchemaMemory::known() const {
  const std::shared_lock lock(mutex_);
  std::vector<SchemaHandover> all;
  std::map<std::uint32_t, std::size_t> places;
  all.reserve(schemas_.size());
  for (const auto& [id, schema] : schemas_) {
    places.emplace(id, all.size());
    all.push_back({id, schema->text, schema->references, {}});
  }
  for (const auto& [key, answer] : subjects_) {
    if (!answer.schema) continue;
    const auto place = places.find(answer.schema->id);
    if (place == places.end()) continue;
    const SubjectHandover subject{key.subject, key.text.empty() ? key.version.value_or(-1) : 0};
    if (key.text.empty() || key.text == answer.schema->text) {
      all[place->second].subjects.push_back(subject);
    } else {  // asked for by another text than the registry's: a record of its own, after the schema's
      all.push_back({answer.schema->id, key.text, {}, {subject}});
    }
  }
  return all;
}

void SchemaMemory::take_over(const std::vector<SchemaHandover>& known, Time now) {
  const std::unique_lock lock(mutex_);
  for (const SchemaHandover& each : known) {
    const SchemaPointer schema = keep({each.id, each.text, each.references});
    for (const SubjectHandover& subject : each.subjects) {
      SubjectRequest request{.subject = subject.subject};
      if (subject.version == 0) request.text = each.text;
      if (subject.version > 0) request.version = subject.version;
      Answer& answer = answer_to(request, now);
      if (!answer.schema) answer = {schema, {}, now, answer.asked, answer.registering};
    }
  }
}

std::size_t SchemaMemory::schemas() const {
  const std::shared_lock lock(mutex_);
  return schemas_.size();
}

}  // namespace kafka_events
