#include <algorithm>

#include "base/access_state.hpp"
#include "base/whole_file.hpp"

namespace godwit {

namespace {

constexpr std::size_t list_bytes_max = 64u << 20;

using listing = access_list::state::listing;

result<listing> load_listing(const std::filesystem::path& file) {
    auto opened = detail::open_judged(file, {.mode_forbidden = 022, .must_be_ours = false, .size_max = list_bytes_max});
    if (!opened) return opened.error();
    std::string text(opened->size + 1, '\0');  // one that grows meanwhile is seen
    const auto size = detail::read_all(opened->descriptor.get(), text.data(), text.size(), file.native());
    if (!size) return size.error();
    if (*size > opened->size) return error{errc::io, file.native(), "it changed while it was read: try again"};
    return detail::parse_access_list({text.data(), *size}, file.native());
}

// The list's rights are mostly the same: they share one value.
access_list::state::shared_rights share(rights&& may, access_list::state::shared_rights& last) {
    if (last == nullptr || *last != may) last = std::make_shared<const rights>(std::move(may));
    return last;
}

}  // namespace

result<listing> detail::parse_access_list(std::string_view text, std::string_view name) {
    listing listed;
    access_list::state::shared_rights last;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        const auto wrong = [&](std::string_view reason) {
            return error{errc::malformed, std::string{name} + " line " + std::to_string(number), reason};
        };
        if (line.empty() || line.starts_with('#')) continue;
        if (line.ends_with('\r')) return wrong("it ends in CRLF: convert the file to Unix line ends (LF)");
        const std::size_t key_end = std::min(line.find_first_of(" \t"), line.size());
        auto key = public_key::parse(line.substr(0, key_end));
        if (!key) return wrong("it does not begin with a public key: 40 characters of Z85");
        auto may = rights::parse(line.substr(key_end));
        if (!may) return wrong(may.error().what());
        if (!listed.try_emplace(*key, share(std::move(*may), last)).second) return wrong("this key was listed before");
        if (listed.size() > access_list::keys_max) {
            return error{errc::too_large, name, "at most " + std::to_string(access_list::keys_max) + " keys"};
        }
    }
    return listed;
}

access_list::access_list() : state_{std::make_shared<state>()} {}

access_list access_list::anyone() {
    access_list all;
    all.state_->admit_all();
    return all;
}

result<access_list> access_list::load(const std::filesystem::path& file) {
    access_list made;
    if (auto loaded = made.reload(file); !loaded) return loaded.error();
    return made;
}

status access_list::reload(const std::filesystem::path& file) {
    auto listed = load_listing(file);
    if (!listed) return listed.error();
    state_->replace(std::move(*listed));
    return {};
}

status access_list::allow(const public_key& key, const rights& may) { return state_->allow(key, may); }
void access_list::revoke(const public_key& key) { state_->revoke(key); }
std::vector<public_key> access_list::keys() const { return state_->keys(); }
void access_list::ask(judge whom) { state_->ask(std::move(whom)); }

}  // namespace godwit
