// zmq_authenticator: answers libzmq's authentication requests (ZAP, RFC 27): listed keys at once, judged ones when the
// judge has answered, and everything it does not understand by a refusal. That one answers at all keeps ZMTP 1.0 and 2.0
// and other noise off the sockets: libzmq then insists on a full handshake. Read by the runner alone.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/admissions.hpp"
#include "core/zmq_handle.hpp"

namespace godwit::detail {

inline constexpr std::size_t judged_at_once_max = 1024;  // waiting for a judge, of one context; more are refused

class GODWIT_EXPORT zmq_authenticator {
public:
    using clock = std::chrono::steady_clock;

    // Must be there before any socket binds. Fails with `no_resources`, `io`.
    static result<zmq_authenticator> open(void* zmq_context);

    int descriptor() const noexcept { return descriptor_; }
    const std::shared_ptr<admissions>& doors() const noexcept { return doors_; }
    // `before` is called with the gate that is to rule: its links' opening must have been heard of by then.
    using preparation = std::function<void(const gate&)>;
    void answer_all(clock::time_point now, const preparation& before);
    clock::time_point step(clock::time_point now, const preparation& before);  // late answers; when to call again

private:
    zmq_authenticator(zmq_handle&& socket, int descriptor)
        : socket_{std::move(socket)}, descriptor_{descriptor}, doors_{std::make_shared<admissions>()} {}

    struct asked {
        std::string route, id;  // of the reply
        applicant who;
        admissions::entry where;
        clock::time_point deadline;
    };
    void take(const std::vector<std::string>& frames, clock::time_point now, const preparation& before);
    void ask(asked&& one, access_list::judge whom);
    void settle(const admissions::answer& late);
    void reply(const std::string& route, std::string_view id, const gate::ruling& ruled);

    zmq_handle socket_;
    int descriptor_;
    std::shared_ptr<admissions> doors_;
    std::map<std::uint64_t, asked> asked_;  // by token
    std::uint64_t last_token_ = 0;
};

}  // namespace godwit::detail
