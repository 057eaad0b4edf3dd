// The inside of an assembly, for who builds a socket of it.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/delivery_protocol.hpp"
#include "base/memory_log.hpp"
#include "godwit/assembly.hpp"

namespace godwit {

struct assembly::parts {
    std::string delivery_name, log_name;
    std::function<std::unique_ptr<detail::delivery_protocol>(int pattern)> make_protocol;
    std::shared_ptr<detail::record_log> log;
    std::vector<std::shared_ptr<layer>> layers;  // in the order of their places
    socket_options options;
    detail::memory_log_options memory;  // of the log that there is without a module's
    subscription from;
    status fits;  // the first thing that cannot work
};

namespace detail {
struct assembly_access {
    using parts_type = assembly::parts;
    static parts_type& parts(assembly& of) noexcept { return *of.parts_; }
};
using assembly_parts = assembly_access::parts_type;
}  // namespace detail

}  // namespace godwit
