#include "base/prefix_set.hpp"

#include <algorithm>
#include <new>
#include <string>
#include <utility>
#include <vector>

namespace godwit::detail {

// A radix tree. Every node but the root either ends a prefix or has at least two children, so that there are fewer
// than twice as many nodes as prefixes. Chains may be 64 Ki nodes deep: nothing here recurses.
struct prefix_set::node {
    std::string label;                            // the bytes between the parent and here; empty in the root alone
    std::size_t copies = 0;                       // how often the prefix that ends here was added
    std::vector<std::unique_ptr<node>> children;  // by the first byte of their labels

    auto position(char first) noexcept {
        return std::ranges::lower_bound(children, static_cast<unsigned char>(first), {}, [](const auto& child) {
            return static_cast<unsigned char>(child->label.front());
        });
    }
    // The place of the child whose label begins with this byte, or null.
    std::unique_ptr<node>* child(char first) noexcept {
        const auto found = position(first);
        return found != children.end() && (*found)->label.front() == first ? &*found : nullptr;
    }
    // The child whose whole label begins the text, or null. The text is not empty.
    const node* child_that_begins(std::string_view text) const noexcept {
        const std::unique_ptr<node>* const found = const_cast<node*>(this)->child(text.front());
        return found != nullptr && text.starts_with((*found)->label) ? found->get() : nullptr;
    }

    static std::unique_ptr<node> leaf(std::string_view label) {
        auto made = std::make_unique<node>();
        made->label = label;
        made->copies = 1;
        return made;
    }
    // Cuts a node's label after `length` bytes: a new node with the first part takes its place, and has it as a child.
    static void split(std::unique_ptr<node>& place, std::size_t length) {
        auto upper = std::make_unique<node>();
        upper->label = place->label.substr(0, length);
        upper->children.reserve(2);
        std::string rest = place->label.substr(length);
        place->label = std::move(rest);
        upper->children.push_back(std::move(place));
        place = std::move(upper);
    }
    // Puts the only child of a node in its place, unless there is no memory: the node is superfluous, not wrong.
    static void join_only_child(std::unique_ptr<node>& place) noexcept {
        try {
            std::unique_ptr<node>& only = place->children.front();
            only->label.insert(0, place->label);
            std::unique_ptr<node> kept = std::move(only);
            place = std::move(kept);
        } catch (const std::bad_alloc&) {}
    }
};

prefix_set::prefix_set() noexcept = default;

prefix_set::prefix_set(prefix_set&& other) noexcept
    : root_{std::move(other.root_)}, size_{std::exchange(other.size_, 0)} {}

prefix_set& prefix_set::operator=(prefix_set&& other) noexcept {
    std::swap(root_, other.root_);
    std::swap(size_, other.size_);
    return *this;
}

// On the way down each node's parent waits in the place that the node had: no memory and no stack is needed.
prefix_set::~prefix_set() {
    std::unique_ptr<node> parent;
    for (std::unique_ptr<node> current = std::move(root_); current != nullptr;) {
        if (!current->children.empty()) {
            std::unique_ptr<node> child = std::exchange(current->children.back(), std::move(parent));
            parent = std::exchange(current, std::move(child));
        } else {
            current = std::move(parent);
            if (current == nullptr) break;
            parent = std::move(current->children.back());
            current->children.pop_back();
        }
    }
}

bool prefix_set::add(std::string_view prefix) {
    if (root_ == nullptr) root_ = std::make_unique<node>();
    node* at = root_.get();
    while (!prefix.empty()) {
        std::unique_ptr<node>* const child = at->child(prefix.front());
        if (child == nullptr) {
            at->children.insert(at->position(prefix.front()), node::leaf(prefix));
            ++size_;
            return true;
        }
        const std::string_view label = (*child)->label;
        const auto common = static_cast<std::size_t>(std::ranges::mismatch(label, prefix).in1 - label.begin());
        prefix.remove_prefix(common);
        if (common < label.size()) node::split(*child, common);
        at = child->get();
    }
    if (++at->copies > 1) return false;
    ++size_;
    return true;
}

bool prefix_set::remove(std::string_view prefix) {
    node* parent = nullptr;
    std::unique_ptr<node>* parent_place = nullptr;
    std::unique_ptr<node>* place = &root_;
    if (root_ == nullptr) return false;
    while (!prefix.empty()) {
        std::unique_ptr<node>* const child = (*place)->child(prefix.front());
        if (child == nullptr || !prefix.starts_with((*child)->label)) return false;
        prefix.remove_prefix((*child)->label.size());
        parent_place = std::exchange(place, child);
        parent = parent_place->get();
    }
    if ((*place)->copies == 0) return false;
    if (--(*place)->copies > 0) return true;
    --size_;
    if (parent == nullptr) return true;
    if ((*place)->children.empty()) {
        parent->children.erase(parent->children.begin() + (place - parent->children.data()));
        place = parent_place;
    }
    if (place != &root_ && (*place)->copies == 0 && (*place)->children.size() == 1) node::join_only_child(*place);
    return true;
}

bool prefix_set::contains(std::string_view prefix) const noexcept {
    const node* at = root_.get();
    while (at != nullptr && !prefix.empty()) {
        at = at->child_that_begins(prefix);
        if (at != nullptr) prefix.remove_prefix(at->label.size());
    }
    return at != nullptr && at->copies > 0;
}

bool prefix_set::matches(std::string_view topic) const noexcept {
    for (const node* at = root_.get(); at != nullptr;) {
        if (at->copies > 0) return true;
        if (topic.empty()) return false;
        at = at->child_that_begins(topic);
        if (at != nullptr) topic.remove_prefix(at->label.size());
    }
    return false;
}

void prefix_set::matching(std::string_view topic, std::vector<std::size_t>& lengths) const {
    const std::size_t whole = topic.size();
    for (const node* at = root_.get(); at != nullptr;) {
        if (at->copies > 0) lengths.push_back(whole - topic.size());
        if (topic.empty()) return;
        at = at->child_that_begins(topic);
        if (at != nullptr) topic.remove_prefix(at->label.size());
    }
}

}  // namespace godwit::detail
