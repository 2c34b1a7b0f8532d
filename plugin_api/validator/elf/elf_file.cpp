// Reads the dynamic section by the program headers, as the dynamic linker does: section headers may be stripped or lie.
#include "elf/elf_file.h"

#include <algorithm>
#include <cstring>
#include <elf.h>
#include <fstream>
#include <link.h>
#include <optional>

#include "check.h"

namespace plugin_validator {
namespace {

using Header = ElfW(Ehdr);
using Segment = ElfW(Phdr);
using Entry = ElfW(Dyn);
using Symbol = ElfW(Sym);

constexpr unsigned char native_class = sizeof(void*) == 8 ? ELFCLASS64 : ELFCLASS32;
constexpr const char* cut_short = "its ELF headers point past the end of the file; it was cut short or damaged";

/// A file in memory, from which only what lies inside it is read.
class Image {
 public:
  explicit Image(std::string bytes) : bytes_(std::move(bytes)) {}

  template <class T>
  [[nodiscard]] T at(std::uint64_t offset) const {
    T value;
    if (offset > bytes_.size() || bytes_.size() - offset < sizeof(T)) fail(cut_short);
    std::memcpy(&value, bytes_.data() + offset, sizeof(T));
    return value;
  }
  [[nodiscard]] std::string text_at(std::uint64_t offset) const {
    if (offset >= bytes_.size()) fail(cut_short);
    return std::string(bytes_.c_str() + offset);
  }
  [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }

  std::vector<Segment> segments;
  /// Where the file has what is loaded at `address`.
  [[nodiscard]] std::uint64_t offset_of(std::uint64_t address) const {
    for (const Segment& segment : segments) {
      if (segment.p_type == PT_LOAD && address >= segment.p_vaddr && address - segment.p_vaddr < segment.p_filesz) {
        return segment.p_offset + (address - segment.p_vaddr);
      }
    }
    fail("its dynamic section points at an address that the file does not load");
  }

 private:
  std::string bytes_;
};

unsigned native_machine() {
  std::ifstream file("/proc/self/exe", std::ios::binary);
  Header header{};
  file.read(reinterpret_cast<char*>(&header), sizeof(header));
  return header.e_machine;
}

void check_header(const Image& image) {
  if (image.size() < sizeof(Header)) fail("it is too short for an ELF file; give a plugin's shared object (.so)");
  const auto header = image.at<Header>(0);
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) {
    fail("it is no ELF file; give a plugin's shared object (.so)");
  }
  if (header.e_ident[EI_CLASS] != native_class) fail("it was built for another pointer width than this machine's");
  if (header.e_machine != native_machine()) {
    fail("it was built for another processor (ELF machine ", header.e_machine, ", this one is ", native_machine(), ")");
  }
  if (header.e_type != ET_DYN) fail("it is no shared object; link it with -shared (CMake: a MODULE library)");
}

/// The number of symbols stands in the hash table: in DT_HASH outright, in DT_GNU_HASH at the end of its longest chain.
std::uint64_t count_by_gnu_hash(const Image& image, std::uint64_t table) {
  const auto buckets = image.at<std::uint32_t>(table);
  const auto first = image.at<std::uint32_t>(table + 4);
  const auto bloom = image.at<std::uint32_t>(table + 8);
  const std::uint64_t bucket = table + 16 + std::uint64_t{bloom} * sizeof(ElfW(Addr));
  const std::uint64_t chain = bucket + std::uint64_t{buckets} * 4;
  std::uint32_t last = 0;
  for (std::uint32_t index = 0; index < buckets; ++index) {
    last = std::max(last, image.at<std::uint32_t>(bucket + std::uint64_t{index} * 4));
  }
  if (last < first) return first;
  while ((image.at<std::uint32_t>(chain + std::uint64_t{last - first} * 4) & 1U) == 0) ++last;
  return std::uint64_t{last} + 1;
}

bool is_exported(const Symbol& symbol) {
  const unsigned binding = ELF64_ST_BIND(symbol.st_info);
  const unsigned visibility = ELF64_ST_VISIBILITY(symbol.st_other);
  return symbol.st_shndx != SHN_UNDEF && binding != STB_LOCAL &&
         (visibility == STV_DEFAULT || visibility == STV_PROTECTED);
}

/// The dynamic section's entries that matter here.
struct Dynamic {
  std::optional<std::uint64_t> symbols, strings, hash, gnu_hash;
};

Dynamic read_dynamic(const Image& image, const Segment& segment, ElfFile& file) {
  Dynamic found;
  for (std::uint64_t done = 0; done + sizeof(Entry) <= segment.p_filesz; done += sizeof(Entry)) {
    const auto entry = image.at<Entry>(segment.p_offset + done);
    switch (entry.d_tag) {
      case DT_NULL:
        return found;
      case DT_SYMTAB:
        found.symbols = entry.d_un.d_ptr;
        break;
      case DT_STRTAB:
        found.strings = entry.d_un.d_ptr;
        break;
      case DT_HASH:
        found.hash = entry.d_un.d_ptr;
        break;
      case DT_GNU_HASH:
        found.gnu_hash = entry.d_un.d_ptr;
        break;
      case DT_TEXTREL:
        file.text_relocations = true;
        break;
      case DT_FLAGS:
        file.flags = entry.d_un.d_val;
        break;
      case DT_FLAGS_1:
        file.flags_1 = entry.d_un.d_val;
        break;
      default:
        break;
    }
  }
  return found;
}

void read_symbols(const Image& image, const Dynamic& dynamic, ElfFile& file) {
  if (!dynamic.symbols || !dynamic.strings) return;
  std::uint64_t count = 0;
  if (dynamic.hash) count = image.at<std::uint32_t>(image.offset_of(*dynamic.hash) + 4);
  if (dynamic.gnu_hash) count = count_by_gnu_hash(image, image.offset_of(*dynamic.gnu_hash));
  const std::uint64_t table = image.offset_of(*dynamic.symbols);
  const std::uint64_t strings = image.offset_of(*dynamic.strings);
  for (std::uint64_t index = 1; index < count; ++index) {
    const auto symbol = image.at<Symbol>(table + index * sizeof(Symbol));
    if (!is_exported(symbol)) continue;
    file.exported.push_back({image.text_at(strings + symbol.st_name),
                             static_cast<unsigned>(ELF64_ST_BIND(symbol.st_info)),
                             static_cast<unsigned>(ELF64_ST_TYPE(symbol.st_info))});
  }
}

}  // namespace

ElfFile ElfFile::read(const std::string& path) {
  std::ifstream stream(path, std::ios::binary | std::ios::ate);
  if (!stream) fail("it cannot be read");
  std::string bytes(static_cast<std::size_t>(stream.tellg()), '\0');
  stream.seekg(0).read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!stream) fail("it cannot be read");
  Image image(std::move(bytes));
  check_header(image);
  const auto header = image.at<Header>(0);
  for (unsigned index = 0; index < header.e_phnum; ++index) {
    image.segments.push_back(image.at<Segment>(header.e_phoff + std::uint64_t{index} * sizeof(Segment)));
  }
  for (const Segment& segment : image.segments) {
    if (segment.p_type != PT_DYNAMIC) continue;
    ElfFile file;
    const Dynamic dynamic = read_dynamic(image, segment, file);
    file.text_relocations = file.text_relocations || (file.flags & DF_TEXTREL) != 0;
    read_symbols(image, dynamic, file);
    return file;
  }
  fail("it has no dynamic section, so it cannot be loaded; link it with -shared");
}

}  // namespace plugin_validator
