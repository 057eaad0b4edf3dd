// The door: what is asked is parsed strictly, and what is not understood is refused.
#include "core/zmq_authenticator.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <condition_variable>
#include <string>
#include <vector>

#include "core/socket_pairs.hpp"
#include "core/zmq_pair.hpp"
#include "test_main.hpp"

using namespace godwit;
using namespace godwit::detail;
using namespace godwit::testing;
using namespace std::chrono_literals;
using frames = std::vector<std::string>;
using clock_type = zmq_authenticator::clock;

namespace {

std::string raw_key(unsigned char number) { return std::string(31, '\1') + static_cast<char>(number); }

public_key key(unsigned char number) {
    const std::string raw = raw_key(number);
    return public_key{std::as_bytes(std::span{raw}).first<public_key::size>()};
}

frames curve(const std::string& domain, unsigned char number, const std::string& id = "1") {
    return {"1.0", id, domain, "127.0.0.1", "", "CURVE", raw_key(number)};
}
frames keyless(const std::string& domain, const std::string& address = "127.0.0.1") {
    return {"1.0", "1", domain, address, "", "NULL"};
}

bool parses(const frames& request) { return parse_zap_request(request).has_value(); }

// An authenticator, a gate of a pull, and a DEALER that asks as libzmq's sessions do.
struct scene {
    explicit scene(std::optional<access_list> allow = {}, bool any_user = false,
                   std::chrono::milliseconds patience = 1h) {
        if (allow) callbacks = callback_thread::start().value();
        at = std::make_shared<gate>(gate::parts{pattern::pull, allow ? access::shared(*allow) : nullptr, callbacks,
                                                any_user, patience, peers, links});
        asks = world.socket(ZMQ_DEALER);
        if (zmq_connect(asks.get(), "inproc://zeromq.zap.01") != 0) throw std::runtime_error{"zap"};
    }
    ~scene() {
        if (callbacks == nullptr) return;
        callbacks->finish();
        (void)callbacks->wait_finished(clock_type::now() + 20s);
    }

    void send(const frames& request) {
        zmq_send(asks.get(), "", 0, ZMQ_SNDMORE);
        for (std::size_t i = 0; i < request.size(); ++i) {
            zmq_send(asks.get(), request[i].data(), request[i].size(), i + 1 < request.size() ? ZMQ_SNDMORE : 0);
        }
    }
    void serve(clock_type::time_point now = clock_type::now()) {
        doors.answer_all(now, [&](const gate&) { ++prepared; });
        doors.step(now, [](const gate&) {});
    }
    // The reply without its empty frame; "no answer" when there is none yet.
    frames reply() {
        frames got;
        char text[256];
        for (int more = 1; more != 0;) {
            const int size = zmq_recv(asks.get(), text, sizeof text, ZMQ_DONTWAIT);
            if (size < 0) return {"no answer"};
            got.emplace_back(text, static_cast<std::size_t>(size));
            more = asks.get_int(ZMQ_RCVMORE);
        }
        got.erase(got.begin());
        return got;
    }
    std::string status_of(const frames& request) {
        send(request);
        serve();
        const frames got = reply();
        return got.size() == 6 ? got[2] : got[0];
    }
    frames later() {
        for (const auto end = clock_type::now() + 20s; clock_type::now() < end;) {
            serve();
            if (frames got = reply(); got.size() > 1) return got;
            std::this_thread::yield();
        }
        return {"no answer"};
    }
    std::string last_refusal() {
        std::string words;
        while (auto one = peers->next_event(0s, {})) words = one->detail;
        return words;
    }

    zmq_world world;
    std::shared_ptr<peer_table> peers = std::make_shared<peer_table>(100);
    std::shared_ptr<link_table> links = std::make_shared<link_table>(peers, 1h, false);
    std::shared_ptr<callback_thread> callbacks;
    std::shared_ptr<gate> at;
    zmq_authenticator doors = zmq_authenticator::open(world.context).value();
    zmq_handle asks;
    int prepared = 0;
};

}  // namespace

TEST_CASE("an authentication request is parsed strictly") {
    REQUIRE(parses(keyless("d")));
    REQUIRE(parses(curve("d", 1)));
    REQUIRE(parse_zap_request(curve("d", 7))->key == key(7));
    REQUIRE_FALSE(parse_zap_request(keyless("d"))->key);
    REQUIRE_FALSE(parses({}));
    REQUIRE_FALSE(parses({"1.0", "1", "d", "127.0.0.1", ""}));
    auto other = curve("d", 1);
    other[0] = "1.1";
    REQUIRE_FALSE(parses(other));
    for (const char* mechanism : {"", "curve", "PLAIN", "GSSAPI", "NULL"}) {
        other = curve("d", 1);
        other[5] = mechanism;
        REQUIRE_FALSE(parses(other));
    }
    for (const std::size_t size : {0u, 31u, 33u, 40u}) {
        other = curve("d", 1);
        other[6].assign(size, 'x');
        REQUIRE_FALSE(parses(other));
    }
    other = curve("d", 1);
    other[6].assign(32, '\0');
    REQUIRE_FALSE(parses(other));
    other = curve("d", 1);
    other.push_back("more");
    REQUIRE_FALSE(parses(other));
    other = keyless("d");
    other[5] = "CURVE";
    REQUIRE_FALSE(parses(other));
}

TEST_CASE("row 95: who is at the other end of an ipc link is read strictly") {
    const auto peer = parse_ipc_address("localhost:1000:100:71");
    REQUIRE(peer);
    REQUIRE(peer->uid == 1000);
    REQUIRE(peer->pid == 71);
    for (const char* wrong : {"", "localhost", "127.0.0.1", "localhost:1000:100", "localhost:1000:100:", "a:b:c:d",
                              "localhost:-1:0:1", "localhost:1:2:99999999999", "localhost:1x:2:3"}) {
        INFO(wrong);
        REQUIRE_FALSE(parse_ipc_address(wrong));
    }
}

TEST_CASE("row 88: an unknown domain and a malformed request are refused, and the next is answered") {
    scene here;
    const std::string domain = here.doors.doors()->enter(here.at, {transport::tcp, "tcp://a"});
    REQUIRE(here.status_of(keyless("")) == "400");
    REQUIRE(here.status_of(keyless("godwit")) == "400");
    REQUIRE(here.status_of(keyless(domain + "0")) == "400");
    REQUIRE(here.status_of({"1.0", "1"}) == "400");
    REQUIRE(here.status_of({"9", "1", domain, "", "", "NULL"}) == "400");
    here.send({"1.0"});  // has not even an id to answer to
    REQUIRE(here.status_of(keyless(domain)) == "200");
    here.doors.doors()->leave("tcp://a", here.at.get());
    REQUIRE(here.status_of(keyless(domain)) == "400");
}

TEST_CASE("a domain whose socket is gone is refused") {
    scene here;
    const std::string domain = here.doors.doors()->enter(here.at, {transport::tcp, "tcp://a"});
    here.at.reset();
    REQUIRE(here.status_of(keyless(domain)) == "400");
}

TEST_CASE("without keys the mechanism is NULL and nothing else, with keys it is CURVE and nothing else") {
    scene plain;
    REQUIRE(plain.status_of(curve(plain.doors.doors()->enter(plain.at, {transport::tcp, "u"}), 1)) == "400");
    scene keyed{access_list::anyone()};
    const std::string domain = keyed.doors.doors()->enter(keyed.at, {transport::tcp, "u"});
    REQUIRE(keyed.status_of(keyless(domain)) == "400");
    REQUIRE(keyed.status_of(curve(domain, 1)) == "200");
}

TEST_CASE("who is admitted is named by key, rights and the number of the handshake") {
    access_list list;
    REQUIRE(list.allow(key(1)));
    scene here{list};
    const std::string domain = here.doors.doors()->enter(here.at, {transport::tcp, "tcp://a"});
    for (const std::uint64_t serial : {1u, 2u}) {
        here.send(curve(domain, 1, "id" + std::to_string(serial)));
        here.serve();
        const frames got = here.reply();
        REQUIRE(got.size() == 6);
        REQUIRE(got[0] == "1.0");
        REQUIRE(got[1] == "id" + std::to_string(serial));
        REQUIRE(got[2] == "200");
        admission who;
        REQUIRE(admission::parse(got[4], who));
        REQUIRE(who.key == key(1));
        REQUIRE(who.judged == 0);
        REQUIRE(who.serial == serial);
        REQUIRE(got[5].empty());
    }
    REQUIRE(here.prepared == 2);
    REQUIRE(here.status_of(curve(domain, 2)) == "400");
    REQUIRE(here.last_refusal() == "key " + key(2).text() + " at 127.0.0.1: its key is not listed");
}

TEST_CASE("row 95: over ipc without keys only our user and root may come, unless any may") {
    const std::string ours = "localhost:" + std::to_string(::geteuid()) + ":0:71";
    scene strict;
    const std::string domain = strict.doors.doors()->enter(strict.at, {transport::ipc, "ipc://a"});
    REQUIRE(strict.status_of(keyless(domain, ours)) == "200");
    REQUIRE(strict.status_of(keyless(domain, "localhost:0:0:71")) == "200");
    REQUIRE(strict.status_of(keyless(domain, "localhost:54321:0:71")) == "400");
    REQUIRE(strict.last_refusal().starts_with("pid 71 uid 54321: "));
    REQUIRE(strict.status_of(keyless(domain, "")) == "400");
    scene open{std::nullopt, true};
    REQUIRE(open.status_of(keyless(open.doors.doors()->enter(open.at, {transport::ipc, "ipc://a"}),
                                   "localhost:54321:0:71")) == "200");
}

TEST_CASE("row 88: a judge's answers come back in their own order, and nobody waits for another's") {
    struct {
        std::mutex lock;
        std::condition_variable changed;
        bool open = false;
    } held;
    access_list list;
    REQUIRE(list.allow(key(1)));
    list.ask([&](const applicant&) -> std::optional<rights> {
        std::unique_lock hold{held.lock};
        held.changed.wait(hold, [&] { return held.open; });
        return rights{};
    });
    scene here{list};
    const std::string domain = here.doors.doors()->enter(here.at, {transport::tcp, "u"});
    here.send(curve(domain, 2, "judged"));
    here.send(curve(domain, 1, "listed"));
    here.serve();
    const frames first = here.reply();
    {
        const std::lock_guard hold{held.lock};
        held.open = true;
    }
    held.changed.notify_all();
    REQUIRE(first.size() == 6);
    REQUIRE(first[1] == "listed");
    const frames second = here.later();
    REQUIRE(second.size() == 6);
    REQUIRE(second[1] == "judged");
    REQUIRE(second[2] == "200");
    admission who;
    REQUIRE(admission::parse(second[4], who));
    REQUIRE(who.judged == 1);
}

TEST_CASE("row 88: a judge that is late, throws, refuses or gives too much is a refusal, told with its reason") {
    access_list list;
    list.ask([](const applicant& who) -> std::optional<rights> {
        if (who.key == key(1)) throw std::runtime_error{"secret of the application"};
        if (who.key == key(2)) return std::nullopt;
        if (who.key == key(3)) return rights{.push = std::vector<std::string>(2000)};
        return rights::none();
    });
    scene here{list};
    const std::string domain = here.doors.doors()->enter(here.at, {transport::tcp, "u"});
    const char* reasons[] = {"threw", "refused", "too many rights", "no right to come as a push"};
    for (unsigned char number = 1; number <= 4; ++number) {
        here.send(curve(domain, number));
        const frames got = here.later();
        REQUIRE(got.size() == 6);
        REQUIRE(got[2] == "400");
        const std::string words = here.last_refusal();
        INFO(words);
        REQUIRE(words.find(reasons[number - 1]) != words.npos);
        REQUIRE(words.find("secret") == words.npos);
    }
}

TEST_CASE("row 88: who is not judged by the deadline is refused, and a later answer is nobody's") {
    struct {
        std::mutex lock;
        std::condition_variable changed;
        bool open = false;
    } held;
    access_list list;
    list.ask([&](const applicant&) -> std::optional<rights> {
        std::unique_lock hold{held.lock};
        held.changed.wait(hold, [&] { return held.open; });
        return rights{};
    });
    scene here{list, false, 5s};
    const std::string domain = here.doors.doors()->enter(here.at, {transport::tcp, "u"});
    here.send(curve(domain, 1));
    const auto start = clock_type::now();
    here.serve(start);
    const frames too_soon = here.reply();
    here.serve(start + 5s);
    const frames got = here.reply();
    {
        const std::lock_guard hold{held.lock};
        held.open = true;
    }
    held.changed.notify_all();
    REQUIRE(too_soon == frames{"no answer"});
    REQUIRE(got.size() == 6);
    REQUIRE(got[2] == "400");
    REQUIRE(here.last_refusal().find("in time") != std::string::npos);
    here.callbacks->finish();
    REQUIRE(here.callbacks->wait_finished(clock_type::now() + 20s));
    here.serve();
    REQUIRE(here.reply() == frames{"no answer"});
    // And with nobody to judge any more, the next is refused at once.
    REQUIRE(here.status_of(curve(domain, 1)) == "400");
}

TEST_CASE("a key that is revoked while the judge thinks is refused") {
    access_list list;
    list.ask([&](const applicant& who) -> std::optional<rights> {
        list.revoke(who.key);
        return rights{};
    });
    scene here{list};
    here.send(curve(here.doors.doors()->enter(here.at, {transport::tcp, "u"}), 1));
    const frames got = here.later();
    REQUIRE(got.size() == 6);
    REQUIRE(got[2] == "400");
    REQUIRE(here.last_refusal().find("revoked") != std::string::npos);
}
