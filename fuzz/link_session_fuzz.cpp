// A sequence of frames from three peers into the links of one socket, with transports that come and go and time that passes.
// Each step of the input: a peer, what happens, and, for a frame, u16 size, content, and whether a batch follows. A frame gets
// a head that is right, and the tag of the session if it wants it.
#include <map>
#include <optional>
#include <vector>

#include "ack_retry/envelope.hpp"
#include "ack_retry/link_session.hpp"
#include "base/batch_builder.hpp"
#include "require.hpp"

namespace {

using namespace godwit;
using namespace godwit::detail;

struct world final : time_source, random_source, link_port, link_user {
    steady_time now() noexcept override { return clock; }
    wall_time wall() noexcept override { return {}; }
    std::uint64_t draw() noexcept override { return ++drawn * 0x9e3779b97f4a7c15; }
    sent send(peer_number to, bytes envelope, const message*) override {
        if (ended == to) return sent::gone;
        const auto frame = decode(envelope);
        require(frame.has_value(), "what is sent can be read");
        if (const auto* const h = std::get_if<hello>(&frame->content)) tags[to] = h->tag;
        return busy ? sent::busy : sent::done;
    }
    void end(peer_number which) override { ended = which; }
    std::string_view key_of(peer_number which) const override { return which == 3 ? "another key" : ""; }
    void report(event_kind, peer_number, std::string_view) override {}
    void ring() noexcept override {}

    void greet(hello&) override {}
    status meet(const hello& theirs) override { return theirs.name == "no" ? status{errc::refused} : status{}; }
    void joined(link_number link, const hello&, link_number resumed) override {
        require(link > last && resumed < link, "the numbers of links rise");
        last = link;
        states[link] = 1;
    }
    void left(link_number link, link_end) override { require(states[link]++ >= 1, "who leaves had joined"); }
    void took(link_number link, const data_frame&, batch_ref&& batch) override { in_session(link, batch); }
    void took(link_number link, const reply_frame&, batch_ref&& batch) override { in_session(link, batch); }
    void took(link_number link, ack_frame&&) override { require(states[link] == 1, "of a link"); }
    void took(link_number link, filter_frame&&) override { require(states[link] == 1, "of a link"); }
    void took(link_number link, const gap_frame&) override { require(states[link] == 1, "of a link"); }
    void took(link_number link, const cancel_frame&) override { require(states[link] == 1, "of a link"); }
    void drains(link_number) override {}
    void may_write() override {}
    void floor_moved(link_number, offset) override {}
    void in_session(link_number link, const batch_ref& batch) {
        require(states[link] == 1, "of a link");
        require(batch.view.count() > 0, "a batch that was checked");
    }

    steady_time clock{std::chrono::hours{1}};
    std::uint64_t drawn = 0;
    std::map<peer_number, std::uint64_t> tags;
    std::map<link_number, int> states;
    peer_number ended = 0;
    link_number last = 0;
    bool busy = false;
};

void take_frame(world& all, link_set& links, peer_number from, input& in, const batch_ref& batch) {
    const auto flags = in.byte();
    const std::size_t size = in.byte() | (std::size_t{in.byte()} << 8);
    std::vector<std::byte> whole(envelope::head_bytes);
    envelope::store(whole.data(), envelope::magic);
    envelope::store(whole.data() + envelope::version_at, link_version);
    envelope::store(whole.data() + envelope::kind_at, in.byte());
    const auto content = as_bytes(in.text(size));
    whole.insert(whole.end(), content.begin(), content.end());
    envelope::store(whole.data() + envelope::bytes_at, static_cast<std::uint32_t>(whole.size()));
    if ((flags & 1) != 0) envelope::store(whole.data() + envelope::tag_at, all.tags[from]);
    envelope::store(whole.data() + envelope::checksum_at, envelope::checksum(whole));
    std::vector<bytes> frames{whole};
    if ((flags & 2) != 0) frames.push_back(batch.view.data());
    links.took(from, message::from_frames(frames).value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    input in{data, size};
    world all;
    batch_builder builder{stream_id{1, 2}};
    builder.add(7, {.body = as_bytes("body")}, 1u << 16);
    const auto batch = builder.seal({});
    link_options options;
    options.identity = {9, 9};
    options.fragment_bytes = 40;
    link_set links{static_cast<pattern>(in.byte() % 6), options, all, all, all, all};
    while (!in.empty()) {
        const peer_number who = 1 + in.byte() % 3;
        all.ended = 0;
        switch (in.byte() % 10) {
            case 0:
                links.dials(who);
                break;
            case 1:
                links.lost(who);
                break;
            case 2:
                all.clock += std::chrono::milliseconds{in.byte() * 20};
                // Again where doing it has made something due: a transport that is gone is greeted at once.
                require(links.step() > all.clock || links.step() > all.clock, "what is due is done");
                break;
            case 3:
                all.busy = !all.busy;
                if (!all.busy) links.may_write();
                break;
            case 4:
                links.send(all.last, 1, 3, batch);
                break;
            case 5:
                links.links_changed();
                break;
            default:
                take_frame(all, links, who, in, batch);
        }
        require(links.count() <= 3, "one link a peer at most");
    }
    return 0;
}
