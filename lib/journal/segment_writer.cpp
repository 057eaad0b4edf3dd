#include "journal/segment_writer.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

namespace godwit::detail {

namespace jf = journal_format;

namespace {

constexpr std::string_view suffix = ".segment";
constexpr std::size_t digits = 16;

using name_text = std::array<char, digits + suffix.size() + 1>;

name_text name_of(std::uint64_t number) noexcept {
    name_text text{};
    std::snprintf(text.data(), text.size(), "%016llx.segment", static_cast<unsigned long long>(number));
    return text;
}

status remove_made(directory& in, const std::string& name, error why) {
    if (auto gone = in.remove(name); !gone) return gone;
    if (auto synced = in.sync(); !synced) return synced;
    return why;
}

}  // namespace

std::string segment_name(std::uint64_t number) { return name_of(number).data(); }

bool is_segment_name(std::string_view name, std::uint64_t& number) noexcept {
    if (name.size() != digits + suffix.size() || !name.ends_with(suffix)) return false;
    const auto [end, failed] = std::from_chars(name.data(), name.data() + digits, number, 16);
    return failed == std::errc{} && end == name.data() + digits && name_of(number).data() == name;
}

result<std::unique_ptr<segment_writer>> segment_writer::begin(directory& in, segment_header header,
                                                              std::uint64_t size) {
    const std::string name = segment_name(header.number);
    const header_image image = encode(header);
    auto made = in.open(name, file_use::create);
    // As without space: nothing is there, and it may be tried again.
    if (made.failed(errc::no_resources))
        return error{errc::full, made.error().value(), "it needs a descriptor for the next file (ulimit -n)"};
    if (!made) return made.error();
    const bytes whole{image};
    const auto written = (*made)->write(0, {&whole, 1});
    if (!written) {
        made->reset();
        return remove_made(in, name, written.error()).error();
    }
    if (auto synced = (*made)->sync(); !synced) return synced.error();
    if (auto synced = in.sync(); !synced) return synced.error();
    if (auto room = (*made)->allocate(size); !room) {
        made->reset();
        return remove_made(in, name, room.error()).error();
    }
    return std::unique_ptr<segment_writer>{new segment_writer{std::move(*made), header, size}};
}

bool segment_writer::has_room(std::uint64_t entry_bytes, std::size_t streams) const noexcept {
    const std::uint64_t footer = jf::footer_fixed_bytes + jf::footer_row_bytes * streams + jf::tail_bytes;
    return end_ + entry_bytes + footer <= size_;
}

status segment_writer::write(std::span<const bytes> parts) {
    std::uint64_t size = 0;
    for (const bytes part : parts) size += part.size();
    if (auto written = file_->write(end_, parts); !written) {
        if (!written.failed(errc::full)) return written;
        // What is half there must not look like what was written and damaged.
        if (auto cut = file_->resize(end_); !cut) return error{errc::io, cut.error().value()};
        if (auto synced = file_->sync(); !synced) return synced;
        synced_ = size_ = end_;
        return written;
    }
    end_ += size;
    size_ = std::max(size_, end_);
    return {};
}

status segment_writer::sync() {
    if (auto synced = file_->sync(); !synced) return synced;
    synced_ = end_;
    return {};
}

status segment_writer::seal(segment_footer& footer) {
    if (auto synced = sync(); !synced) return synced;
    const std::vector<std::byte> image = encode(footer, header_.seed);
    const bytes whole{image};
    if (auto written = write({&whole, 1}); !written) return written;
    if (auto cut = file_->resize(end_); !cut)
        return error{errc::io, cut.error().value()};  // it is not to be tried again
    return sync();
}

}  // namespace godwit::detail
