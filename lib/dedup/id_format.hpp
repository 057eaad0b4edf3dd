// What a directory of ids keeps, in the entries of mark_format: docs/dedup_format.md. What is read is checked before it is used.
#pragma once
#include <string>

#include "dedup/id_table.hpp"
#include "dedup/mark_log.hpp"

namespace godwit::detail {

GODWIT_EXPORT void put_id(std::string& into, const id_table::done_id& what);

class GODWIT_EXPORT id_content final : public mark_content {
public:
    // `begins`: what a memory that begins knows from.
    id_content(id_table& of, id_time begins) noexcept : of_{of}, begins_{begins} {}
    mark_format::content holds() const noexcept override { return mark_format::content::ids; }
    void put_all(std::string& into) const override;
    status apply(bytes content, bool& closed) override;  // `malformed`: which its checksum should not have let through

private:
    id_table& of_;
    const id_time begins_;
};

}  // namespace godwit::detail
