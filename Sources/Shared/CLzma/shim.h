#pragma once
#include <lzma.h>

// LZMA_STREAM_INIT is a macro that initialises a struct; Swift does not see such macros.
static inline lzma_stream clzma_stream_init(void) {
    lzma_stream stream = LZMA_STREAM_INIT;
    return stream;
}
