#pragma once
#include <lz4frame.h>

// A plain constant of the header that is an expression with a cast.
static inline unsigned clz4_version(void) { return LZ4F_VERSION; }
