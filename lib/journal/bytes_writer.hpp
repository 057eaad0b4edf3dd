// fixed_writer, fixed_reader: numbers one behind the other, in memory whose size somebody else has checked.
#pragma once
#include "journal/format.hpp"

namespace godwit::detail {

class fixed_writer {
public:
    explicit fixed_writer(std::byte* to) noexcept : to_{to} {}
    template <class T>
    void put(T value) noexcept {
        journal_format::store(to_, value);
        to_ += sizeof value;
    }

private:
    std::byte* to_;
};

class fixed_reader {
public:
    explicit fixed_reader(const std::byte* from) noexcept : from_{from} {}
    template <class T>
    T take() noexcept {
        const T value = journal_format::load<T>(from_);
        from_ += sizeof value;
        return value;
    }
    template <class T>
    void take(T& into) noexcept {
        into = take<T>();
    }

private:
    const std::byte* from_;
};

}  // namespace godwit::detail
