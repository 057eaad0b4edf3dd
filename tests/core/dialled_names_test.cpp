// Names that are dialled, over real sockets, in a world where a name's address is what the test says.
#include <mutex>

#include "conformance/expect.hpp"
#include "conformance/transports.hpp"
#include "core/context_state.hpp"

using namespace conformance;
using godwit::event_kind;

namespace {

class world {
public:
    godwit::context context() const {
        return godwit::detail::context_access::with([state = state_](const std::string&) { return state->address(); });
    }
    void set(std::string number) {
        const std::lock_guard hold{state_->lock};
        state_->number = std::move(number);
    }
    void block() { state_->blocked = true; }
    void unblock() {
        state_->blocked = false;
        state_->blocked.notify_all();
    }
    int look_ups() const { return state_->look_ups; }

private:
    struct state {
        std::string address() {
            ++look_ups;
            blocked.wait(true);
            const std::lock_guard hold{lock};
            return number;
        }
        std::mutex lock;
        std::string number = "127.0.0.1";
        std::atomic<bool> blocked{false};
        std::atomic<int> look_ups{0};
    };
    const std::shared_ptr<state> state_ = std::make_shared<state>();  // a look-up may outlive the context
};

godwit::context& home() {
    static godwit::context one;
    return one;
}

constexpr auto quick = [] {
    return godwit::socket_options{.linger = 0ms, .wait_for_peer = true, .redial_min = 5ms, .redial_max = 20ms};
};

// A server at 127.0.0.1 and a client that dials it by its name, joined.
struct named_pair {
    explicit named_pair(godwit::context& ctx, const godwit::socket_options& options = quick()) : out{ctx, options} {
        const auto bound = must(in->bind("tcp://127.0.0.1:*"));
        port = bound.substr(bound.rfind(':'));
        url = "tcp://server.test" + port;
        must(out.connect(url));
        must(out.send("here"));
        REQUIRE(receive(*in) == "here");
        must(out.wait_for_peers(1, soon));
    }
    void lose() {
        in.reset();
        REQUIRE(eventually([&] { return out.peers().empty(); }));
    }
    std::optional<godwit::pull> in{std::in_place, home()};
    godwit::push out;
    std::string port, url;
};

// What is sent in the moment of a loss may go with the link.
bool arrives(godwit::push& out, godwit::pull& in) {
    const bool came = eventually([&] { return out.send("x", {.within = 10ms}) && in.recv(10ms); });
    must(out.wait_for_peers(1, soon));
    return came;
}

}  // namespace

TEST_CASE("a server moves, and the client that dialled its name finds it") {
    world around;
    auto ctx = around.context();
    named_pair link{ctx};
    link.lose();
    godwit::pull moved{home()};
    must(moved.bind("tcp://127.0.0.2" + link.port));
    around.set("127.0.0.2");
    CHECK(arrives(link.out, moved));
    // The endpoint is called what it was called.
    CHECK(link.out.report().endpoints == std::vector{link.url});
    must(link.out.disconnect(link.url));
    CHECK(link.out.disconnect(link.url).failed(godwit::errc::not_found));
    REQUIRE(eventually([&] { return link.out.peers().empty() && moved.peers().empty(); }));
}

TEST_CASE(
    "a name that is where plain tcp may not go is not dialled, an event says so once, and the old place is tried") {
    world around;
    auto ctx = around.context();
    named_pair link{ctx};
    around.set("192.0.2.1");
    link.lose();
    const auto seen = event_of(link.out, event_kind::name_refused);
    CHECK(seen.endpoint == link.url);
    CHECK(seen.detail.find("tcp://192.0.2.1" + link.port) != std::string::npos);
    const int so_far = around.look_ups();
    REQUIRE(eventually([&] { return around.look_ups() > so_far + 3; }));
    godwit::pull back{home()};
    must(back.bind("tcp://127.0.0.1" + link.port));
    CHECK(arrives(link.out, back));
    while (const auto more = link.out.next_event(0s)) CHECK(more->kind != event_kind::name_refused);
}

TEST_CASE("a name that no longer resolves is tried where it was, and where it is once it resolves again") {
    world around;
    auto ctx = around.context();
    named_pair link{ctx};
    around.set("");
    const int so_far = around.look_ups();
    link.lose();
    REQUIRE(eventually([&] { return around.look_ups() > so_far + 2; }));
    godwit::pull back{home()};
    const std::string old_place = "tcp://127.0.0.1" + link.port;
    must(back.bind(old_place));
    CHECK(arrives(link.out, back));
    must(back.close());
    REQUIRE(eventually([&] { return link.out.peers().empty(); }));
    godwit::pull moved{home()};
    must(moved.bind("tcp://127.0.0.2" + link.port));
    around.set("127.0.0.2");
    CHECK(arrives(link.out, moved));
}

TEST_CASE("a name server that does not answer holds up neither traffic nor close, and is asked once at a time") {
    world around;
    {
        auto ctx = around.context();
        named_pair link{ctx};
        around.block();
        const int so_far = around.look_ups();
        link.lose();
        REQUIRE(eventually([&] { return around.look_ups() == so_far + 1; }));
        godwit::pull back{home()};
        must(back.bind("tcp://127.0.0.1" + link.port));
        CHECK(arrives(link.out, back));
        CHECK(around.look_ups() == so_far + 1);
        must(link.out.close(soon));
        must(ctx.close(soon));
    }
    around.unblock();
}

TEST_CASE("numbers and localhost are looked up by nobody") {
    world around;
    auto ctx = around.context();
    godwit::push out{ctx, quick()};
    const auto place = tcp_v4::make();
    must(out.connect(place));
    must(out.connect("tcp://localhost" + place.substr(place.rfind(':'))));
    godwit::pull in{home()};
    must(in.bind(place));
    CHECK(arrives(out, in));
    must(in.close());
    godwit::pull again{home()};
    REQUIRE(eventually([&] { return again.bind(place).has_value(); }));
    CHECK(arrives(out, again));
    CHECK(around.look_ups() == 0);
}

TEST_CASE("a name that libzmq has given up is looked up again, and found where it is served") {
    world around;
    auto ctx = around.context();
    // Whom we reach there is no pull: libzmq dials it never again.
    godwit::pub wrong{home()};
    const auto bound = must(wrong.bind("tcp://127.0.0.1:*"));
    const auto port = bound.substr(bound.rfind(':'));
    godwit::push out{ctx, quick()};
    must(out.connect("tcp://server.test" + port));
    event_of(out, event_kind::mismatch_suspected);
    godwit::pull right{home()};
    must(right.bind("tcp://127.0.0.2" + port));
    around.set("127.0.0.2");
    CHECK(arrives(out, right));
}
