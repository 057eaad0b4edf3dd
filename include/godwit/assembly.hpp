// assembly: what the modules given to a socket's constructor build together. A module is any value with
// `void install(assembly&) const`.
#pragma once
#include <concepts>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "godwit/layer.hpp"
#include "godwit/options.hpp"
#include "godwit/subscription.hpp"

namespace godwit {

namespace detail {
class delivery_protocol;
class record_log;
struct assembly_access;
}  // namespace detail

class GODWIT_EXPORT assembly {
public:
    assembly();
    assembly(assembly&&) noexcept;
    assembly& operator=(assembly&&) noexcept;
    ~assembly();

    // Each of these two at most once: a second is an error that bind and connect return, as is a set of modules that
    // cannot work. `name`: the module's, for that error.
    void deliver_by(std::string_view name, std::function<std::unique_ptr<detail::delivery_protocol>(int pattern)> make);
    void keep_in(std::string_view name, std::shared_ptr<detail::record_log> log);
    void refuse(const error& why);          // what a module finds that cannot work: bind and connect return it
    void log_bytes_max(std::size_t limit);  // of the memory log that a reliable sender has when no log is given
    void add(std::shared_ptr<layer> one);
    void options(const socket_options& plain);
    void start_at(const subscription& from);

private:
    friend struct detail::assembly_access;
    struct parts;
    std::unique_ptr<parts> parts_;
};

template <class M>
concept installable = requires(const M& module, assembly& into) {
    module.install(into);
};

template <class M>
concept socket_module = installable<std::remove_cvref_t<M>> || std::same_as<std::remove_cvref_t<M>, socket_options>;

namespace detail {
// What a reliable socket is made of: its options alone make a plain one.
template <class... M>
concept modules_of_a_socket = (socket_module<M> && ...) &&
                              !(std::same_as<std::remove_cvref_t<M>, socket_options> && ...);

template <socket_module... M>
assembly assemble(const M&... modules) {
    assembly made;
    const auto take = [&](const auto& one) {
        if constexpr (installable<std::remove_cvref_t<decltype(one)>>) {
            one.install(made);
        } else {
            made.options(one);
        }
    };
    (take(modules), ...);
    return made;
}
}  // namespace detail

}  // namespace godwit
