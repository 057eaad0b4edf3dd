// processor: consume, transform, produce, each message exactly once: the loop around transactions.
//     auto store = godwit::journal::open("count.journal").value();
//     godwit::processor count{ctx, store};
//     count.from("tcp://127.0.0.1:5555").value();
//     count.to("tcp://127.0.0.1:5556").value();
//     count.run([&](godwit::transaction& t, const godwit::delivery& d) {
//         const int n = std::stoi(t.get(d.text()).value_or("0")) + 1;
//         t.put(d.text(), std::to_string(n)).value();
//         t.send(count.output(), std::string{d.text()} + " " + std::to_string(n)).value();
//     }).value();
// What has gathered while the last transaction was being written is the next one, so that a sync serves many messages; where
// handlers are slow, what comes within a quarter of link.handler_max is. What takes longer than all of it comes again. A
// handler that throws is undone by itself: its message comes again, as ack_retry says; those beside it are committed.
// Killed anywhere and started again with the same journal, it repeats no effect and loses none. The next stage sees each
// message once if it has `dedup`, or is a processor. Promises: docs/guarantees.md. Threads: every call from any thread; run() once.
#pragma once
#include <cstddef>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "godwit/ack_retry.hpp"
#include "godwit/context.hpp"
#include "godwit/export.hpp"
#include "godwit/journal.hpp"
#include "godwit/options.hpp"
#include "godwit/pull.hpp"
#include "godwit/push.hpp"
#include "godwit/transaction.hpp"

namespace godwit {

struct processor_options {
    std::string name = "processor";  // its streams in the journal are NAME, the state, and NAME.out
    std::size_t batch_max = 1000;    // inputs of one transaction, 1 to 100,000
    ack_retry link = {};             // of both its sockets
    socket_options socket = {};      // of both its sockets
    transaction_options state = {};
};

class GODWIT_EXPORT processor {
public:
    // Opens its streams; what fails there (see transactions::open) is what from(), to() and run() return. Context and journal
    // outlive it.
    processor(context& owner, journal& store, const processor_options& options = {});
    processor(processor&&) noexcept;
    processor& operator=(processor&&) noexcept;
    ~processor();  // as close()

    // Whence messages come, and whither results go: any number of each, in any order. As connect() and bind() of a socket.
    status from(std::string_view url);
    status to(std::string_view url);
    result<std::string> bind_from(std::string_view url);
    result<std::string> bind_to(std::string_view url);

    // These throw what the opening failed with.
    const transaction_output& output() const;
    transactions& state() const;
    pull& in() const;
    push& out() const;

    // It neither commits nor aborts, and keeps neither of the two: what is said for a transaction later is `fenced`.
    using handler = std::function<void(transaction&, const delivery&)>;
    // Until it is stopped (ok: what is in hand is finished and committed first), or fails: `closed`, or as
    // transaction::commit(), and then its journal is to be opened again.
    status run(const handler& handle, const std::stop_token& stop = {});
    // Ends run() with `closed`, or in the middle of a batch with `fenced`. What was committed and has not gone out stays in
    // the journal for the next opening. Fails as transactions::close().
    status close();

private:
    struct parts;
    result<parts*> opened() const;
    std::unique_ptr<parts> parts_;
};

}  // namespace godwit
