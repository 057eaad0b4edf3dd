// The honest user of a victim_peer: asks and pushes in turn, and hears its ticks. It measures each round trip.
#include <algorithm>
#include <memory>
#include <mutex>
#include <thread>

#include "godwit/godwit.hpp"
#include "system/script.hpp"

namespace {

using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;
using script::words;

godwit::context ctx;

class member {
public:
    member(std::string name, const godwit::socket_options& options, const std::string& rep, const std::string& pull,
           const std::string& pub)
        : name_{std::move(name)}, req_{ctx, options}, push_{ctx, options}, sub_{ctx, options} {
        req_.connect(rep).value();
        push_.connect(pull).value();
        sub_.subscribe("ticks").value();
        sub_.connect(pub).value();
        req_.wait_for_peers(1, 20s).value();
        push_.wait_for_peers(1, 20s).value();
        hear().value();
    }

    void begin(std::chrono::microseconds pause) {
        speaker_ = std::jthread{[this, pause](const std::stop_token& stop) {
            for (; !stop.stop_requested(); std::this_thread::sleep_for(pause)) speak();
        }};
        hearer_ = std::jthread{[this](const std::stop_token& stop) {
            while (!stop.stop_requested()) (void)hear();
        }};
    }

    // Pushes as fast as it may, or so many a second.
    void flood(std::size_t bytes, std::uint64_t a_second) {
        speaker_ = std::jthread{[this, bytes, a_second](const std::stop_token& stop) {
            const auto began = clock_type::now();
            for (std::uint64_t sent = 0; !stop.stop_requested(); ++sent) {
                std::string body = "regular " + name_ + " " + std::to_string(pushed_);
                body.resize(std::max(bytes, body.size()), ' ');
                if (push_.send(body)) ++pushed_;
                if (a_second != 0 && sent % 100 == 0)
                    std::this_thread::sleep_until(began + std::chrono::nanoseconds{sent * 1'000'000'000 / a_second});
            }
        }};
    }

    // NAME:COUNT:P50:P99:MAX, in microseconds, of the round trips since the last call.
    std::string window() {
        std::vector<double> times;
        {
            const std::lock_guard hold{lock_};
            times.swap(times_);
        }
        std::sort(times.begin(), times.end());
        const auto at = [&](double part) {
            if (times.empty()) return std::string{"0"};
            const auto index = static_cast<std::size_t>(part * static_cast<double>(times.size()));
            return std::to_string(times[std::min(index, times.size() - 1)]);
        };
        return name_ + ":" + std::to_string(times.size()) + ":" + at(0.5) + ":" + at(0.99) + ":" + at(1);
    }

    // NAME:ASKED:ANSWERED:PUSHED:TICKS:TICKS_MISSED
    std::string end() {
        for (auto* each : {&speaker_, &hearer_}) {
            if (!each->joinable()) continue;
            each->request_stop();
            each->join();
        }
        const auto closed = push_.close(20s);
        return name_ + ":" + std::to_string(asked_) + ":" + std::to_string(answered_) + ":" +
               std::to_string(closed ? pushed_ : 0) + ":" + std::to_string(ticks_) + ":" + std::to_string(missed_);
    }

private:
    void speak() {
        const auto body = "regular " + name_ + " " + std::to_string(asked_++);
        const auto began = clock_type::now();
        const auto reply = req_.request(body, 10s);
        const std::chrono::duration<double, std::micro> took = clock_type::now() - began;
        if (reply && reply->text() == body) ++answered_;
        {
            const std::lock_guard hold{lock_};
            times_.push_back(took.count());
        }
        if (push_.send("regular " + name_ + " " + std::to_string(pushed_))) ++pushed_;
    }

    godwit::status hear() {
        const auto tick = sub_.recv(ticks_ == 0 ? 20s : 100ms);
        if (!tick) return tick.error();
        const std::uint64_t number = script::number(std::string{tick->text()});
        if (ticks_++ > 0) missed_ += number - next_;
        next_ = number + 1;
        return {};
    }

    const std::string name_;
    godwit::req req_;
    godwit::push push_;
    godwit::sub sub_;
    std::uint64_t asked_ = 0, answered_ = 0, pushed_ = 0;  // the speaker's, until it ends
    std::uint64_t ticks_ = 0, missed_ = 0, next_ = 0;      // the hearer's
    std::mutex lock_;
    std::vector<double> times_;  // guarded by lock_
    std::jthread speaker_, hearer_;
};

std::vector<std::unique_ptr<member>> members;

template <class Each>
std::string of_all(Each&& each) {
    std::string text = "ok";
    for (auto& one : members) text += " " + each(*one);
    return text;
}

// join NAME REP PULL PUB [KEY_FILE SERVER_KEY]
std::string join(const words& w) {
    godwit::socket_options options{};
    if (w.size() > 4) {
        options.keys = godwit::key_pair::load(w.at(4)).value();
        options.server_key = godwit::public_key::parse(script::unhex(w.at(5))).value();
    }
    members.push_back(std::make_unique<member>(w.at(0), options, w.at(1), w.at(2), w.at(3)));
    return "ok";
}

std::string begin(const words& w) {  // PAUSE, in microseconds
    for (auto& one : members) one->begin(std::chrono::microseconds{script::number(w.at(0))});
    return "ok";
}

std::string flood(const words& w) {  // BYTES A_SECOND
    for (auto& one : members) one->flood(script::number(w.at(0)), script::number(w.at(1)));
    return "ok";
}

const script::commands known{
    {"join", join},
    {"begin", begin},
    {"flood", flood},
    {"window", [](const words&) { return of_all([](member& one) { return one.window(); }); }},
    {"end", [](const words&) { return of_all([](member& one) { return one.end(); }); }},
};

}  // namespace

int main() {
    const int status = script::run(known);
    members.clear();
    return status;
}
