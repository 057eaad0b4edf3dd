// prefix_set: a multiset of byte prefixes that answers "does any of them begin this topic?" in time linear in the topic,
// whatever the number of prefixes. Not thread-safe.
#pragma once
#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "godwit/export.hpp"

namespace godwit::detail {

class GODWIT_EXPORT prefix_set {
public:
    prefix_set() noexcept;
    prefix_set(prefix_set&&) noexcept;
    prefix_set& operator=(prefix_set&&) noexcept;
    ~prefix_set();

    bool add(std::string_view prefix);     // true: it was not there before
    bool remove(std::string_view prefix);  // one of its copies; false: there was none
    bool contains(std::string_view prefix) const noexcept;
    bool matches(std::string_view topic) const noexcept;
    // Appends the lengths of all that begin the topic, the shortest first. Throws std::bad_alloc.
    void matching(std::string_view topic, std::vector<std::size_t>& lengths) const;
    std::size_t size() const noexcept { return size_; }  // different prefixes

private:
    struct node;
    std::unique_ptr<node> root_;
    std::size_t size_ = 0;
};

}  // namespace godwit::detail
