#define _GNU_SOURCE
#include "CKernels.h"

#include <string.h>

const void *zl_find(const void *text, size_t text_count, const void *piece, size_t piece_count) {
    return memmem(text, text_count, piece, piece_count);
}
