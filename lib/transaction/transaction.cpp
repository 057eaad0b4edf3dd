#include "godwit/transaction.hpp"

#include "base/assembly.hpp"
#include "transaction/transaction_layer.hpp"

namespace godwit {

namespace {

status within(std::string_view name, std::uint64_t value, std::uint64_t least, std::uint64_t most) {
    if (value >= least && value <= most) return {};
    return error{errc::invalid_argument, std::string{name} + " = " + std::to_string(value),
                 std::to_string(least) + " to " + std::to_string(most)};
}

status check(const transaction_options& options) {
    if (auto fits = within("state_bytes_max", options.state_bytes_max, 64u << 10, 512u << 20); !fits) return fits;
    if (auto fits = within("transaction_bytes_max", options.transaction_bytes_max, 64u << 10, 256u << 20); !fits)
        return fits;
    return within("producers_max", options.producers_max, 1, 10'000'000);
}

// Of a module that keeps records, its log. Nobody else has it then: who fails to open it waits, by letting go of it, for
// those of its threads that tell.
result<std::shared_ptr<detail::record_log>> log_of(assembly& made) {
    detail::assembly_parts& parts = detail::assembly_access::parts(made);
    if (!parts.fits) return parts.fits.error();
    return std::move(parts.log);
}

}  // namespace

void transaction_inputs::install(assembly& into) const { into.add(std::make_shared<detail::transaction_layer>(of_)); }

void transaction_output::install(assembly& into) const {
    if (!of_->take_for_a_socket())
        return into.refuse({errc::locked, to_string(stream()), "an output has one sender: another socket has it"});
    into.keep_in("transaction", of_);
}

stream_id transaction_output::stream() const { return of_->stream(); }

result<transactions> transactions::open(assembly&& stream, const transaction_options& options) {
    if (auto fits = check(options); !fits) return fits.error();
    auto log = log_of(stream);
    if (!log) return log.error();
    auto opened = detail::transaction_core::open(std::move(*log), options);
    if (!opened) return opened.error();
    return transactions{std::move(*opened)};
}

result<transaction_output> transactions::output(assembly&& stream) const {
    auto log = log_of(stream);
    if (!log) return log.error();
    auto made = core_->add_output(std::move(*log));
    if (!made) return made.error();
    return transaction_output{std::move(*made)};
}

transactions::transactions(std::shared_ptr<detail::transaction_core> opened) noexcept : core_{std::move(opened)} {}
transactions::transactions(const transactions&) noexcept = default;
transactions::transactions(transactions&&) noexcept = default;
transactions& transactions::operator=(const transactions&) noexcept = default;
transactions& transactions::operator=(transactions&&) noexcept = default;
transactions::~transactions() = default;

transaction_inputs transactions::inputs() const { return transaction_inputs{core_}; }
state_view transactions::view() const { return core_->view(); }
transaction_stats transactions::stats() const { return core_->stats(); }
status transactions::health() const { return core_->health(); }
status transactions::close(timeout limit) { return core_->close(limit); }

result<transaction> transactions::begin(timeout limit) {
    auto hold = std::make_shared<detail::transaction_hold>(core_);
    const auto step = core_->begin(limit);
    if (!step) return step.error();
    hold->step = *step;
    return transaction{std::move(hold)};
}

status transaction::consume(delivery&& input) { return of_->core->consume(of_->step, std::move(input)); }
state_view transaction::view() const { return of_->core->view_of(of_->step); }

std::optional<std::string> transaction::get(std::string_view key) const {
    const state_view now = view();
    const auto found = now.get(key);
    return found ? std::optional<std::string>{*found} : std::nullopt;
}

status transaction::put(std::string_view key, std::string_view value) { return of_->core->put(of_->step, key, value); }
status transaction::erase(std::string_view key) { return of_->core->erase(of_->step, key); }
status transaction::send(const transaction_output& to, const message& what) {
    return of_->core->send(of_->step, to.of_, what);
}
status transaction::savepoint() { return of_->core->savepoint(of_->step); }
status transaction::roll_back() { return of_->core->roll_back(of_->step); }
status transaction::commit(timeout limit) { return of_->core->commit(of_->step, limit); }
void transaction::abort(std::chrono::nanoseconds delay) noexcept { of_->core->abort(of_->step, delay); }
std::uint64_t transaction::step() const noexcept { return of_->step; }
std::uint64_t transaction::inputs() const { return of_->core->inputs_of(of_->step); }

}  // namespace godwit
