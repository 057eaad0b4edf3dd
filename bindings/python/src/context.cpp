#include "parts.hpp"

namespace binding {

context_ref::context_ref(std::int32_t io_threads, std::size_t sockets_max) {
    godwit_context_options options = GODWIT_CONTEXT_OPTIONS_INIT;
    options.io_threads = io_threads;
    options.sockets_max = sockets_max;
    must([&](godwit_error* error) { return godwit_context_open(&options, &it, error); });
}

// Sockets wait no longer for their linger than context_options allow: this may take as long, so others run meanwhile.
context_ref::~context_ref() {
    nb::gil_scoped_release released;
    godwit_context_close(it, INT64_C(5000000000), nullptr);
}

void context_ref::close(std::optional<double> timeout) {
    must_without_gil([&](godwit_error* error) { return godwit_context_close(it, nanoseconds(timeout), error); });
}

std::string context_ref::report(bool prometheus) {
    godwit_message text{};
    must_without_gil([&](godwit_error* error) {
        return godwit_context_report(it, prometheus ? GODWIT_REPORT_PROMETHEUS : GODWIT_REPORT_JSON, &text, error);
    });
    return taken_text(text);
}

void bind_context(nb::module_& into) {
    nb::class_<context_ref>(into, "Context", nb::is_weak_referenceable())
        .def(nb::init<std::int32_t, std::size_t>(), nb::kw_only(), nb::arg("io_threads") = 1,
             nb::arg("sockets_max") = 1023)
        .def("close", &context_ref::close, nb::arg("timeout") = nb::none())
        .def("report", &context_ref::report, nb::kw_only(), nb::arg("prometheus") = false);
}

}  // namespace binding
