#include "godwit/layer.hpp"

namespace godwit {

layer::~layer() = default;

}  // namespace godwit
