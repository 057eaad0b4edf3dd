#include "parts.hpp"

#include <nanobind/stl/string_view.h>

#include <cstdio>

namespace binding {

namespace {

template <class T>
int lend(PyObject* self, Py_buffer* out, int flags) noexcept {
    const godwit_bytes body = nb::inst_ptr<T>(self)->view.body;
    static char none = 0;
    void* const data = body.size == 0 ? &none : const_cast<void*>(body.data);
    return PyBuffer_FillInfo(out, self, data, static_cast<Py_ssize_t>(body.size), 1, flags);
}
template <class T>
PyType_Slot slots[] = {{Py_bf_getbuffer, reinterpret_cast<void*>(&lend<T>)}, {0, nullptr}};

nb::bytes as_bytes(godwit_bytes from) { return nb::bytes{from.data == nullptr ? "" : from.data, from.size}; }

template <class T, class Call>
nb::dict headers_of(const T& from, Call&& header_at) {
    nb::dict made;
    for (std::size_t i = 0; i < from.view.headers_count; ++i) {
        godwit_header one{};
        must([&](godwit_error* error) { return header_at(from.it, i, &one, error); });
        const nb::object name = text_of(one.name);
        if (!made.contains(name)) made[name] = as_bytes(one.value);  // the first counts, as everywhere
    }
    return made;
}

template <class T, class Bound>
void bind_parts(Bound& bound) {
    bound
        .def_prop_ro(
            "body", [](nb::handle self) { return nb::steal(PyMemoryView_FromObject(self.ptr())); },
            nb::sig("def body(self) -> memoryview"))
        .def("__bytes__", [](const T& self) { return as_bytes(self.view.body); })
        .def("__len__", [](const T& self) { return self.view.body.size; })
        .def_prop_ro(
            "text", [](const T& self) { return text_of(self.view.body); }, nb::sig("def text(self) -> str"))
        .def_prop_ro(
            "topic", [](const T& self) { return text_of(self.view.topic); }, nb::sig("def topic(self) -> str"))
        .def_prop_ro("key", [](const T& self) { return as_bytes(self.view.key); });
}

}  // namespace

void bind_delivery(nb::module_& into) {
    nb::class_<message_ref> message(into, "Message", nb::type_slots(slots<message_ref>));
    bind_parts<message_ref>(message);
    message.def_prop_ro(
        "headers", [](const message_ref& self) { return headers_of(self, godwit_message_header); },
        nb::sig("def headers(self) -> dict[str, bytes]"));

    nb::class_<delivery_ref> delivery(into, "Delivery", nb::type_slots(slots<delivery_ref>));
    bind_parts<delivery_ref>(delivery);
    delivery
        .def_prop_ro(
            "headers", [](const delivery_ref& self) { return headers_of(self, godwit_delivery_header); },
            nb::sig("def headers(self) -> dict[str, bytes]"))
        .def_prop_ro("attempt", [](const delivery_ref& self) { return self.view.attempt; })
        .def_prop_ro("at", [](const delivery_ref& self) { return self.view.at; })
        .def_prop_ro("stream",
                     [](const delivery_ref& self) {
                         char text[33];
                         std::snprintf(text, sizeof text, "%016llx%016llx",
                                       static_cast<unsigned long long>(self.view.stream_high),
                                       static_cast<unsigned long long>(self.view.stream_low));
                         return std::string{text};
                     })
        .def_prop_ro("settled", [](const delivery_ref& self) { return self.view.settled != 0; })
        .def("ack",
             [](delivery_ref& self) {
                 must([&](godwit_error* error) { return godwit_ack(self.it, error); });
                 self.view.settled = 1;
             })
        .def(
            "nack",
            [](delivery_ref& self, double delay) {
                must([&](godwit_error* error) { return godwit_nack(self.it, nanoseconds(delay), error); });
                self.view.settled = 1;
            },
            nb::arg("delay") = 0.0)
        .def(
            "reject",
            [](delivery_ref& self, std::string_view why) {
                must([&](godwit_error* error) { return godwit_reject(self.it, bytes_of(why), error); });
                self.view.settled = 1;
            },
            nb::arg("why") = "", nb::sig("def reject(self, why: str = '') -> None"))
        .def(
            "extend",
            [](delivery_ref& self, double by) {
                must([&](godwit_error* error) { return godwit_extend(self.it, nanoseconds(by), error); });
            },
            nb::arg("by"))
        .def("_reply", [](delivery_ref& self, nb::handle body) {
            const buffer data{body};
            must([&](godwit_error* error) { return godwit_reply(self.it, data.bytes(), error); });
        });
}

}  // namespace binding
