// What the registry has said: schemas by id, and answers by subject. Looking up what is known takes a shared lock and no
// memory, anything else the lock of writers; everything is bounded.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/handover.h"
#include "core/schema_registry.h"
#include "registry/registry_api.h"

namespace kafka_events {

inline constexpr std::size_t max_schemas = 20000;           ///< by id
inline constexpr std::size_t max_subject_answers = 100000;  ///< positive and negative ones
inline constexpr std::size_t max_undecided_ids = 20000;     ///< negative answers and questions
inline constexpr std::chrono::seconds negative_answers_for{5};

/// Any thread.
class SchemaMemory {
 public:
  using Time = std::chrono::steady_clock::time_point;

  struct Found {
    SchemaPointer schema;          ///< null: not known
    std::optional<Error> failure;  ///< what the registry decided instead
    bool ask = false;              ///< the caller puts the question: it counts as put from now on
  };

  explicit SchemaMemory(std::chrono::milliseconds refresh) : refresh_(refresh) {}

  /// Null: not known.
  [[nodiscard]] SchemaPointer schema(std::uint32_t id) const;
  /// What is to be done about an id; a question that is due is the caller's to put.
  [[nodiscard]] Found find(std::uint32_t id, Time now);
  [[nodiscard]] Found find(const SubjectRequest& request, Time now);

  /// The answer to a question, which counts as put no longer.
  SchemaPointer learn(const RegistryQuestion& question, RegisteredSchema schema, Time now);
  void learn(const RegistryQuestion& question, const Error& decision, Time now);
  /// The question is not put any more, and may be put again; what was known stays.
  void drop(const RegistryQuestion& question);

  [[nodiscard]] std::vector<SchemaHandover> known() const;
  /// Adds what another one knew. What was `latest` is asked anew when it is used next.
  void take_over(const std::vector<SchemaHandover>& known, Time now);
  [[nodiscard]] std::size_t schemas() const;

 private:
  struct Answer {
    SchemaPointer schema{};
    std::optional<Error> failure{};
    Time until{};              ///< that a failure, or a `latest`, counts
    bool asked = false;        ///< the question is put
    bool registering = false;  ///< it was put with auto_register
  };
  /// Found by a SubjectRequest without copying it.
  struct SubjectKey {
    std::string subject;
    std::optional<std::int32_t> version;
    std::string text;
    explicit SubjectKey(const SubjectRequest& request)
        : subject(request.subject), version(request.version), text(request.text) {}
    [[nodiscard]] SubjectRequest request() const { return {subject, version, text}; }
  };
  struct SubjectHash {
    using is_transparent = void;
    std::size_t operator()(const SubjectRequest& request) const noexcept;
    std::size_t operator()(const SubjectKey& key) const noexcept { return (*this)(key.request()); }
  };
  struct SubjectEqual {
    using is_transparent = void;
    static bool same(const SubjectRequest& a, const SubjectRequest& b) noexcept {
      return a.subject == b.subject && a.version == b.version && a.text == b.text;
    }
    bool operator()(const SubjectKey& a, const SubjectKey& b) const noexcept { return same(a.request(), b.request()); }
    bool operator()(const SubjectRequest& a, const SubjectKey& b) const noexcept { return same(a, b.request()); }
    bool operator()(const SubjectKey& a, const SubjectRequest& b) const noexcept { return same(a.request(), b); }
  };
  using Subjects = std::unordered_map<SubjectKey, Answer, SubjectHash, SubjectEqual>;

  static Found decide(Answer& answer, const SubjectRequest& request, Time now);
  SchemaPointer keep(RegisteredSchema schema);
  Answer& answer_to(const SubjectRequest& request, Time now);

  const std::chrono::milliseconds refresh_;
  mutable std::shared_mutex mutex_;
  std::unordered_map<std::uint32_t, SchemaPointer> schemas_;
  std::deque<std::uint32_t> oldest_first_;               ///< of schemas_
  std::unordered_map<std::uint32_t, Answer> undecided_;  ///< ids without a schema
  Subjects subjects_;
};

}  // namespace kafka_events
