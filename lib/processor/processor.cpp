#include "godwit/processor.hpp"

#include <chrono>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace godwit {

struct processor::parts {
    struct ends {
        ends(context& owner, const processor_options& options, transactions&& opened, transaction_output&& output)
            : state{std::move(opened)},
              to{std::move(output)},
              in{owner, options.link, state.inputs(), options.socket},
              out{owner, options.link, to, options.socket} {}
        transactions state;
        transaction_output to;
        pull in;
        push out;
    };
    std::size_t batch_max = 1;
    std::chrono::nanoseconds handler_max{};
    std::optional<ends> open;
    status why;  // not
};

namespace {

// One of a batch: its effects or, if it throws or comes too late, none.
status handle_one(transaction& t, delivery& input, const processor::handler& handle) {
    if (auto begun = t.savepoint(); !begun) return begun;
    try {
        handle(t, input);
    } catch (...) {
        input.nack();
        return t.roll_back();
    }
    auto consumed = t.consume(std::move(input));
    return consumed.failed(errc::expired) ? t.roll_back() : consumed;  // it comes again
}

// As many as come within a quarter of their handlers' time, and one in any case; for the others it begins anew. Returns how
// many.
result<std::size_t> handle_some(transactions& state, std::span<delivery> inputs, const processor::handler& handle,
                                std::chrono::nanoseconds handler_max) {
    using clock = std::chrono::steady_clock;
    auto t = state.begin();
    if (!t) return t.error();
    const auto enough = clock::now() + handler_max / 4;
    std::size_t done = 0;
    do {
        if (auto handled = handle_one(*t, inputs[done], handle); !handled) return handled.error();
    } while (++done < inputs.size() && clock::now() < enough);
    for (delivery& one : inputs.subspan(done)) one.extend(handler_max);
    if (auto committed = t->commit(); !committed && !committed.failed(errc::expired)) return committed.error();
    return done;
}

status check(const processor_options& options) {
    if (options.batch_max >= 1 && options.batch_max <= 100'000) return {};
    return error{errc::invalid_argument, "batch_max = " + std::to_string(options.batch_max), "1 to 100,000"};
}

}  // namespace

processor::processor(context& owner, journal& store, const processor_options& options)
    : parts_{std::make_unique<parts>()} {
    parts_->batch_max = options.batch_max;
    parts_->handler_max = options.link.handler_max;
    const auto open = [&]() -> status {
        if (auto fits = check(options); !fits) return fits;
        const auto own = store.stream(options.name);
        if (!own) return own.error();
        const auto sent = store.stream(options.name + ".out");
        if (!sent) return sent.error();
        auto state = transactions::open(*own, options.state);
        if (!state) return state.error();
        auto to = state->output(*sent);
        if (!to) return to.error();
        parts_->open.emplace(owner, options, std::move(*state), std::move(*to));
        return {};
    };
    parts_->why = open();
}

processor::processor(processor&&) noexcept = default;
processor& processor::operator=(processor&& other) noexcept {
    parts_.swap(other.parts_);
    return *this;
}
processor::~processor() {
    if (parts_ != nullptr) (void)close();
}

result<processor::parts*> processor::opened() const {
    if (!parts_->why) return parts_->why.error();
    return parts_.get();
}

status processor::from(std::string_view url) {
    const auto here = opened();
    return here ? (*here)->open->in.connect(url) : status{here.error()};
}

status processor::to(std::string_view url) {
    const auto here = opened();
    return here ? (*here)->open->out.connect(url) : status{here.error()};
}

result<std::string> processor::bind_from(std::string_view url) {
    const auto here = opened();
    return here ? (*here)->open->in.bind(url) : result<std::string>{here.error()};
}

result<std::string> processor::bind_to(std::string_view url) {
    const auto here = opened();
    return here ? (*here)->open->out.bind(url) : result<std::string>{here.error()};
}

const transaction_output& processor::output() const { return opened().value()->open->to; }
transactions& processor::state() const { return opened().value()->open->state; }
pull& processor::in() const { return opened().value()->open->in; }
push& processor::out() const { return opened().value()->open->out; }

status processor::run(const handler& handle, const std::stop_token& stop) {
    const auto here = opened();
    if (!here) return here.error();
    parts::ends& ends = *(*here)->open;
    std::vector<delivery> inputs((*here)->batch_max);
    while (!stop.stop_requested()) {
        const auto count = ends.in.recv_many(inputs, timeout::never, stop);
        if (count.failed(errc::cancelled)) break;
        if (!count) return count.error();
        for (std::size_t done = 0; done < *count;) {
            const auto some = handle_some(ends.state, {&inputs[done], *count - done}, handle, (*here)->handler_max);
            if (!some) return some.error();
            done += *some;
        }
    }
    return {};
}

// What is open ends with its sockets, which take its inputs back.
status processor::close() {
    const auto here = opened();
    if (!here) return here.error();
    parts::ends& ends = *(*here)->open;
    (void)ends.in.close();
    (void)ends.out.close();
    return ends.state.close();
}

}  // namespace godwit
