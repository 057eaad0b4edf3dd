// Row 89 against peers that are not ours: what a raw DEALER or REQ may ask a plain rep with an access list.
#include <unistd.h>

#include <string>
#include <vector>

#include "core/zmq_pair.hpp"
#include "godwit/godwit.hpp"
#include "test_main.hpp"

using namespace godwit;
using namespace godwit::testing;

namespace {

constexpr std::chrono::seconds soon{20};

struct raw_key {
    raw_key() { zmq_curve_keypair(open, secret); }
    public_key shown() const { return public_key::parse({open, 40}).value(); }
    char open[41]{}, secret[41]{};
};

detail::zmq_handle raw_peer(const zmq_world& world, int type, const raw_key& own, const public_key& server,
                            const std::string& url) {
    detail::zmq_handle made = world.socket(type);
    zmq_setsockopt(made.get(), ZMQ_CURVE_PUBLICKEY, own.open, 40);
    zmq_setsockopt(made.get(), ZMQ_CURVE_SECRETKEY, own.secret, 40);
    zmq_setsockopt(made.get(), ZMQ_CURVE_SERVERKEY, server.text().c_str(), 40);
    if (zmq_connect(made.get(), url.c_str()) != 0) throw std::runtime_error{url};
    return made;
}

void send(const detail::zmq_handle& by, const std::vector<std::string>& frames) {
    for (std::size_t i = 0; i < frames.size(); ++i) {
        zmq_send(by.get(), frames[i].data(), frames[i].size(), i + 1 < frames.size() ? ZMQ_SNDMORE : 0);
    }
}

}  // namespace

TEST_CASE("row 89: what a raw peer has no right to ask is refused, also where libzmq has looked at it before") {
    const std::string number = std::to_string(::getpid());
    const std::string urls[] = {"tcp://127.0.0.1:*", "ipc://@godwit-rep-rights-" + number};
    for (const std::string& url : urls) {
        for (const int type : {ZMQ_DEALER, ZMQ_REQ}) {
            context ctx;
            const auto ours = key_pair::generate().value();
            const raw_key theirs;
            access_list list;
            REQUIRE(list.allow(theirs.shown(), rights::parse("req=a").value()));
            rep in{ctx, {.keys = ours, .allow = list}};
            const auto bound = in.bind(url);
            REQUIRE(bound);
            poller looks;
            REQUIRE(looks.add(in, interest::recv));
            const zmq_world world;
            const auto wrong = raw_peer(world, type, theirs, ours.public_part(), *bound);
            const auto right = raw_peer(world, ZMQ_DEALER, theirs, ours.public_part(), *bound);
            if (type == ZMQ_DEALER) {
                for (int i = 0; i < 3; ++i) send(wrong, {"", "no topic"});
                send(wrong, {"", "b", "another topic"});
            } else {
                send(wrong, {"no topic"});
            }
            // Looked at again and again before anything is received.
            const std::uint64_t refused = type == ZMQ_DEALER ? 4 : 1;
            const auto end = std::chrono::steady_clock::now() + soon;
            while (in.stats().refused_messages < refused && std::chrono::steady_clock::now() < end) {
                std::vector<ready> found(1);
                (void)looks.wait(found, std::chrono::milliseconds{5});
                REQUIRE(in.recv(std::chrono::milliseconds{0}).failed(errc::timed_out));
            }
            REQUIRE(in.stats().refused_messages == refused);
            send(right, {"", "a/1", "right"});
            std::vector<ready> found(1);
            REQUIRE(looks.wait(found, soon));
            auto got = in.recv(soon);
            REQUIRE(got);
            REQUIRE(got->text() == "right");
            REQUIRE(in.stats().received == 1);
        }
    }
}
