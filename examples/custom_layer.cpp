// A module of one's own, from the public headers alone: run-length encoding of whole batches, and counters. Given to both
// sides' sockets, it shortens what goes over the wire; a peer without it is told so. docs/writing_a_module.md explains.
#include <atomic>
#include <cstdint>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "godwit/ack_retry.hpp"
#include "godwit/godwit.hpp"

namespace {

// Written in the sockets' turns, read by anybody.
struct totals {
    std::atomic<std::uint64_t> batches = 0, bytes_in = 0, bytes_out = 0, acked = 0;
};

// Encoded: pairs of a count, 1 to 255, and the byte that is repeated so often.
class run_length_layer final : public godwit::layer {
public:
    explicit run_length_layer(std::shared_ptr<totals> counted) : counted_{std::move(counted)} {}

    std::string_view name() const noexcept override { return "run_length"; }
    godwit::layer_place place() const noexcept override { return godwit::layer_place::codec; }
    std::uint8_t codec() const noexcept override { return 200; }

    std::vector<std::byte> encode(godwit::bytes records) override {
        std::vector<std::byte> out;
        for (std::size_t at = 0; at < records.size();) {
            std::size_t end = at + 1;
            while (end < records.size() && end - at < 255 && records[end] == records[at]) ++end;
            out.push_back(static_cast<std::byte>(end - at));
            out.push_back(records[at]);
            at = end;
        }
        if (out.size() >= records.size()) return {};  // it would only grow: leave it as it is
        counted_->bytes_in += records.size();
        counted_->bytes_out += out.size();
        return out;
    }

    // A peer may send anything: nothing is taken beyond what it said.
    godwit::result<std::vector<std::byte>> decode(godwit::bytes encoded, std::size_t size_bytes) override {
        const godwit::error malformed{godwit::errc::malformed, "run_length", "these bytes do not decode"};
        std::vector<std::byte> out;
        if (encoded.size() % 2 != 0 || size_bytes > encoded.size() / 2 * 255) return malformed;
        out.reserve(size_bytes);
        for (std::size_t at = 0; at < encoded.size(); at += 2) {
            const auto count = std::to_integer<std::size_t>(encoded[at]);
            if (count == 0 || count > size_bytes - out.size()) return malformed;
            out.insert(out.end(), count, encoded[at + 1]);
        }
        if (out.size() != size_bytes) return malformed;
        return out;
    }

    void outgoing(godwit::stream_id, godwit::offset_range, std::size_t, std::size_t) override { ++counted_->batches; }
    void settled(godwit::stream_id, godwit::offset, bool acked) override { counted_->acked += acked ? 1 : 0; }

private:
    const std::shared_ptr<totals> counted_;
};

// What users write. One value may be given to several sockets: each gets a layer of its own.
struct run_length {
    std::shared_ptr<totals> counted = std::make_shared<totals>();

    void install(godwit::assembly& into) const { into.add(std::make_shared<run_length_layer>(counted)); }
};

void run(const std::string& url) {
    godwit::context context;
    const run_length at_sender, at_receiver;
    godwit::push out{context, at_sender, godwit::ack_retry{}};  // in any order
    godwit::pull in{context, godwit::ack_retry{}, at_receiver};
    out.connect(in.bind(url).value()).value();
    for (int count = 0; count < 100; ++count) out.send("goal" + std::string(500, '!')).value();
    std::size_t whole = 0;
    for (int count = 0; count < 100; ++count) {
        auto message = in.recv().value();
        if (message.text() == "goal" + std::string(500, '!')) ++whole;
        message.ack();
    }
    out.flush().value();
    const totals& sent = *at_sender.counted;
    std::cout << whole << " messages came as they were\n"
              << at_receiver.counted->acked << " were acked\n"
              << (sent.bytes_out * 5 < sent.bytes_in ? "less than a fifth" : "too much") << " went over the wire\n"
              << (sent.batches > 0 ? "batches were counted\n" : "no batch was counted\n");
}

}  // namespace

int main(int argc, char** argv) try {
    run(argc > 1 ? argv[1] : "inproc://goals");
} catch (const std::exception& problem) {
    std::cerr << "custom_layer: " << problem.what() << '\n';
    return 1;
}
