#include "godwit/processor.hpp"

#include <optional>
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
    std::optional<ends> open;
    status why;  // not
};

namespace {

// One of a batch: its effects or, if it throws, none.
status handle_one(transaction& t, delivery& input, const processor::handler& handle) {
    if (auto begun = t.savepoint(); !begun) return begun;
    try {
        handle(t, input);
    } catch (...) {
        input.nack();
        return t.roll_back();
    }
    return t.consume(std::move(input));
}

status handle_batch(transactions& state, std::span<delivery> inputs, const processor::handler& handle) {
    auto t = state.begin();
    if (!t) return t.error();
    for (delivery& one : inputs) {
        if (auto handled = handle_one(*t, one, handle); !handled) return handled;
    }
    auto committed = t->commit();
    return committed.failed(errc::expired) ? status{} : committed;  // they come again
}

status check(const processor_options& options) {
    if (options.batch_max >= 1 && options.batch_max <= 100'000) return {};
    return error{errc::invalid_argument, "batch_max = " + std::to_string(options.batch_max), "1 to 100,000"};
}

}  // namespace

processor::processor(context& owner, journal& store, const processor_options& options)
    : parts_{std::make_unique<parts>()} {
    parts_->batch_max = options.batch_max;
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
        if (auto handled = handle_batch(ends.state, {inputs.data(), *count}, handle); !handled) return handled;
    }
    return {};
}

// What is open ends before its sockets do: its inputs are given back while somebody listens.
status processor::close() {
    const auto here = opened();
    if (!here) return here.error();
    parts::ends& ends = *(*here)->open;
    (void)ends.in.close();
    (void)ends.out.close();
    return ends.state.close();
}

}  // namespace godwit
