#include "core/zmq_authenticator.hpp"

#include <algorithm>
#include <string_view>

#include "core/zmq_one_frame.hpp"

namespace godwit::detail {

namespace {

constexpr const char* zap_endpoint = "inproc://zeromq.zap.01";

bool receive_all(void* socket, std::vector<std::string>& frames) {
    frames.clear();
    bool more = true;
    while (more) {
        zmq_msg_t frame;
        if (receive_frame(socket, frame) < 0) return false;
        frames.emplace_back(static_cast<const char*>(zmq_msg_data(&frame)), zmq_msg_size(&frame));
        more = zmq_msg_more(&frame) != 0;
        zmq_msg_close(&frame);
    }
    return true;
}

// On the callback thread. Whatever goes wrong is a refusal.
admissions::answer judged_by(const access_list::judge& whom, const applicant& who, access_list::state& list,
                             std::uint64_t token) {
    try {
        const auto may = whom(who);
        if (!may) return {token, 0, "the judge refused it"};
        if (!check_rights(*may)) return {token, 0, "the judge gave it too many rights"};
        const std::uint32_t number = list.number_of(*may);
        return {token, number, number == 0 ? "the judge has given too many different rights" : ""};
    } catch (...) {
        return {token, 0, "the judge threw an exception"};
    }
}

}  // namespace

result<zmq_authenticator> zmq_authenticator::open(void* zmq_context) {
    zmq_handle socket{zmq_socket(zmq_context, ZMQ_ROUTER)};
    if (!socket) return zmq_error(zap_endpoint, "cannot open");
    socket.set(ZMQ_LINGER, 0);
    socket.set(ZMQ_RCVHWM, 0);
    socket.set(ZMQ_SNDHWM, 0);
    if (socket.bind(zap_endpoint) != 0) return zmq_error(zap_endpoint, "cannot bind");
    const int descriptor = socket.get_int(ZMQ_FD);
    return zmq_authenticator{std::move(socket), descriptor};
}

void zmq_authenticator::answer_all(clock::time_point now, const preparation& before) {
    std::vector<std::string> frames;
    while (receive_all(socket_.get(), frames)) take(frames, now, before);
}

// Frames: the route, an empty one, the request.
void zmq_authenticator::take(const std::vector<std::string>& frames, clock::time_point now, const preparation& before) {
    constexpr std::size_t id = 3;
    if (frames.size() <= id || !frames[1].empty()) return;
    const auto request = parse_zap_request(std::span{frames}.subspan(2));
    auto where = request ? doors_->find(request->domain) : admissions::entry{};
    if (where.who == nullptr) return reply(frames[0], frames[id], {gate::verdict::refused, {}});
    before(*where.who);
    auto ruled = where.who->rule(*request, where.at);
    if (ruled.what != gate::verdict::asked) return reply(frames[0], request->id, ruled);
    // A little before libzmq ends the link for it, so that both sides are told the same.
    const auto patience = where.who->patience();
    const auto deadline = now + patience - std::min<clock::duration>(patience / 8, std::chrono::milliseconds{250});
    ask({frames[0], std::string{request->id}, std::move(ruled.who), std::move(where), deadline}, std::move(ruled.whom));
}

void zmq_authenticator::ask(asked&& one, access_list::judge whom) {
    const std::uint64_t token = ++last_token_;
    const auto& desk = *one.where.who;
    const bool posted = asked_.size() < judged_at_once_max && desk.callbacks() != nullptr &&
                        desk.callbacks()->post([whom = std::move(whom), who = one.who, list = desk.list(), token,
                                                doors = doors_] { doors->push(judged_by(whom, who, *list, token)); });
    if (posted) {
        asked_.emplace(token, std::move(one));
        return;
    }
    one.where.who->refuse(one.who, one.where.at, "too many are waiting for the judge");
    reply(one.route, one.id, {gate::verdict::refused, {}});
}

void zmq_authenticator::settle(const admissions::answer& late) {
    const auto found = asked_.find(late.token);
    if (found == asked_.end()) return;
    const asked one = std::move(found->second);
    asked_.erase(found);
    gate::ruling ruled{gate::verdict::refused, {}};
    if (late.judged == 0) {
        one.where.who->refuse(one.who, one.where.at, late.reason);
    } else {
        ruled = one.where.who->settle(one.who, late.judged, one.where.at);
    }
    reply(one.route, one.id, ruled);
}

zmq_authenticator::clock::time_point zmq_authenticator::step(clock::time_point now, const preparation& before) {
    const auto answers = doors_->take();
    for (const auto& late : answers) settle(late);
    std::vector<std::uint64_t> overdue;
    for (const auto& [token, one] : asked_) {
        if (one.deadline <= now) overdue.push_back(token);
    }
    for (const auto token : overdue) settle({token, 0, "the judge did not answer in time"});
    // A reply may have taken the signal of a request.
    if (!answers.empty() || !overdue.empty()) answer_all(now, before);
    auto next = clock::time_point::max();
    for (const auto& [token, one] : asked_) next = std::min(next, one.deadline);
    return next;
}

// Never 300: libzmq would leave the link hanging.
void zmq_authenticator::reply(const std::string& route, std::string_view id, const gate::ruling& ruled) {
    const bool admitted = ruled.what == gate::verdict::admitted;
    const std::string_view frames[] = {
        route, "", "1.0", id, admitted ? "200" : "400", admitted ? "OK" : "refused", ruled.user_id, ""};
    constexpr std::size_t last = std::size(frames) - 1;
    for (std::size_t i = 0; i <= last; ++i) {
        zmq_send(socket_.get(), frames[i].data(), frames[i].size(), ZMQ_DONTWAIT | (i < last ? ZMQ_SNDMORE : 0));
    }
}

}  // namespace godwit::detail
