// Schema resolution (Avro specification 1.11.1, "Schema Resolution").

#include "codec/avro/plan.h"

#include <algorithm>

#include "codec/avro/body_check.h"
#include "codec/avro/words.h"

namespace kafka_events::avro {
namespace {

std::string_view unqualified(std::string_view name) { return name.substr(name.rfind('.') + 1); }

bool has(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool promotes(Kind from, Kind to) {
  switch (from) {
    case Kind::int_type:
      return to == Kind::long_type || to == Kind::float_type || to == Kind::double_type;
    case Kind::long_type:
      return to == Kind::float_type || to == Kind::double_type;
    case Kind::float_type:
      return to == Kind::double_type;
    case Kind::string:
      return to == Kind::bytes;
    case Kind::bytes:
      return to == Kind::string;
    default:
      return false;
  }
}

enum class Match : std::uint8_t { none, possible, exact };

Match match(const Type& writer, const Type& reader) {
  if (writer.kind != reader.kind) return promotes(writer.kind, reader.kind) ? Match::possible : Match::none;
  if (!writer.is_named()) return Match::exact;
  if (writer.kind == Kind::fixed && writer.size != reader.size) return Match::none;
  if (writer.name == reader.name || has(reader.aliases, writer.name)) return Match::exact;
  return unqualified(writer.name) == unqualified(reader.name) ? Match::possible : Match::none;
}

const Type* best_branch(const Type& writer, const Type& reader) {
  const Type* best = nullptr;
  for (const Type* branch : reader.branches) {
    const Match found = match(writer, *branch);
    if (found == Match::exact) return branch;
    if (found == Match::possible && best == nullptr) best = branch;
  }
  return best;
}

std::string quoted(std::string_view name) { return std::string(1, '"').append(name).append("\""); }

}  // namespace

class PlanCompiler {
 public:
  PlanCompiler(Plan& plan, JsonForm form) : plan_(plan), form_(form) {}

  void compile() {
    plan_.root_ = resolve(plan_.writer_->root(), &plan_.reader_->root(), "");
    // Only now, as a default may be of a type whose steps were not complete.
    for (std::size_t index = 0; index < pending_.size(); ++index) render_defaults(pending_[index]);
  }

 private:
  struct Pending {
    Step* record;
    std::vector<const Field*> fields;
    std::string path;
  };

  Step& add(LibrarySchema schema, const Type* reader) {
    Step& step = plan_.steps_.emplace_back();
    step.library_schema = std::move(schema);
    step.reader = reader;
    step.readable = form_.readable;
    set_callbacks(step);
    return step;
  }

  Step* nothing() {
    if (nothing_ == nullptr) nothing_ = &add(LibrarySchema(avro_schema_null()), nullptr);
    return nothing_;
  }

  // `reader` null: the value is passed over.
  Step* resolve(const Type& writer, const Type* reader, const std::string& path) {
    Step*& known = known_[{&writer, reader}];
    if (known != nullptr) return known;
    if (reader != nullptr && reader->kind == Kind::union_type && writer.kind != Kind::union_type) {
      return into_union(writer, *reader, path);
    }
    Step& step = add(LibrarySchema::of(writer), reader);
    known = &step;
    if (reader != nullptr && writer.kind != Kind::union_type && match(writer, *reader) == Match::none) {
      set_mismatch(step, path, reader->described(), writer.described());
    }
    const bool matches = reader != nullptr && step.mismatch.empty();
    switch (writer.kind) {
      case Kind::union_type:
        for (const Type* branch : writer.branches) step.inner.push_back(resolve(*branch, reader, path));
        break;
      case Kind::array:
      case Kind::map:
        step.inner.push_back(resolve(*writer.items, matches ? reader->items : nullptr, path + "[]"));
        break;
      case Kind::record:
        resolve_record(step, writer, matches ? reader : nullptr, path);
        break;
      case Kind::enumeration:
        if (matches) resolve_enum(step, writer, *reader);
        break;
      default:
        break;
    }
    return &step;
  }

  static void set_mismatch(Step& step, const std::string& path, const std::string& expected, const std::string& found) {
    if (!path.empty()) step.mismatch.append(path).append(": ");
    step.mismatch.append("expected ").append(expected).append(", found ").append(found);
    step.mismatch += " in the writer's schema";
  }

  Step* into_union(const Type& writer, const Type& reader, const std::string& path) {
    const Type* branch = best_branch(writer, reader);
    if (branch == nullptr) {
      Step& step = add(LibrarySchema::of(writer), &reader);
      set_mismatch(step, path, reader.described(), writer.described());
      return &step;
    }
    const bool plain = branch->kind == Kind::null_type || (form_.unions != UnionForm::tagged && reader.only_branch);
    if (plain) return resolve(writer, branch, path);
    Step& step = add(LibrarySchema::record(2), branch);
    known_[{&writer, &reader}] = &step;
    step.begin.append(1, '{').append(quoted(branch->name)).append(":");
    step.end.push_back('}');
    step.texts.emplace_back();
    Step* inner = resolve(writer, branch, path);
    step.inner = {inner, nothing()};
    return &step;
  }

  static void resolve_enum(Step& step, const Type& writer, const Type& reader) {
    for (const std::string& symbol : writer.symbols) {
      std::string text;
      if (reader.index.contains(symbol)) {
        text = quoted(symbol);
      } else if (reader.default_symbol) {
        text = quoted(reader.symbols[*reader.default_symbol]);
      }
      step.texts.push_back(std::move(text));
    }
  }

  static const Field* reader_field(const Type& reader, const Field& field) {
    if (const auto found = reader.index.find(field.name); found != reader.index.end()) {
      return &reader.fields[found->second];
    }
    for (const Field& candidate : reader.fields) {
      if (has(candidate.aliases, field.name)) return &candidate;
    }
    return nullptr;
  }

  void resolve_record(Step& step, const Type& writer, const Type* reader, const std::string& path) {
    std::vector<const Field*> missing;
    if (reader != nullptr) {
      for (const Field& field : reader->fields) missing.push_back(&field);
    }
    std::vector<Step*> inner;
    for (const Field& field : writer.fields) {
      const Field* target = reader != nullptr ? reader_field(*reader, field) : nullptr;
      const auto open = std::find(missing.begin(), missing.end(), target);
      if (open == missing.end()) target = nullptr;  // taken already, by the field of that name
      if (target != nullptr) missing.erase(open);
      step.texts.push_back(target != nullptr ? quoted(target->name).append(":") : std::string());
      inner.push_back(resolve(*field.type, target != nullptr ? target->type : nullptr,
                              path.empty() ? field.name : path + "." + field.name));
    }
    inner.push_back(nothing());
    step.inner = std::move(inner);
    step.begin.push_back('{');
    step.end.push_back('}');
    if (!missing.empty()) pending_.push_back({&step, std::move(missing), path});
  }

  void render_defaults(const Pending& pending) {
    std::string members;
    for (const Field* field : pending.fields) {
      const std::string path = pending.path.empty() ? field->name : pending.path + "." + field->name;
      if (!field->has_default) {
        return set_mismatch(*pending.record, path, field->type->described() + ", which has no default",
                            "no such field");
      }
      if (!members.empty()) members.push_back(',');
      members.append(quoted(field->name)).append(":");
      const Result<void> made =
          field->default_error ? *field->default_error
                               : run_steps(*resolve(*field->type, field->type, path), field->default_bytes, members);
      if (!made.ok()) {
        pending.record->mismatch = joined({path, ": its default in the reader's schema: ", made.error().message});
        return;
      }
    }
    pending.record->end = members + "}";
  }

  Plan& plan_;
  JsonForm form_;
  std::map<std::pair<const Type*, const Type*>, Step*> known_;
  std::deque<Pending> pending_;
  Step* nothing_ = nullptr;
};

std::shared_ptr<const Plan> Plan::compile(SchemaHandle writer, SchemaHandle reader, JsonForm form) {
  const std::shared_ptr<Plan> plan(new Plan);
  plan->writer_ = std::move(writer);
  plan->reader_ = std::move(reader);
  PlanCompiler(*plan, form).compile();
  return plan;
}

Result<void> Plan::to_json(std::string_view body, std::size_t offset, std::string& out) const {
  if (Result<void> checked = check_body(writer_->root(), body, offset); !checked.ok()) return checked;
  return run_steps(*root_, body, out);
}

Result<void> Plan::to_text(std::string_view body, std::size_t offset, std::string& out) const {
  const Kind kind = writer_->root().kind;
  if (kind != Kind::string) return to_json(body, offset, out);
  if (Result<void> checked = check_body(writer_->root(), body, offset); !checked.ok()) return checked;
  std::int64_t length = 0;
  read_long(body, length);
  out.append(body);
  return {};
}

}  // namespace kafka_events::avro
