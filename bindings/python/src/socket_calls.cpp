#include <array>
#include <memory>
#include <vector>

#include "socket.hpp"

namespace binding {

namespace {

// What a message is sent from; the buffers are borrowed while it is.
class outgoing {
public:
    outgoing(nb::handle body, std::string_view topic, nb::handle key, nb::handle headers) : body_{body} {
        parts.body = body_.bytes();
        parts.topic = bytes_of(topic);
        if (!key.is_none()) parts.key = key_.emplace(key).bytes();
        if (headers.is_none()) return;
        const auto given = nb::cast<nb::dict>(headers);
        names_.reserve(given.size());
        for (const auto& [name, value] : given) {
            names_.push_back(nb::cast<std::string>(name));
            values_.push_back(std::make_unique<buffer>(value));
            headers_.push_back({bytes_of(names_.back()), values_.back()->bytes()});
        }
        parts.headers = headers_.data();
        parts.headers_count = headers_.size();
    }
    godwit_parts parts = GODWIT_PARTS_INIT;

private:
    buffer body_;
    std::optional<buffer> key_;
    std::vector<std::string> names_;
    std::vector<std::unique_ptr<buffer>> values_;
    std::vector<godwit_header> headers_;
};

std::int64_t limit_of(const socket_ref& self, nb::handle timeout) {
    if (timeout.is_none()) return self.send_timeout_ns;
    const double seconds = nb::cast<double>(timeout);
    return nanoseconds(seconds);
}

nb::object send(socket_ref& self, nb::handle body, std::string_view topic, nb::handle key, nb::handle headers,
                nb::handle timeout, std::int32_t priority, double delay, double ttl) {
    const outgoing what{body, topic, key, headers};
    godwit_send_options options = GODWIT_SEND_OPTIONS_INIT;
    options.priority = priority;
    options.delay_ms = milliseconds(delay);
    options.ttl_ms = milliseconds(ttl);
    godwit_receipt given{};
    must_wait(limit_of(self, timeout), [&](std::int64_t limit, godwit_error* error) {
        options.timeout_ns = limit;
        const godwit_status status = godwit_send_parts(self.it, &what.parts, &options, &given, error);
        return status == GODWIT_FULL ? GODWIT_TIMED_OUT : status;  // and again; the error keeps its name
    });
    return nb::make_tuple(given.socket, given.at);
}

std::size_t send_many(socket_ref& self, nb::handle bodies, nb::handle timeout) {
    std::vector<std::unique_ptr<buffer>> held;
    std::vector<godwit_bytes> views;
    for (const nb::handle one : nb::iter(bodies)) {
        held.push_back(std::make_unique<buffer>(one));
        views.push_back(held.back()->bytes());
    }
    godwit_send_options options = GODWIT_SEND_OPTIONS_INIT;
    options.timeout_ns = limit_of(self, timeout);
    std::size_t sent = 0;
    must_without_gil([&](godwit_error* error) {
        return godwit_send_many(self.it, views.data(), views.size(), &options, &sent, error);
    });
    return sent;
}

delivery_ref recv(socket_ref& self, std::optional<double> timeout) {
    godwit_delivery got{};
    must_wait(nanoseconds(timeout),
              [&](std::int64_t limit, godwit_error* error) { return godwit_recv(self.it, limit, &got, error); });
    return delivery_ref{got};
}

nb::list recv_many(socket_ref& self, std::size_t most, std::optional<double> timeout) {
    constexpr std::size_t piece = 256;
    std::array<godwit_delivery, piece> got;
    std::array<godwit_delivery_view, piece> views;
    std::size_t count = 0;
    must_wait(nanoseconds(timeout), [&](std::int64_t limit, godwit_error* error) {
        return godwit_recv_many(self.it, got.data(), most < piece ? most : piece, &count, limit, {}, error);
    });
    views[0].struct_size = sizeof views[0];
    must([&](godwit_error* error) { return godwit_delivery_get_many(got.data(), count, views.data(), error); });
    nb::list made;
    for (std::size_t i = 0; i < count; ++i) made.append(nb::cast(delivery_ref{got[i], views[i]}));
    return made;
}

void ack_many(nb::handle deliveries) {
    std::vector<godwit_delivery> all;
    for (const nb::handle one : nb::iter(deliveries)) {
        auto& each = nb::cast<delivery_ref&>(one);
        all.push_back(each.it);
        each.view.settled = 1;
    }
    must([&](godwit_error* error) { return godwit_ack_many(all.data(), all.size(), error); });
}

message_ref request(socket_ref& self, nb::handle body, std::string_view topic, nb::handle key, nb::handle headers,
                    std::optional<double> timeout) {
    const outgoing what{body, topic, key, headers};
    const std::int64_t limit = nanoseconds(timeout);
    godwit_send_options options = GODWIT_SEND_OPTIONS_INIT;
    options.timeout_ns = limit;
    options.ttl_ms = 0;
    godwit_pending open{};
    must_without_gil(
        [&](godwit_error* error) { return godwit_request_open(self.it, &what.parts, &options, &open, error); });
    return pending_ref{open}.wait(timeout);
}

pending_ref request_open(socket_ref& self, nb::handle body, std::string_view topic, nb::handle key,
                         nb::handle headers) {
    const outgoing what{body, topic, key, headers};
    godwit_pending open{};
    must_without_gil(
        [&](godwit_error* error) { return godwit_request_open(self.it, &what.parts, nullptr, &open, error); });
    return pending_ref{open};
}

nb::tuple next_event(socket_ref& self, std::optional<double> timeout) {
    godwit_event event{};
    event.struct_size = sizeof event;
    must_wait(nanoseconds(timeout), [&](std::int64_t limit, godwit_error* error) {
        return godwit_next_event(self.it, limit, &event, error);
    });
    return nb::make_tuple(nb::str{godwit_event_name(event.kind)}, event.peer_id, nb::str{event.endpoint},
                          nb::str{event.detail}, event.when_ns);
}

std::int32_t receipt_wait(std::uint64_t socket, std::uint64_t at, std::int32_t stage, std::optional<double> timeout) {
    std::int32_t outcome = 0;
    must_wait(nanoseconds(timeout), [&](std::int64_t limit, godwit_error* error) {
        return godwit_receipt_wait({socket, at}, stage, limit, &outcome, error);
    });
    return outcome;
}

}  // namespace

message_ref pending_ref::wait(std::optional<double> timeout) {
    godwit_message reply{};
    must_wait(nanoseconds(timeout),
              [&](std::int64_t limit, godwit_error* error) { return godwit_pending_wait(it, limit, &reply, error); });
    return message_ref{reply};
}

void bind_socket(nb::module_& into) {
    nb::class_<pending_ref>(into, "Pending")
        .def("wait", &pending_ref::wait, nb::arg("timeout") = nb::none())
        .def("cancel", [](pending_ref& self) { godwit_pending_release(self.it, nullptr); });
    nb::class_<socket_ref>(into, "Socket", nb::is_weak_referenceable())
        .def(nb::init<const context_ref&, std::int32_t, const nb::dict&>(), nb::keep_alive<1, 2>())
        .def("_close", &socket_ref::close, nb::arg("timeout").none(), nb::arg("has_timeout"))
        .def("bind", &socket_ref::bind, nb::arg("url"))
        .def(
            "connect",
            [](socket_ref& self, std::string_view url) {
                must_without_gil([&](godwit_error* error) { return godwit_connect(self.it, bytes_of(url), error); });
            },
            nb::arg("url"))
        .def(
            "unbind",
            [](socket_ref& self, std::string_view url) {
                must_without_gil([&](godwit_error* error) { return godwit_unbind(self.it, bytes_of(url), error); });
            },
            nb::arg("url"))
        .def(
            "disconnect",
            [](socket_ref& self, std::string_view url) {
                must_without_gil([&](godwit_error* error) { return godwit_disconnect(self.it, bytes_of(url), error); });
            },
            nb::arg("url"))
        .def("_subscribe",
             [](socket_ref& self, std::string_view prefix) {
                 must([&](godwit_error* error) { return godwit_subscribe(self.it, bytes_of(prefix), error); });
             })
        .def("_unsubscribe",
             [](socket_ref& self, std::string_view prefix) {
                 must([&](godwit_error* error) { return godwit_unsubscribe(self.it, bytes_of(prefix), error); });
             })
        .def(
            "wait_for_peers",
            [](socket_ref& self, std::size_t count, std::optional<double> timeout) {
                must_wait(nanoseconds(timeout), [&](std::int64_t limit, godwit_error* error) {
                    return godwit_wait_for_peers(self.it, count, limit, error);
                });
            },
            nb::arg("count"), nb::arg("timeout") = nb::none())
        .def(
            "_wait_for_subscribers",
            [](socket_ref& self, std::string_view topic, std::size_t count, std::optional<double> timeout) {
                must_wait(nanoseconds(timeout), [&](std::int64_t limit, godwit_error* error) {
                    return godwit_wait_for_subscribers(self.it, bytes_of(topic), count, limit, error);
                });
            },
            nb::arg("topic"), nb::arg("count"), nb::arg("timeout").none())
        .def("_descriptor",
             [](socket_ref& self, std::int32_t interest) {
                 int made = -1;
                 must([&](godwit_error* error) { return godwit_descriptor(self.it, interest, &made, error); });
                 return made;
             })
        .def("_send", &send, nb::arg(), nb::arg(), nb::arg().none(), nb::arg().none(), nb::arg().none(), nb::arg(),
             nb::arg(), nb::arg())
        .def("_send_many", &send_many, nb::arg(), nb::arg().none())
        .def("_recv", &recv, nb::arg("timeout").none())
        .def("_recv_many", &recv_many, nb::arg("most"), nb::arg("timeout").none())
        .def("_request", &request, nb::arg(), nb::arg(), nb::arg().none(), nb::arg().none(), nb::arg().none())
        .def("_request_open", &request_open, nb::arg(), nb::arg(), nb::arg().none(), nb::arg().none())
        .def(
            "_flush",
            [](socket_ref& self, std::int32_t stage, std::optional<double> timeout) {
                must_wait(nanoseconds(timeout), [&](std::int64_t limit, godwit_error* error) {
                    return godwit_flush(self.it, stage, limit, error);
                });
            },
            nb::arg("stage"), nb::arg("timeout").none())
        .def("_next_event", &next_event, nb::arg("timeout").none())
        .def("report", [](socket_ref& self) {
            godwit_message text{};
            must([&](godwit_error* error) { return godwit_socket_report(self.it, &text, error); });
            return taken_text(text);
        });
    into.def("ack_many", &ack_many, nb::arg("deliveries"));
    into.def("receipt_wait", &receipt_wait, nb::arg("socket"), nb::arg("at"), nb::arg("stage"),
             nb::arg("timeout").none());
}

}  // namespace binding
