#include "binding.hpp"

namespace binding {

void raise(const godwit_error& why) {
    const nb::object made = nb::module_::import_("godwit._errors")
                                .attr("_of")(why.code, nb::str{why.message}, nb::str{why.value}, why.retriable != 0);
    PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(made.ptr())), made.ptr());
    throw nb::python_error{};
}

nb::object text_of(godwit_bytes bytes) {
    return nb::steal(PyUnicode_DecodeUTF8(bytes.size == 0 ? "" : static_cast<const char*>(bytes.data),
                                          static_cast<Py_ssize_t>(bytes.size), "surrogateescape"));
}

std::string taken_text(godwit_message message) {
    godwit_view view = GODWIT_VIEW_INIT;
    must([&](godwit_error* error) { return godwit_message_view(message, &view, error); });
    std::string text{static_cast<const char*>(view.body.data), view.body.size};
    godwit_message_release(message, nullptr);
    return text;
}

}  // namespace binding
