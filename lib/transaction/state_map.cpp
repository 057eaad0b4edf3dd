#include "transaction/state_map.hpp"

#include <algorithm>

namespace godwit {

namespace detail {

struct state_item {
    std::string key, value;
};

struct state_node {
    using link = std::shared_ptr<const state_node>;
    std::shared_ptr<const state_item> item;
    link left, right;
    int height = 1;
};

namespace {

using link = state_node::link;

int height_of(const link& one) noexcept { return one != nullptr ? one->height : 0; }

link node(std::shared_ptr<const state_item> item, link left, link right) {
    const int height = 1 + std::max(height_of(left), height_of(right));
    return std::make_shared<const state_node>(state_node{std::move(item), std::move(left), std::move(right), height});
}

// Of two sides whose heights differ by two at most.
link balanced(const std::shared_ptr<const state_item>& item, const link& left, const link& right) {
    if (height_of(left) > height_of(right) + 1) {
        if (height_of(left->left) >= height_of(left->right))
            return node(left->item, left->left, node(item, left->right, right));
        const link& inner = left->right;
        return node(inner->item, node(left->item, left->left, inner->left), node(item, inner->right, right));
    }
    if (height_of(right) > height_of(left) + 1) {
        if (height_of(right->right) >= height_of(right->left))
            return node(right->item, node(item, left, right->left), right->right);
        const link& inner = right->left;
        return node(inner->item, node(item, left, inner->left), node(right->item, inner->right, right->right));
    }
    return node(item, left, right);
}

link with(const link& at, const std::shared_ptr<const state_item>& item) {
    if (at == nullptr) return node(item, nullptr, nullptr);
    const int side = item->key.compare(at->item->key);
    if (side == 0) return node(item, at->left, at->right);
    return side < 0 ? balanced(at->item, with(at->left, item), at->right)
                    : balanced(at->item, at->left, with(at->right, item));
}

link without_first(const link& at, std::shared_ptr<const state_item>& first) {
    if (at->left == nullptr) {
        first = at->item;
        return at->right;
    }
    return balanced(at->item, without_first(at->left, first), at->right);
}

// The key is there.
link without(const link& at, std::string_view key) {
    const int side = key.compare(at->item->key);
    if (side < 0) return balanced(at->item, without(at->left, key), at->right);
    if (side > 0) return balanced(at->item, at->left, without(at->right, key));
    if (at->left == nullptr) return at->right;
    if (at->right == nullptr) return at->left;
    std::shared_ptr<const state_item> next;
    const link right = without_first(at->right, next);
    return balanced(next, at->left, right);
}

using sorted = std::vector<std::pair<std::string, std::string>>;

link built(sorted& all, std::size_t first, std::size_t end) {
    if (first == end) return nullptr;
    const std::size_t middle = first + (end - first) / 2;
    link left = built(all, first, middle);
    auto item =
        std::make_shared<const state_item>(state_item{std::move(all[middle].first), std::move(all[middle].second)});
    return node(std::move(item), std::move(left), built(all, middle + 1, end));
}

// False: that was enough.
bool walk(const state_node* at, std::string_view first, const std::optional<std::string_view>& end,
          const state_view::reader& tell) {
    if (at == nullptr) return true;
    const std::string& key = at->item->key;
    if (key >= first) {
        if (!walk(at->left.get(), first, end, tell)) return false;
        if (end && key >= *end) return false;
        if (!tell(key, at->item->value)) return false;
    }
    return walk(at->right.get(), first, end, tell);
}

}  // namespace

void state_map::put(std::string_view key, std::string_view value) {
    const auto before = now_.get(key);
    const auto item = std::make_shared<const state_item>(state_item{std::string{key}, std::string{value}});
    const std::uint64_t gone = before ? key.size() + before->size() : 0;
    now_.root_ = with(now_.root_, item);
    now_.size_bytes_ += key.size() + value.size() - gone;
    if (!before) ++now_.size_;
}

bool state_map::erase(std::string_view key) {
    const auto before = now_.get(key);
    if (!before) return false;
    const std::uint64_t gone = key.size() + before->size();
    now_.root_ = without(now_.root_, key);
    now_.size_bytes_ -= gone;
    --now_.size_;
    return true;
}

state_map state_map::of_sorted(sorted&& all) {
    state_map made;
    for (const auto& [key, value] : all) made.now_.size_bytes_ += key.size() + value.size();
    made.now_.size_ = all.size();
    made.now_.root_ = built(all, 0, all.size());
    return made;
}

}  // namespace detail

std::optional<std::string_view> state_view::get(std::string_view key) const noexcept {
    for (const detail::state_node* at = root_.get(); at != nullptr;) {
        const int side = key.compare(at->item->key);
        if (side == 0) return std::string_view{at->item->value};
        at = (side < 0 ? at->left : at->right).get();
    }
    return std::nullopt;
}

void state_view::range(std::string_view first, std::optional<std::string_view> end, const reader& tell) const {
    detail::walk(root_.get(), first, end, tell);
}

}  // namespace godwit
