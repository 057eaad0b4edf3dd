// GODWIT_EXPORT marks what the shared libraries show to the outside; everything else stays hidden.
// GODWIT_STATIC_DEFINE is set by the build for users of the static libraries, where nothing needs to be shown.
#pragma once

#if defined(GODWIT_STATIC_DEFINE)
#define GODWIT_EXPORT
#else
#define GODWIT_EXPORT __attribute__((visibility("default")))
#endif
