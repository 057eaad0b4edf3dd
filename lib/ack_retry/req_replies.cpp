// req: servers that come and go, and what they answer.
#include <string>

#include "ack_retry/req_protocol.hpp"

namespace godwit::detail {

namespace {

constexpr auto say_within = std::chrono::milliseconds{10};

}  // namespace

void req_protocol::joined(link_number link, const hello& theirs, link_number resumed) {
    receipts_.joined(link, resumed);
    half_->joined(link, theirs, resumed);
    collect();
}

void req_protocol::left(link_number link, link_end why) {
    half_->left(link, why);
    if (why != link_end::lost) receipts_.gone(link);
    collect();
}

void req_protocol::took(link_number link, ack_frame&& acks) {
    if (auto* const known = receipts_.find(link)) known->handed = std::max(known->handed, acks.handed);
    half_->took(link, acks);
    collect();
    // It may be waiting for our word that we know what it is to hand out.
    half_->is_sent_to(link) ? static_cast<void>(say(link)) : say_soon();
}

void req_protocol::took(link_number link, const reply_frame& envelope, batch_ref&& batch) {
    auto* const known = receipts_.find(link);
    if (known != nullptr) known->received = envelope.number;
    if (batch.view.stream() != half_->stream() || batch.view.codec() != 0) {
        late_ += batch.view.count();
    } else {
        held_batch* const held = hold(std::move(batch));
        const std::uint32_t records = held->batch.view.count();
        add_references(*held, records);
        const std::uint32_t taken = answer(link, *held, envelope.failed);
        release_references(held, 1 + records - taken);
    }
    collect();
    if (known != nullptr && known->received - known->received_said >= reply_receipts::unsaid_max) {
        say(link);
    } else {
        say_soon();
    }
}

// How many of its records are replies now, each with a reference of the batch.
std::uint32_t req_protocol::answer(link_number link, held_batch& held, bool failed) {
    const batch_view& view = held.batch.view;
    record_view record;
    runs_.clear();
    accepted_.clear();
    for (auto position = view.begin_position(); view.next(position, record);) {
        if (!runs_.empty() && runs_.back().last + 1 == record.at) {
            runs_.back().last = record.at;
        } else {
            runs_.push_back({record.at, record.at});
        }
    }
    half_->answered(link, runs_, accepted_);
    std::uint32_t taken = 0;
    auto range = accepted_.begin();
    auto position = view.begin_position();
    for (auto here = position; view.next(position, record); here = position) {
        while (range != accepted_.end() && range->last < record.at) ++range;
        const bool is_accepted = range != accepted_.end() && range->first <= record.at;
        asked_request* const request = requests_.find(record.at);
        if (request == nullptr || request->now != state::waiting || !(is_accepted || answer_late(link, record.at))) {
            ++late_;
            continue;
        }
        if (failed) {
            tell_end(record.at, *request, errc::refused, as_text(record.body), "the server's handler has failed");
            continue;
        }
        if (request->deadline != never) deadlines_.remove(request->deadline, record.at);
        request->now = state::answered;
        requests_.decided();
        request->reply = &held;
        request->position = here;
        ++taken;
        news_ = true;
    }
    return taken;
}

// It was that server's before, and is to be repeated, or is being: the first reply is the reply.
bool req_protocol::answer_late(link_number link, offset at) {
    const auto* const from = receipts_.find(link);
    const asked_request* const request = requests_.find(at);
    if (from == nullptr || request->formerly == 0 || request->formerly != from->first_session) return false;
    cancel(half_->end(at, outcome::processed), at);
    return true;
}

bool req_protocol::may_repeat(offset at, link_number by) {
    asked_request* const request = requests_.find(at);
    if (request == nullptr || request->now != state::waiting || !request->idempotent) return false;
    request->doubtful = true;
    const auto* const from = receipts_.find(by);
    request->formerly = from == nullptr ? 0 : from->first_session;
    return true;
}

link_set::carried req_protocol::send(link_number to, std::uint32_t attempt, offset floor, const batch_ref& batch) {
    say(to);  // else it might wait for us with these
    return send_encoded(to, attempt, floor, batch);
}

// Not while the link is busy: what it agrees to must not overtake a cancel.
bool req_protocol::say(link_number link) {
    const bool said = receipts_.say(link, [this](link_number to, const link_content& what) { return post(to, what); });
    said_all_ &= said;
    return said;
}

void req_protocol::say_all() {
    said_all_ = receipts_.say_all([this](link_number to, const link_content& what) { return post(to, what); });
}

bool req_protocol::post(link_number to, const link_content& what) {
    return !links().busy(to) && links().send(to, what) == link_set::carried::done;
}

void req_protocol::say_soon() {
    const steady_time soon = world().time.now() + say_within;
    if (called_at_ <= soon) return;
    called_at_ = soon;
    world().port.ring();
}

void req_protocol::has_room() {
    if (!said_all_) say_all();
    half_->may_write();
    collect();
}

}  // namespace godwit::detail
