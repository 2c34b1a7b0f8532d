// What Avro C calls while it reads a body: each value becomes JSON at once, none is kept.
//
// It does not say where records and unions end. So a record's library schema has one more field, a null, whose turn is the
// end; and a branch that is written with its name is a record of two such fields.

#include <charconv>
#include <cmath>

#include "codec/avro/plan.h"
#include "codec/avro/text_values.h"
#include "codec/avro/words.h"
#include "codec/json_text.h"

namespace kafka_events::avro {
namespace {

struct Run {
  std::string& out;
  std::string complaint{};
  ErrorCode code = ErrorCode::invalid;

  int fail(std::string_view text, ErrorCode error_code = ErrorCode::invalid) {
    if (complaint.empty()) {
      complaint = text;
      code = error_code;
    }
    return 1;
  }
};

Step& step_of(avro_consumer_t* consumer) { return *static_cast<Step*>(consumer); }
Run& run_of(void* data) { return *static_cast<Run*>(data); }

// 0: the value is wanted; else what the callback returns.
enum class Wanted : std::uint8_t { yes, no, never };
Wanted wanted(const Step& step, Run& run) {
  if (!step.mismatch.empty()) return run.fail(step.mismatch), Wanted::never;
  return step.reader != nullptr ? Wanted::yes : Wanted::no;
}

void separate(std::string& out) {
  if (out.back() != '{' && out.back() != '[') out.push_back(',');
}

template <class Number>
void append_number(std::string& out, Number number) {
  char text[40];
  const char* const end = std::to_chars(text, text + sizeof text, number).ptr;
  out.append(text, static_cast<std::size_t>(end - text));
}

template <class Real>
int append_real(std::string& out, Real real) {
  if (std::isnan(real)) {
    out += "\"NaN\"";
  } else if (std::isinf(real)) {
    out += real < 0 ? "\"-Infinity\"" : "\"Infinity\"";
  } else {
    const std::size_t begin = out.size();
    append_number(out, real);
    if (out.find_first_of(".e", begin) == std::string::npos) out += ".0";
  }
  return 0;
}

int integer(const Step& step, std::int64_t value, Run& run) {
  if (const Wanted is = wanted(step, run); is != Wanted::yes) return is == Wanted::never;
  const Type& type = *step.reader;
  if (type.kind == Kind::double_type) return append_real(run.out, static_cast<double>(value));
  if (type.kind == Kind::float_type) return append_real(run.out, static_cast<float>(value));
  if (step.readable && type.logical != Logical::none) {
    run.out.push_back('"');
    if (append_logical(run.out, type.logical, value)) return run.out.push_back('"'), 0;
    run.out.pop_back();
  }
  append_number(run.out, value);
  return 0;
}

int text(const Step& step, std::string_view value, bool is_utf8, Run& run) {
  if (const Wanted is = wanted(step, run); is != Wanted::yes) return is == Wanted::never;
  const Type& type = *step.reader;
  if (type.kind == Kind::string) {
    if (!is_utf8 && first_invalid_utf8(value)) return run.fail("bytes that the reader wants as a string are not UTF-8");
    append_json_string(run.out, value);
  } else if (step.readable && type.logical == Logical::decimal) {
    run.out.push_back('"');
    if (!append_decimal(run.out, value, type)) return run.fail("a decimal has more digits than its precision");
    run.out.push_back('"');
  } else {
    append_latin1_json(run.out, value);
  }
  return 0;
}

int on_null(avro_consumer_t* consumer, void* data) {
  if (const Wanted is = wanted(step_of(consumer), run_of(data)); is != Wanted::yes) return is == Wanted::never;
  if (step_of(consumer).reader->kind == Kind::fixed) return text(step_of(consumer), {}, false, run_of(data));
  run_of(data).out += "null";
  return 0;
}

int on_boolean(avro_consumer_t* consumer, int value, void* data) {
  if (const Wanted is = wanted(step_of(consumer), run_of(data)); is != Wanted::yes) return is == Wanted::never;
  run_of(data).out += value != 0 ? "true" : "false";
  return 0;
}

int on_int(avro_consumer_t* consumer, int value, void* data) { return integer(step_of(consumer), value, run_of(data)); }

int on_long(avro_consumer_t* consumer, std::int64_t value, void* data) {
  return integer(step_of(consumer), value, run_of(data));
}

int on_float(avro_consumer_t* consumer, float value, void* data) {
  const Step& step = step_of(consumer);
  if (const Wanted is = wanted(step, run_of(data)); is != Wanted::yes) return is == Wanted::never;
  std::string& out = run_of(data).out;
  return step.reader->kind == Kind::double_type ? append_real(out, static_cast<double>(value))
                                                : append_real(out, value);
}

int on_double(avro_consumer_t* consumer, double value, void* data) {
  if (const Wanted is = wanted(step_of(consumer), run_of(data)); is != Wanted::yes) return is == Wanted::never;
  return append_real(run_of(data).out, value);
}

// Avro C gives these three with their memory, whatever avro/consumer.h says.
int on_string(avro_consumer_t* consumer, const void* value, std::size_t size, void* data) {
  const int result = text(step_of(consumer), {static_cast<const char*>(value), size - 1}, true, run_of(data));
  avro_free(const_cast<void*>(value), size);
  return result;
}

int on_bytes(avro_consumer_t* consumer, const void* value, std::size_t size, void* data) {
  const int result = text(step_of(consumer), {static_cast<const char*>(value), size}, false, run_of(data));
  avro_free(const_cast<void*>(value), size + 1);
  return result;
}

int on_fixed(avro_consumer_t* consumer, const void* value, std::size_t size, void* data) {
  const int result = text(step_of(consumer), {static_cast<const char*>(value), size}, false, run_of(data));
  if (result == 0) avro_free(const_cast<void*>(value), size);  // else Avro C does
  return result;
}

int on_enum(avro_consumer_t* consumer, int value, void* data) {
  const Step& step = step_of(consumer);
  if (const Wanted is = wanted(step, run_of(data)); is != Wanted::yes) return is == Wanted::never;
  const std::string& symbol = step.texts[static_cast<std::size_t>(value)];
  if (symbol.empty())
    return run_of(data).fail(joined({"enum ", step.reader->name, ": the reader lacks the writer's symbol"}));
  run_of(data).out += symbol;
  return 0;
}

int inner(Step& step, std::size_t index, avro_consumer_t** consumer, void** user_data, void* data) {
  *consumer = step.inner[index];
  *user_data = data;
  if (run_of(data).out.size() <= max_json_output) return 0;
  return run_of(data).fail("the record is more than 256 MiB of JSON", ErrorCode::too_large);
}

int on_block(avro_consumer_t* consumer, int is_first, unsigned count, void* data, const char* brackets) {
  if (const Wanted is = wanted(step_of(consumer), run_of(data)); is != Wanted::yes) return is == Wanted::never;
  if (is_first != 0) run_of(data).out.push_back(brackets[0]);
  if (count == 0) run_of(data).out.push_back(brackets[1]);
  return 0;
}

int on_array_block(avro_consumer_t* consumer, int is_first, unsigned count, void* data) {
  return on_block(consumer, is_first, count, data, "[]");
}

int on_map_block(avro_consumer_t* consumer, int is_first, unsigned count, void* data) {
  return on_block(consumer, is_first, count, data, "{}");
}

int on_element(avro_consumer_t* consumer, unsigned index, avro_consumer_t** element, void** user_data, void* data) {
  if (step_of(consumer).reader != nullptr && index != 0) run_of(data).out.push_back(',');
  return inner(step_of(consumer), 0, element, user_data, data);
}

int on_entry(avro_consumer_t* consumer, unsigned index, const char* key, avro_consumer_t** value, void** user_data,
             void* data) {
  if (step_of(consumer).reader != nullptr) {
    std::string& out = run_of(data).out;
    if (index != 0) out.push_back(',');
    append_json_string(out, key);
    out.push_back(':');
  }
  return inner(step_of(consumer), 0, value, user_data, data);
}

int on_record(avro_consumer_t* consumer, void* data) {
  if (const Wanted is = wanted(step_of(consumer), run_of(data)); is != Wanted::yes) return is == Wanted::never;
  run_of(data).out += step_of(consumer).begin;
  return 0;
}

int on_field(avro_consumer_t* consumer, unsigned index, avro_consumer_t** field, void** user_data, void* data) {
  Step& step = step_of(consumer);
  std::string& out = run_of(data).out;
  if (step.reader != nullptr) {
    const std::string& before = index + 1 < step.inner.size() ? step.texts[index] : step.end;
    if (!before.empty() && before[0] == '"') separate(out);
    out += before;
  }
  return inner(step, index, field, user_data, data);
}

int on_branch(avro_consumer_t* consumer, unsigned branch, avro_consumer_t** chosen, void** user_data, void* data) {
  return inner(step_of(consumer), branch, chosen, user_data, data);
}

}  // namespace

void set_callbacks(Step& step) {
  step.schema = step.library_schema.get();
  step.null_value = on_null;
  step.boolean_value = on_boolean;
  step.int_value = on_int;
  step.long_value = on_long;
  step.float_value = on_float;
  step.double_value = on_double;
  step.string_value = on_string;
  step.bytes_value = on_bytes;
  step.fixed_value = on_fixed;
  step.enum_value = on_enum;
  step.array_start_block = on_array_block;
  step.array_element = on_element;
  step.map_start_block = on_map_block;
  step.map_element = on_entry;
  step.record_start = on_record;
  step.record_field = on_field;
  step.union_branch = on_branch;
}

Result<void> run_steps(Step& root, std::string_view body, std::string& out) {
  avro_reader_t reader = avro_reader_memory(body.data(), static_cast<std::int64_t>(body.size()));
  if (reader == nullptr) return Error(ErrorCode::failed, "no memory for an Avro reader");
  Run run{out};
  const int failed = avro_consume_binary(reader, &root, &run);
  avro_reader_free(reader);
  if (failed == 0) return {};
  if (run.complaint.empty()) return Error(ErrorCode::internal, "Avro C could not read a record that was checked");
  return Error(run.code, std::move(run.complaint));
}

}  // namespace kafka_events::avro
