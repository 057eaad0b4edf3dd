// change_list: what one transaction has changed and sent so far, as it will be written. Threads: one at a time.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "godwit/export.hpp"
#include "godwit/message.hpp"
#include "transaction/output_log.hpp"
#include "transaction/state_map.hpp"

namespace godwit::detail {

class GODWIT_EXPORT change_list {
public:
    struct sent {
        std::shared_ptr<output_log> to;
        std::vector<message> what;
    };
    explicit change_list(state_map from) : map_{std::move(from)} {}

    // Each has all of its effect or, when it throws std::bad_alloc, is to be followed by the transaction's end.
    void put(std::string_view key, std::string_view value);
    void erase(std::string_view key);
    void send(const std::shared_ptr<output_log>& to, const message& what, std::uint64_t bytes);  // as it is written

    // What came behind it can be undone.
    struct place {
        state_map map;
        std::size_t bodies = 0, last_bytes = 0;
        std::vector<std::size_t> outputs;
        std::uint64_t bytes = 0;
    };
    place here() const;
    std::vector<message> back_to(const place& before);  // what is not sent then

    const state_map& map() const noexcept { return map_; }
    const std::vector<std::string>& bodies() const noexcept { return bodies_; }  // items, without headers
    const std::vector<sent>& outputs() const noexcept { return outputs_; }
    std::uint64_t bytes() const noexcept { return bytes_; }  // of all of it

private:
    std::string& body_for(std::size_t bytes);

    state_map map_;
    std::vector<std::string> bodies_;
    std::vector<sent> outputs_;
    std::uint64_t bytes_ = 0;
};

}  // namespace godwit::detail
