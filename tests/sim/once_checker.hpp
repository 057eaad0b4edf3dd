// once_checker: which memory has marked each record as handled. A record that is marked in two, or handed out where it was
// marked, is a breach, whatever the memories think of it themselves. Threads: one.
#pragma once
#include <map>
#include <string>
#include <utility>

#include "dedup/dedup_layer.hpp"

namespace godwit::detail {

class once_checker {
public:
    void passed(std::uint32_t memory, stream_id stream, offset at) {
        const auto found = marked_.find({stream, at});
        if (found != marked_.end()) fail("handed out though it was done", memory, found->second, at);
    }
    void acked(std::uint32_t memory, stream_id stream, offset_range what) {
        for (offset at = what.first; at <= what.last; ++at) {
            const auto [found, is_new] = marked_.try_emplace({stream, at}, memory);
            if (!is_new && found->second != memory) fail("completed twice", memory, found->second, at);
        }
    }
    std::string breach() const { return breach_; }
    std::uint64_t completed() const noexcept { return marked_.size(); }

private:
    void fail(std::string_view what, std::uint32_t memory, std::uint32_t before, offset at) {
        if (!breach_.empty()) return;
        breach_ = std::string{what} + ": offset " + std::to_string(at) + ", by memory " + std::to_string(memory) +
                  ", and by " + std::to_string(before) + " before";
    }

    std::map<std::pair<stream_id, offset>, std::uint32_t> marked_;
    std::string breach_;
};

// The layer of production, overheard.
class watched_dedup final : public layer {
public:
    watched_dedup(std::shared_ptr<dedup_memory> memory, std::uint32_t which, once_checker& by)
        : inner_{std::move(memory)}, which_{which}, by_{by} {}
    std::string_view name() const noexcept override { return inner_.name(); }
    layer_place place() const noexcept override { return inner_.place(); }
    status opened(layer_site&& site) override { return inner_.opened(std::move(site)); }
    memory_identity memory() const override { return inner_.memory(); }
    status met(const sender_greeting& said) override { return inner_.met(said); }
    void floor_moved(stream_id stream, offset to) override { inner_.floor_moved(stream, to); }
    bool passes_whole(stream_id stream, offset_range what, std::uint32_t records) override {
        if (!inner_.passes_whole(stream, what, records)) return false;
        for (offset at = what.first; at <= what.last; ++at) by_.passed(which_, stream, at);
        return true;
    }
    void incoming(std::span<offered_record> records) override {
        inner_.incoming(records);
        for (const offered_record& one : records) {
            if (one.what == offered_record::verdict::pass) by_.passed(which_, one.stream, one.at);
        }
    }
    // What its protocol says at its end a killed process does not say.
    void is_killed() noexcept { killed_ = true; }
    std::uint64_t settling(std::span<const handled_range> what) override {
        if (killed_) return 0;
        for (const handled_range& one : what) by_.acked(which_, one.stream, one.what);
        return inner_.settling(what);
    }
    std::uint64_t kept() const noexcept override { return inner_.kept(); }
    void let_go(stream_id stream, offset_range what) noexcept override { inner_.let_go(stream, what); }
    status health() const override { return inner_.health(); }

private:
    dedup_layer inner_;
    const std::uint32_t which_;
    once_checker& by_;
    bool killed_ = false;
};

}  // namespace godwit::detail
