#include "base/directory.hpp"

namespace godwit::detail {

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
    if (auto written = (*made)->write(0, {&content, 1}); !written) return written;
    if (auto synced = (*made)->sync(); !synced) return synced;
    if (auto renamed = in.rename(beside, name); !renamed) return renamed;
    return in.sync();
}

}  // namespace godwit::detail
