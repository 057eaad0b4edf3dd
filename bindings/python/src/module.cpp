#include "binding.hpp"

NB_MODULE(_core, module) {
    module.doc() = "Godwit's C interface as Python classes; the package godwit makes them pleasant.";
    module.def("version", [] { return godwit_version(); });
    module.def("handles_open", [] { return godwit_handles_open(); });
    binding::bind_context(module);
    binding::bind_delivery(module);
    binding::bind_journal(module);
    binding::bind_socket(module);
}
