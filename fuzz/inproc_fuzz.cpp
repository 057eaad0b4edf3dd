// Two pushes and two pulls over inproc, driven by bytes: whatever is bound, connected, parted and closed in between, a
// message arrives whole, and once at most.
#include <array>
#include <optional>
#include <set>
#include <string>

#include "godwit/godwit.hpp"
#include "require.hpp"

namespace {

using none = std::chrono::milliseconds;

class world {
public:
    void step(input& from) {
        const auto what = from.byte();
        const auto who = (what >> 4) & 1u;
        const std::string name = (what & 32) != 0 ? "inproc://a" : "inproc://b";
        switch (what & 15) {
            case 0:
                (void)pulls_[who]->bind(name);
                break;
            case 1:
                (void)pushes_[who]->connect(name);
                break;
            case 2:
                (void)pushes_[who]->bind(name);
                break;
            case 3:
                (void)pulls_[who]->connect(name);
                break;
            case 4:
                (void)pulls_[who]->unbind(name);
                break;
            case 5:
                (void)pushes_[who]->disconnect(name);
                break;
            case 6:
                pushes_[who].emplace(ctx_, small);
                break;
            case 7:
                pulls_[who].emplace(ctx_, small);
                break;
            case 8:
                (void)pushes_[who]->close(none{0});
                break;
            case 9:
            case 10:
            case 11:
                send(who);
                break;
            default:
                receive(who);
        }
    }

    world() {
        for (unsigned who = 0; who < 2; ++who) {
            pushes_[who].emplace(ctx_, small);
            pulls_[who].emplace(ctx_, small);
        }
    }

private:
    inline static const godwit::socket_options small{
        .queue_messages_max = 4, .send_timeout = none{0}, .linger = none{0}};

    static std::string body_of(int number) {
        return std::to_string(number) + ":" + std::string(static_cast<std::size_t>(number % 80), '.');
    }
    void send(unsigned who) { (void)pushes_[who]->send(body_of(++last_)); }
    void receive(unsigned who) {
        const auto got = pulls_[who]->recv(none{0});
        if (!got) return;
        const int number = std::stoi(std::string{got->text()});
        require(number > 0 && number <= last_ && got->text() == body_of(number), "what was sent, whole");
        require(arrived_.insert(number).second, "once at most");
    }

    godwit::context ctx_;
    std::array<std::optional<godwit::push>, 2> pushes_;
    std::array<std::optional<godwit::pull>, 2> pulls_;
    std::set<int> arrived_;
    int last_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    input from{data, size < 200 ? size : 200};
    world all;
    while (!from.empty()) all.step(from);
    return 0;
}
