#include "ack_retry/protocol_base.hpp"

#include <string>
#include <utility>

namespace godwit::detail {

status protocol_base::open(protocol_world&& world) {
    if (auto fits = check(options_, world.own); !fits) return fits;
    world_.emplace(std::move(world));
    if (auto fits = open_layers(); !fits) return fits;
    link_options links;
    links.identity = identity_of(options_.identity);
    links.heartbeat = options_.heartbeat;
    links.lease = options_.lease;
    links.message_bytes_max = world_->message_bytes_max;
    if (world_->own == pattern::push || world_->own == pattern::req) codec_ = outgoing_codec{world_->layers};
    links.codec = codec_.number();
    link_user& half = *this;
    links_ = std::make_unique<link_set>(world_->own, links, world_->time, world_->random, world_->port, half);
    return opened();
}

status protocol_base::open_layers() {
    const layer* memory = nullptr;
    for (layer* const one : world_->layers) {
        layer_site site{name(world_->own), world_->wake, {}};
        site.report = [port = &world_->port](event_kind what, std::string_view words) { port->report(what, 0, words); };
        if (auto opened = one->opened(std::move(site)); !opened) return opened;
        if (one->memory().scope.empty()) continue;
        if (std::exchange(memory, one) != nullptr)
            return error{errc::invalid_argument, one->name(), "a socket has one memory of what was handled"};
    }
    return {};
}

status protocol_base::unsupported(std::string_view verb) const {
    return error{errc::unsupported, name(world_->own), std::string{"this pattern has no "} + std::string{verb}};
}

void protocol_base::report_beyond_rights(link_number by, std::uint64_t records) {
    if (records == 0) return;
    std::string words = "key ";
    words.append(links_->key_of(by)).append(": it has no right to the topics of ");
    links_->report(event_kind::message_refused, by, words + std::to_string(records) + " messages");
}

tried protocol_base::send(const record_parts&, offset&, status& why) {
    why = unsupported("send");
    return tried::failed;
}

tried protocol_base::recv(delivery&, status& why) {
    why = unsupported("recv");
    return tried::failed;
}

void protocol_base::settle(const settlement& what) noexcept {
    if (what.what != verdict::extend && --what.batch->unsettled == 0) release(what.batch);
}

tried protocol_base::request(const record_parts&, const request_terms&, offset&, status& why) {
    why = unsupported("request");
    return tried::failed;
}

tried protocol_base::take_reply(offset, message&, status& why) {
    why = unsupported("request");
    return tried::failed;
}

status protocol_base::reply(const settlement&, const record_parts&) { return unsupported("reply"); }
status protocol_base::subscribe(std::string_view) { return unsupported("subscribe"); }
status protocol_base::unsubscribe(std::string_view) { return unsupported("unsubscribe"); }
std::optional<outcome> protocol_base::outcome_of(offset, stage) const { return outcome::accepted; }
tried protocol_base::requeue(offset, status& why) { return why = unsupported("requeue"), tried::failed; }
status protocol_base::discard(offset) { return unsupported("discard"); }

}  // namespace godwit::detail
