// pub_sub_checker: what each subscriber got of each publisher's stream, against what was published. Threads: one.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "godwit/stream.hpp"

namespace godwit::detail {

class pub_sub_checker {
public:
    // from_first: nothing is ever dropped, so that each gets all from the first record on.
    pub_sub_checker(std::size_t subscribers, bool from_first) : from_first_{from_first}, readers_(subscribers) {}

    bool ok() const noexcept { return breach_.empty(); }
    const std::string& breach() const noexcept { return breach_; }
    void fail(std::string what) {
        if (breach_.empty()) breach_ = std::move(what);
    }

    void published(std::uint64_t publication, offset at, std::uint32_t topic);
    void stream_is(std::uint64_t publication, stream_id stream) { publications_[stream] = publication; }
    // A subscriber's. `wants`: its topics, as bits.
    void begins(std::size_t subscriber, std::uint64_t wants) { readers_[subscriber] = {wants, {}}; }
    void got(std::size_t subscriber, stream_id stream, offset at, std::uint64_t publication);
    void gap(std::size_t subscriber, offset_range what);  // there is one publisher
    // All that it wants has come, or was told as a gap, up to the last that was published of that publication.
    bool complete(std::size_t subscriber, std::uint64_t publication) const;
    std::string words(std::size_t subscriber, std::uint64_t publication) const;

    std::uint64_t messages = 0, deliveries = 0, gaps = 0;

private:
    struct reader {
        std::uint64_t wants = 0;
        std::map<std::uint64_t, offset> next;  // by publication: all below has come, or was told
    };
    // The first that it wants at `from` or above; offset_max: none was published.
    offset first_wanted(const reader& of, std::uint64_t publication, offset from) const;

    std::map<std::uint64_t, std::map<offset, std::uint32_t>> topics_;  // by publication, which is one incarnation's
    std::map<stream_id, std::uint64_t> publications_;
    const bool from_first_;
    std::vector<reader> readers_;
    std::string breach_;
};

}  // namespace godwit::detail
