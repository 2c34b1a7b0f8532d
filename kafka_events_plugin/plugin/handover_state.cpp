// Revisions, and what stands at the beginning.
#include "plugin/handover_state.h"

#include "plugin/handover_archive.h"
#include "plugin/version.h"

namespace kafka_events {
namespace {

/// The revision, and the length of what follows, so that a state that was cut short is seen to be.
constexpr std::size_t revision_bytes = 4;
constexpr std::size_t head_bytes = 8;
/// Of what the versions after the first revision add; a record of its own behind all others.
constexpr std::uint16_t further_tag = 0xFFFF;

struct Clients {
  ClientKeys keys;
};
template <class Archive>
void fields(Archive& archive, Clients& clients) {
  archive(1, clients.keys);
}

/// The handover, and behind it what only later revisions have.
struct State {
  Handover handover;
  std::string further;
};
template <class Archive>
void fields(Archive& archive, State& state) {
  archive(1, state.handover);
  archive(further_tag, state.further);
}

std::string big_endian(std::uint32_t value) {
  std::string bytes;
  for (unsigned shift : {24U, 16U, 8U, 0U}) bytes.push_back(static_cast<char>(value >> shift & 0xFFU));
  return bytes;
}

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
  std::uint32_t number = 0;
  for (const char byte : bytes.substr(at, 4)) number = number << 8U | static_cast<unsigned char>(byte);
  return number;
}

Error damaged() { return {ErrorCode::invalid, "the state of the other version is damaged or cut short"}; }

}  // namespace

std::string write_state(const Handover& handover, std::uint32_t revision) {
  HandoverWriter writer;
  writer.record(State{handover, revision > 1 ? this_version().further_state(revision) : std::string()});
  const std::string body = writer.take();
  std::string state = big_endian(revision);
  return state.append(big_endian(static_cast<std::uint32_t>(body.size()))).append(body);
}

Result<Handover> read_state(std::string_view bytes) {
  if (bytes.size() < revision_bytes) return damaged();
  const std::uint32_t revision = number_at(bytes, 0);
  const std::uint32_t newest = this_version().newest_revision;
  if (revision == 0 || revision > newest) {
    return Error(ErrorCode::unsupported, "the state of the other version has revision " + std::to_string(revision) +
                                             "; this version reads 1 to " + std::to_string(newest));
  }
  if (bytes.size() < head_bytes || bytes.size() - head_bytes != number_at(bytes, revision_bytes)) return damaged();
  HandoverReader reader(bytes.substr(head_bytes));
  State state;
  reader.record(state);
  if (reader.damaged()) return damaged();
  if (revision > 1) {
    if (auto taken = this_version().take_further_state(revision, state.further); !taken) return taken.error();
  }
  return std::move(state.handover);
}

std::string write_clients(const ClientKeys& clients) {
  HandoverWriter writer;
  writer.record(Clients{clients});
  return writer.take();
}

ClientKeys read_clients(std::string_view described) {
  HandoverReader reader(described);
  Clients clients;
  reader.record(clients);
  return reader.damaged() ? ClientKeys() : std::move(clients.keys);
}

}  // namespace kafka_events
