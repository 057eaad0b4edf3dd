// transaction: exactly once. What was consumed, changes of a small state and what is sent are one entry of a journal: all of
// it happens, or none, whatever crashes whenever. Readers never see half of it.
//     auto store = godwit::journal::open("bank.journal");
//     auto bank = godwit::transactions::open(store->stream("accounts").value());
//     auto replies = bank->output(store->stream("replies").value());
//     godwit::pull in{ctx, godwit::ack_retry{}, bank->inputs()};
//     godwit::push out{ctx, godwit::ack_retry{}, *replies};
//     auto t = bank->begin();
//     ...   t->consume(in.recv().value());   t->put("alice", "10");   t->send(*replies, "done");   t->commit();
// It acts through the transaction alone: other effects (mail, another database) may be repeated after a crash; (stream,
// offset) of the delivery is their key. The state is held in memory: meant for up to a million keys and 256 MiB, each key about
// 200 bytes on top of key and value. For the loop around it: godwit/processor.hpp.
// Format: docs/transaction_format.md. Promises: docs/guarantees.md. Threads: every call from any thread; one transaction
// at a time.
#pragma once
#include <chrono>
#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "godwit/assembly.hpp"
#include "godwit/codec.hpp"
#include "godwit/delivery.hpp"
#include "godwit/export.hpp"
#include "godwit/message.hpp"
#include "godwit/result.hpp"
#include "godwit/state_view.hpp"
#include "godwit/stream.hpp"
#include "godwit/timeout.hpp"

namespace godwit {

namespace detail {
class output_log;
class transaction_core;
class transaction_hold;
}  // namespace detail

struct transaction_options {
    // Of keys and values, and 9 for each key; 64 KiB to 512 MiB. At most a quarter of the journal's bytes_max is used. Then
    // put() fails with `full`.
    std::uint64_t state_bytes_max = 256u << 20;
    // Of what one transaction puts and sends, 64 KiB to 256 MiB. Then put() and send() fail with `too_large`.
    std::uint64_t transaction_bytes_max = 64u << 20;
    // Senders' streams that are remembered, 1 to 10,000,000: see dedup_options.
    std::uint32_t producers_max = 100'000;
};

struct transaction_stats {
    std::uint64_t committed = 0;   // transactions, since the state was opened
    std::uint64_t aborted = 0;     //
    std::uint64_t pictures = 0;    // of the state, written in place of its changes
    std::uint64_t in_hand = 0;     // inputs now
    std::uint64_t duplicates = 0;  // inputs that had been consumed: acked again, and not handed out
    std::uint64_t too_old = 0;     // inputs refused: their sender had said that they are settled
    std::uint64_t conflicts = 0;   // senders refused: a journal that was copied, or set back
    std::uint64_t fenced = 0;      // senders refused, and calls for a transaction that had ended
};

// A module for a pull: what it hands out can be consumed by a transaction. Such a delivery that is acked by itself is
// consumed without effect; nacked, or unsettled, it comes again.
class GODWIT_EXPORT transaction_inputs {
public:
    // Of another socket bind and connect fail with `unsupported`, and without ack_retry with `invalid_argument`.
    void install(assembly& into) const;

private:
    friend class transactions;
    explicit transaction_inputs(std::shared_ptr<detail::transaction_core> of) noexcept : of_{std::move(of)} {}
    std::shared_ptr<detail::transaction_core> of_;
};

// A module for a push: it sends what transactions send here, once it is committed. The push's own send() is `unsupported`.
class GODWIT_EXPORT transaction_output {
public:
    void install(assembly& into) const;  // of one push; of a second bind and connect fail with `locked`
    stream_id stream() const;

private:
    friend class transactions;
    friend class transaction;
    explicit transaction_output(std::shared_ptr<detail::output_log> of) noexcept : of_{std::move(of)} {}
    std::shared_ptr<detail::output_log> of_;
};

// A handle; copies are of the same transaction. When the last is gone, it is aborted. Each transaction has a step of its own:
// every call for one that has ended is `fenced`, and has no effect on the one that is open now. One that has
// failed for another reason is open still.
class GODWIT_EXPORT transaction {
public:
    // Ends with it: acked when it is committed, else nacked. Fails with `invalid_argument` (of another pull, or settled),
    // `expired` (its handler's time has run out: it comes again; also if it is another pull's, from a sender that is known
    // here), `fenced`: it is given back unchanged.
    status consume(delivery&& input);

    // As this transaction has it. A copy; nothing: there is no such key.
    std::optional<std::string> get(std::string_view key) const;
    // Fails with `not_found`, `malformed`.
    template <encodable T>
    result<T> get(std::string_view key) const {
        const auto found = get(key);
        if (!found) return error{errc::not_found, key};
        return codec<T>::decode(as_bytes(*found));
    }
    state_view view() const;  // the state with what it has changed so far; of one that has ended, empty
    // Keys of up to 65,535 bytes, values of up to 16 MiB. Fails with `too_large`, `full`, `fenced`.
    status put(std::string_view key, std::string_view value);
    template <encodable T>
    requires(!std::convertible_to<T, std::string_view>) status put(std::string_view key, const T& value) {
        return put(key, std::string_view{codec<T>::encode(value)});
    }
    status erase(std::string_view key);  // ok, too, where there is none. Fails with `fenced`

    // Goes out when it is committed. Of up to 16 MiB with key and headers. Fails with `invalid_argument` (an output of another
    // state), `too_large`, `fenced`.
    status send(const transaction_output& to, const message& what);
    status send(const transaction_output& to, std::string_view body) { return send(to, message{body}); }

    // What was put, erased and sent from here on can be undone. The later one counts. Both fail with `fenced`.
    status savepoint();
    status roll_back();

    // Returns when it is kept at the journal's stage. Waits while the journal has no room. Then the inputs are acked. Fails
    // with `expired` (an input's handler time had run out: it comes again; the transaction was aborted), `fenced`. With
    // `timed_out` it is decided, and will be kept or not as the journal is; with `io`, `closed` and `full` it may be there or
    // not, and the state is to be opened again.
    status commit(timeout limit = timeout::never);
    // Nothing of it happens. Its inputs come again, not before `delay`.
    void abort(std::chrono::nanoseconds delay = {}) noexcept;

    std::uint64_t step() const noexcept;  // rises with each transaction of an opening
    std::uint64_t inputs() const;         // consumed so far

private:
    friend class transactions;
    explicit transaction(std::shared_ptr<detail::transaction_hold> of) noexcept : of_{std::move(of)} {}
    std::shared_ptr<detail::transaction_hold> of_;
};

class GODWIT_EXPORT transactions {
public:
    // The state that is kept in a stream of a journal, which is its own: give journal::stream(). Reads it all. Blocks. Fails
    // with `locked` (somebody has the stream), `corrupt` (it has other records, or damaged ones), `unsupported` (a newer
    // format; not a journal; a stream with retention), `invalid_argument`, and as the journal's health().
    template <installable M>
    static result<transactions> open(const M& stream, const transaction_options& options = {}) {
        return open(detail::assemble(stream), options);
    }
    transactions(const transactions&) noexcept;  // another handle of the same state
    transactions(transactions&&) noexcept;
    transactions& operator=(const transactions&) noexcept;
    transactions& operator=(transactions&&) noexcept;
    ~transactions();  // of the last handle, sockets' and transactions' included: as close()

    transaction_inputs inputs() const;
    // Of a stream of the same journal. Fails with `locked`, `invalid_argument` (another journal), `unsupported`, `closed`.
    template <installable M>
    result<transaction_output> output(const M& stream) const {
        return output(detail::assemble(stream));
    }

    // Waits until the one before has ended; writes the state anew where that is due. Fails with `timed_out`, `closed`, and as
    // health().
    result<transaction> begin(timeout limit = timeout::never);
    state_view view() const;  // what is committed
    transaction_stats stats() const;
    // Not ok: a write failed, and what was under way may be there or not; inputs are not handed out any more. Open it again.
    status health() const;
    // Aborts what is open, waits for what is under way, and gives its stream back. What is asked later fails with `closed`.
    // Close its sockets before, and the journal behind it. Fails with `timed_out`, and as health(): what was under way may be
    // there or not.
    status close(timeout limit = std::chrono::seconds{10});

private:
    static result<transactions> open(assembly&& stream, const transaction_options& options);
    result<transaction_output> output(assembly&& stream) const;
    explicit transactions(std::shared_ptr<detail::transaction_core> opened) noexcept;
    std::shared_ptr<detail::transaction_core> core_;
};

}  // namespace godwit
