#include "godwit/id_store.hpp"

#include <utility>

#include "dedup/id_memory.hpp"

namespace godwit {

namespace {

constexpr std::uint64_t kept_bytes_max = 512u << 20;  // a file of marks is read whole, and has five times as much

detail::mark_log::world system_world() noexcept { return {detail::system_time(), detail::system_random()}; }

}  // namespace

struct id_store::state {
    std::unique_ptr<detail::id_memory> memory;
    status fits;
};

id_store::id_store(const id_window& window)
    : state_{std::make_unique<state>(
          state{std::make_unique<detail::id_memory>(window, system_world(),
                                                    window.known_from.value_or(detail::system_time().wall())),
                window.check()})} {}
id_store::id_store(std::unique_ptr<state> opened) noexcept : state_{std::move(opened)} {}
id_store::id_store(id_store&&) noexcept = default;
id_store& id_store::operator=(id_store&&) noexcept = default;
id_store::~id_store() = default;

result<id_store> id_store::open(const std::filesystem::path& directory, const id_window& window, stage confirm) {
    if (auto fits = window.check(); !fits) return fits.error();
    if (window.bytes_max > kept_bytes_max)
        return error{errc::invalid_argument, "bytes_max = " + std::to_string(window.bytes_max),
                     "512 MiB in a directory"};
    if (confirm != stage::stored && confirm != stage::durable)
        return error{errc::invalid_argument, "confirm", "stored or durable"};
    auto where = detail::open_directory(directory, true);
    if (!where) return where.error();
    auto opened = detail::id_memory::open(std::move(*where), window, confirm, system_world());
    if (!opened) return opened.error();
    return id_store{std::make_unique<state>(state{std::move(*opened), {}})};
}

result<claim_answer> id_store::claim(const chosen_id& what) {
    if (!state_->fits) return state_->fits.error();
    return state_->memory->claim(what);
}
status id_store::mark(std::string_view id, std::optional<std::string_view> reply) {
    return state_->fits ? state_->memory->mark(id, reply) : state_->fits;
}
status id_store::release(std::string_view id) { return state_->fits ? state_->memory->release(id) : state_->fits; }
result<id_time> id_store::known_since() {
    if (!state_->fits) return state_->fits.error();
    return state_->memory->known_since();
}

const id_store_recovery& id_store::recovered() const noexcept { return state_->memory->recovered(); }
id_store_stats id_store::stats() const { return state_->memory->stats(); }
status id_store::close() { return state_->memory->close(); }

}  // namespace godwit
