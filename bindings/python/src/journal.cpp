#include <nanobind/stl/string_view.h>

#include <vector>

#include "parts.hpp"

namespace binding {

namespace {

struct journal_ref {
    journal_ref(std::string_view directory, std::uint64_t bytes_max, std::uint64_t segment_bytes, bool durable,
                bool durable_anywhere) {
        godwit_journal_options options = GODWIT_JOURNAL_OPTIONS_INIT;
        options.bytes_max = bytes_max;
        options.segment_bytes = segment_bytes;
        options.confirm = durable ? GODWIT_STAGE_DURABLE : GODWIT_STAGE_STORED;
        options.durable_anywhere = durable_anywhere ? 1 : 0;
        must_without_gil(
            [&](godwit_error* error) { return godwit_journal_open(bytes_of(directory), &options, &it, error); });
    }
    journal_ref(const journal_ref&) = delete;
    journal_ref& operator=(const journal_ref&) = delete;
    ~journal_ref() {
        nb::gil_scoped_release released;
        godwit_journal_close(it, nullptr);
    }
    void close() {
        must_without_gil([&](godwit_error* error) { return godwit_journal_close(it, error); });
    }
    stream_ref stream(std::string_view name) {
        godwit_stream opened{};
        must_without_gil(
            [&](godwit_error* error) { return godwit_stream_open(it, bytes_of(name), nullptr, &opened, error); });
        return stream_ref{opened};
    }
    godwit_journal it{};
};

std::uint64_t append(stream_ref& self, nb::handle body, bool durable) {
    const buffer data{body};
    godwit_parts parts = GODWIT_PARTS_INIT;
    parts.body = data.bytes();
    godwit_message made{};
    std::uint64_t at = 0;
    must([&](godwit_error* error) { return godwit_message_make(&parts, &made, error); });
    const message_ref held{made};
    must_without_gil([&](godwit_error* error) {
        return godwit_append(self.it, &made, 1, durable ? GODWIT_STAGE_DURABLE : GODWIT_STAGE_STORED, GODWIT_NEVER, &at,
                             error);
    });
    return at;
}

nb::object read(stream_ref& self, std::uint64_t from) {
    godwit_message found{};
    std::uint64_t at = 0;
    godwit_error why = GODWIT_ERROR_INIT;
    godwit_status status = GODWIT_OK;
    {
        nb::gil_scoped_release released;
        status = godwit_stream_read(self.it, from, &at, &found, &why);
    }
    if (status == GODWIT_NOT_FOUND) return nb::none();
    check(status, why);
    return nb::make_tuple(at, message_ref{found});
}

}  // namespace

void bind_journal(nb::module_& into) {
    nb::class_<stream_ref>(into, "Stream")
        .def("append", &append, nb::arg("body"), nb::kw_only(), nb::arg("durable") = true)
        .def("read", &read, nb::arg("at"));
    nb::class_<journal_ref>(into, "Journal")
        .def(nb::init<std::string_view, std::uint64_t, std::uint64_t, bool, bool>(), nb::arg("directory"),
             nb::kw_only(), nb::arg("bytes_max") = std::uint64_t{1} << 30,
             nb::arg("segment_bytes") = std::uint64_t{64} << 20, nb::arg("durable") = true,
             nb::arg("durable_anywhere") = false)
        .def("close", &journal_ref::close)
        .def("stream", &journal_ref::stream, nb::arg("name"));
}

}  // namespace binding
