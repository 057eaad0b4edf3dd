// gate: who may come to what one socket has bound over ipc and tcp, and who is sent away again. It rules in the
// handshake, and ends the links of those whose key is revoked or whose rights change.
// Threads: thread-safe. rule() and settle() are the runner's; it holds no lock of its own.
#pragma once
#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/access_state.hpp"
#include "base/endpoint.hpp"
#include "base/pattern.hpp"
#include "core/callback_thread.hpp"
#include "core/link_table.hpp"
#include "core/peer_table.hpp"
#include "core/zap_request.hpp"

namespace godwit::detail {

// Where somebody came to.
struct door {
    transport kind;
    std::string endpoint;
};

class GODWIT_EXPORT gate final : public access_listener {
public:
    struct parts {
        pattern own;
        std::shared_ptr<access_list::state> list;    // none: no keys, no encryption
        std::shared_ptr<callback_thread> callbacks;  // with a list
        bool any_user;
        std::chrono::steady_clock::duration handshake_max;
        std::shared_ptr<peer_table> peers;
        std::shared_ptr<link_table> links;
        bool is_link = false;  // under a protocol: `own` is what users see
    };
    explicit gate(parts of) : of_{std::move(of)} {}

    enum class verdict : std::uint8_t { admitted, refused, asked };
    struct ruling {
        verdict what;
        std::string user_id;           // admitted
        access_list::judge whom = {};  // asked
        applicant who = {};
    };
    // Refusals are reported.
    ruling rule(const zap_request& request, const door& at);
    // After the judge: its number of the rights, see access_list::state::number_of.
    ruling settle(const applicant& who, std::uint32_t judged, const door& at);
    void refuse(const applicant& who, const door& at, std::string_view reason);

    // Whether whom we dialled over ipc may be there; reported if not.
    bool may_stay(int descriptor, std::string_view endpoint);

    void ended(std::span<const public_key> keys) override;
    void end_one(int descriptor, const admission& who);  // it sent something although its key is revoked

    const std::shared_ptr<access_list::state>& list() const noexcept { return of_.list; }
    const std::shared_ptr<callback_thread>& callbacks() const noexcept { return of_.callbacks; }
    std::chrono::steady_clock::duration patience() const noexcept { return of_.handshake_max; }
    pattern own() const noexcept { return of_.own; }
    pattern theirs() const noexcept { return counterpart(of_.own); }
    peer_table& peers() const noexcept { return *of_.peers; }
    link_table& links() const noexcept { return *of_.links; }

private:
    ruling rule_keyless(const zap_request& request, const door& at);
    ruling admit(const applicant& who, const rights& may, std::uint32_t judged, const door& at);

    const parts of_;
};

}  // namespace godwit::detail
