#define _GNU_SOURCE
#include "CKernels.h"

#include <stdlib.h>
#include <string.h>

// Blocks of powers of two, each with the padding behind it, in one list a size and thread. A thread keeps at most
// KEPT_BYTES of a size: what one thread takes another may give back.
enum { LEAST_SHIFT = 6, CLASS_COUNT = 10, ALIGNMENT = 64, PADDING = 64, KEPT_BYTES = 1 << 20 };

struct block {
    struct block *next;
};

static _Thread_local struct block *lists[CLASS_COUNT];
static _Thread_local uint32_t counts[CLASS_COUNT];

static unsigned class_of(size_t byte_count) {
    unsigned class = 0;
    while (((size_t)1 << (class + LEAST_SHIFT)) < byte_count) class++;
    return class;
}

void *zl_block_take(size_t byte_count) {
    unsigned class = class_of(byte_count);
    struct block *first = lists[class];
    if (first != NULL) {
        lists[class] = first->next;
        counts[class]--;
        return first;
    }
    void *made = NULL;
    size_t size = ((size_t)1 << (class + LEAST_SHIFT)) + PADDING;
    return posix_memalign(&made, ALIGNMENT, size) == 0 ? made : NULL;
}

void zl_block_give(void *address, size_t byte_count) {
    unsigned class = class_of(byte_count);
    if (counts[class] >= KEPT_BYTES >> (class + LEAST_SHIFT)) {
        free(address);
        return;
    }
    struct block *block = address;
    block->next = lists[class];
    lists[class] = block;
    counts[class]++;
}

const void *zl_find(const void *text, size_t text_count, const void *piece, size_t piece_count) {
    return memmem(text, text_count, piece, piece_count);
}
