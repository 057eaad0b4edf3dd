#include "base/directory.hpp"

#include <algorithm>

namespace godwit::detail {

namespace {

constexpr std::uint64_t copied_at_once = 1u << 20;

}  // namespace

status copy_bytes(const file& from, file& to, std::uint64_t size) {
    std::vector<std::byte> memory(std::min(size, copied_at_once));
    for (std::uint64_t at = 0; at < size;) {
        const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(memory.size(), size - at));
        const auto got = from.read(at, {memory.data(), wanted});
        if (!got) return got.error();
        if (*got != wanted) return error{errc::io, std::to_string(at + *got) + " bytes", "the file became shorter"};
        const bytes part{memory.data(), wanted};
        if (auto written = to.write(at, {&part, 1}); !written) return written;
        at += wanted;
    }
    return {};
}

result<std::vector<std::byte>> read_whole(directory& in, std::string_view name, std::size_t size_max) {
    auto opened = in.open(name, file_use::read);
    if (!opened) return opened.error();
    const auto size = (*opened)->size();
    if (!size) return size.error();
    if (*size > size_max) return error{errc::too_large, std::string{in.path()} + "/" + std::string{name}};
    std::vector<std::byte> content(*size);
    const auto got = (*opened)->read(0, content);
    if (!got) return got.error();
    content.resize(*got);
    return content;
}

status write_whole(directory& in, std::string_view name, bytes content) {
    const std::string beside = std::string{name} + ".new";
    if (auto gone = in.remove(beside); !gone && !gone.failed(errc::not_found)) return gone;
    auto made = in.open(beside, file_use::create);
    if (!made) return made.error();
    status done = (*made)->write(0, {&content, 1});
    if (done) done = (*made)->sync();
    if (done) done = in.rename(beside, name);
    if (done) return in.sync();
    (void)in.remove(beside);  // else a disk that is full stays so
    return done;
}

}  // namespace godwit::detail
