// link_names: the carriers' names of a reliable socket's peers, and the numbers by which its protocol knows them. A number
// is never given twice. Guarded by the socket's turn.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/link_port.hpp"
#include "core/carrier.hpp"

namespace godwit::detail {

class link_names {
public:
    struct known {
        carrier* by;
        std::string name;  // the carrier's
        std::string url;   // that we dial; "": it came to us
        std::string key;   // see link_port::key_of
    };

    // The peer's number, a new one when it has none. Throws std::bad_alloc.
    peer_number number_of(carrier& by, std::string_view name);
    std::optional<peer_number> find(const carrier& by, std::string_view name) const;
    const known* who(peer_number which) const;
    void forget(peer_number which);

    peer_number dialled(carrier& by, std::string_view name, std::string_view url);
    std::optional<peer_number> dialled_at(std::string_view url) const;

private:
    struct hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
    };
    using numbers = std::unordered_map<std::string, peer_number, hash, std::equal_to<>>;

    peer_number last_ = 0;
    std::unordered_map<peer_number, known> by_number_;
    std::unordered_map<const carrier*, numbers> by_name_;
};

}  // namespace godwit::detail
