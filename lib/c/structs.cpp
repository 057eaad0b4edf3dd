#include "c/structs.hpp"

namespace godwit::c {

void throw_bad_size(std::size_t given, std::size_t least) {
    throw error{errc::invalid_argument, "struct_size " + std::to_string(given),
                "at least " + std::to_string(least) + ": begin with GODWIT_…_INIT, or godwit_…_init()"};
}
void throw_unknown_tail(std::size_t at) {
    throw error{errc::unsupported, "byte " + std::to_string(at) + " of the struct",
                "a newer release's field is set, which this library does not know"};
}
void throw_null(const char* what) { throw error{errc::invalid_argument, what, "is NULL"}; }

}  // namespace godwit::c
