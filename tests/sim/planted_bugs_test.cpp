// The checker is checked: each of these defects, put between the world and the protocols, has to be noticed.
#include <deque>
#include <map>

#include "ack_retry/link_frames.hpp"
#include "base/held_batch.hpp"
#include "sim/passing_protocol.hpp"
#include "sim/push_pull_run.hpp"
#include "test_main.hpp"

using namespace godwit;
using namespace godwit::detail;

namespace {

// Without what might hide a defect behind another reason.
push_pull_options variant(std::uint64_t seed) {
    push_pull_options out = push_pull_options::expand(seed);
    out.faults = 0;
    out.misbehaving = seed % 2 == 0 ? 10 : 0;
    out.delayed = out.expiring = 0;
    return out;
}

// The first seeds' breaches, until one has these words.
bool is_caught(const planted_bug& bug, std::string_view words) {
    std::string others;
    for (std::uint64_t seed = 1; seed != 40; ++seed) {
        const std::string breach = run_push_pull(variant(seed), bug).breach;
        if (breach.find(words) != std::string::npos) return true;
        if (!breach.empty()) others += breach + "\n";
    }
    UNSCOPED_INFO("instead: " << others);
    return false;
}

template <class Bug>
planted_bug in_pull() {
    planted_bug out;
    out.wrap = [](std::unique_ptr<delivery_protocol> whole, pattern own) -> std::unique_ptr<delivery_protocol> {
        if (own != pattern::pull) return whole;
        return std::make_unique<Bug>(std::move(whole));
    };
    return out;
}

struct drops_an_ack : passing_protocol {
    using passing_protocol::passing_protocol;
    int acks = 0;
    void settle(const settlement& what) noexcept override {
        settlement other = what;
        if (what.what == verdict::ack && ++acks % 20 == 0) other.what = verdict::nack;
        to_->settle(other);
    }
};

struct acks_what_nobody_had : passing_protocol {
    using passing_protocol::passing_protocol;
    int deliveries = 0;
    tried recv(delivery& out, status& why) override {
        tried came = to_->recv(out, why);
        while (came == tried::done && ++deliveries % 20 == 0) {
            held_batch* const held = delivery_access::take(out);
            to_->settle({held, out.at(), out.attempt(), verdict::ack});
            came = to_->recv(out, why);
        }
        return came;
    }
};

struct swaps_two : passing_protocol {
    using passing_protocol::passing_protocol;
    std::deque<delivery> kept;
    tried recv(delivery& out, status& why) override {
        delivery first, second;
        if (!kept.empty()) {
            out = std::move(kept.front());
            kept.pop_front();
            return tried::done;
        }
        if (to_->recv(first, why) != tried::done) return tried::would_block;
        if (to_->recv(second, why) == tried::done) {
            kept.push_back(std::move(first));
            out = std::move(second);
        } else {
            out = std::move(first);
        }
        return tried::done;
    }
};

// Shows the application another attempt; the protocol's own count is left as it is.
struct lies_about_attempts : passing_protocol {
    using passing_protocol::passing_protocol;
    void settle(const settlement& what) noexcept override {
        settlement honest = what;
        honest.attempt = what.batch->attempt;
        to_->settle(honest);
    }
};

struct hands_out_an_older_attempt : lies_about_attempts {
    using lies_about_attempts::lies_about_attempts;
    tried recv(delivery& out, status& why) override {
        const tried came = to_->recv(out, why);
        if (came == tried::done && out.attempt() > 1) {
            const std::uint32_t older = out.attempt() - 1;
            const offset at = out.at();
            held_batch* const held = delivery_access::take(out);
            message content = std::move(out).message();
            delivery_access::fill(out, std::move(content), held, at, older);
        }
        return came;
    }
};

struct counts_attempts_wrong : lies_about_attempts {
    using lies_about_attempts::lies_about_attempts;
    tried recv(delivery& out, status& why) override {
        const tried came = to_->recv(out, why);
        if (came == tried::done) {
            const std::uint32_t later = out.attempt() + 1;
            const offset at = out.at();
            held_batch* const held = delivery_access::take(out);
            message content = std::move(out).message();
            delivery_access::fill(out, std::move(content), held, at, later);
        }
        return came;
    }
};

// A sender that forgets to tell what became of its records.
struct keeps_outcomes : passing_protocol {
    using passing_protocol::passing_protocol;
    int told = 0;
    std::vector<settled_record> take_settled(std::size_t at_most) override {
        auto out = to_->take_settled(at_most);
        if (!out.empty() && ++told == 10) out.pop_back();
        return out;
    }
};

}  // namespace

TEST_CASE("an ack that is dropped for good is caught") {
    CHECK(is_caught(in_pull<drops_an_ack>(), "handed out again without any link having been lost"));
}

TEST_CASE("an ack of what no handler had is caught") {
    CHECK(is_caught(in_pull<acks_what_nobody_had>(), "lost: settled as processed"));
}

TEST_CASE("two deliveries in the wrong order are caught") { CHECK(is_caught(in_pull<swaps_two>(), "order on a link")); }

TEST_CASE("an older attempt that is handed out is caught") {
    CHECK(is_caught(in_pull<hands_out_an_older_attempt>(), "handed out again without"));
}

TEST_CASE("an attempt that was never sent is caught") {
    CHECK(is_caught(in_pull<counts_attempts_wrong>(), "an attempt that was never sent"));
}

TEST_CASE("an outcome that is never told is caught") {
    planted_bug bug;
    bug.wrap = [](std::unique_ptr<delivery_protocol> whole, pattern own) -> std::unique_ptr<delivery_protocol> {
        if (own != pattern::push) return whole;
        return std::make_unique<keeps_outcomes>(std::move(whole));
    };
    CHECK(is_caught(bug, "its outcome never told"));
}

TEST_CASE("without a planted bug, the same seeds have no breach") {
    for (std::uint64_t seed = 1; seed != 40; ++seed) {
        const run_result one = run_push_pull(variant(seed));
        INFO(one.options);
        CHECK(one.breach == "");
    }
}

// A transport that loses a frame untold breaks its own promise: a link that sends more sees it by its numbers, the last
// frame of all is never missed.
TEST_CASE("a frame that is lost untold is caught") {
    std::uint64_t frames = 0;
    planted_bug bug;
    bug.on_arrival = [&frames](const seen_frame& frame) { return frame.body == nullptr || ++frames % 50 != 0; };
    CHECK(is_caught(bug, "stuck"));
}
