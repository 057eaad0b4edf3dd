// The inside of an assembly, for who builds a socket of it.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/delivery_protocol.hpp"
#include "godwit/assembly.hpp"

namespace godwit {

struct assembly::parts {
    std::string delivery_name, log_name;
    std::function<std::unique_ptr<detail::delivery_protocol>(int pattern)> make_protocol;
    std::shared_ptr<detail::record_log> log;
    std::size_t log_bytes_max = 64u << 20;
    std::vector<std::shared_ptr<layer>> layers;  // in the order of their places
    socket_options options;
    status fits;  // the first thing that cannot work
};

namespace detail {
struct assembly_access {
    static assembly::parts& parts(assembly& of) noexcept { return *of.parts_; }
};
}  // namespace detail

}  // namespace godwit
