#define _GNU_SOURCE
#include "Blocks.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

// Pipelines make and drop vectors of the same sizes all the time. malloc would give their pages back to the system, which clears each
// of them again before it hands it out.
enum { ALIGNMENT = 64, PADDING = 64, HUGE_PAGE = 2 << 20 };

// What is kept is written into the blocks themselves.
struct block {
    struct block *next;
};

// Small blocks: powers of two, each with the padding behind it, in one list a size and thread. A thread keeps at most SMALL_KEPT_BYTES
// of a size: what one thread takes another may give back.
enum { SMALL_LIMIT = 65536, LEAST_SHIFT = 6, SMALL_CLASSES = 11, SMALL_KEPT_BYTES = 1 << 20 };

static _Thread_local struct block *small_lists[SMALL_CLASSES];
static _Thread_local uint32_t small_counts[SMALL_CLASSES];

// Large blocks: LARGE_STEPS sizes between a power of two and the next, so that a block is at most an eighth larger than what is wanted,
// in lists that all threads share. The block longest kept goes first: sizes that nobody asks for any more are not kept for ever.
enum { LARGE_SHIFT = 15, LARGE_STEPS = 8, LARGE_CLASSES = (64 - LARGE_SHIFT) * LARGE_STEPS };

struct kept_block {
    struct kept_block *next, *previous;  // of its size
    struct kept_block *older, *newer;    // of all sizes
    unsigned class;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct kept_block *large_lists[LARGE_CLASSES];
static struct kept_block *oldest, *newest;
static size_t used_bytes, kept_bytes, most_used_bytes;

static unsigned small_class(size_t byte_count) {
    unsigned class = 0;
    while (((size_t)1 << (class + LEAST_SHIFT)) < byte_count) class++;
    return class;
}

static size_t small_size(unsigned class) { return ((size_t)1 << (class + LEAST_SHIFT)) + PADDING; }

static unsigned large_class(size_t byte_count) {
    size_t last = byte_count + PADDING - 1;
    unsigned shift = 63 - (unsigned)__builtin_clzll(last);
    return (shift - LARGE_SHIFT) * LARGE_STEPS + (unsigned)(last >> (shift - 3)) - LARGE_STEPS;
}

static size_t large_size(unsigned class) {
    return (size_t)(class % LARGE_STEPS + LARGE_STEPS + 1) << (class / LARGE_STEPS + LARGE_SHIFT - 3);
}

static void *allocated(size_t alignment, size_t size) {
    void *made = NULL;
    return posix_memalign(&made, alignment, size) == 0 ? made : NULL;
}

// With huge pages memory is faulted in several times faster; the kernel gives whole ones only.
static void *allocated_large(size_t size) {
    if (size < HUGE_PAGE) return allocated(ALIGNMENT, size);
    void *made = allocated(HUGE_PAGE, size);
    if (made != NULL) madvise(made, size, MADV_HUGEPAGE);
    return made;
}

static void keep(struct kept_block *block, unsigned class) {
    *block = (struct kept_block){.next = large_lists[class], .older = newest, .class = class};
    if (block->next != NULL) block->next->previous = block;
    large_lists[class] = block;
    if (newest != NULL) newest->newer = block; else oldest = block;
    newest = block;
    kept_bytes += large_size(class);
}

static void remove_kept(struct kept_block *block) {
    if (block->previous != NULL) block->previous->next = block->next; else large_lists[block->class] = block->next;
    if (block->next != NULL) block->next->previous = block->previous;
    if (block->older != NULL) block->older->newer = block->newer; else oldest = block->newer;
    if (block->newer != NULL) block->newer->older = block->older; else newest = block->older;
    kept_bytes -= large_size(block->class);
}

// Blocks may be kept while they and what is in use are no more than this. An eighth above the most that was ever in use: the sizes of
// the next query are not quite those of the last.
static size_t held_limit(void) { return most_used_bytes + most_used_bytes / 8; }

// Removes the oldest blocks until what is held is within the limit. The lock is held.
static struct kept_block *removed_to_limit(void) {
    struct kept_block *removed = NULL;
    while (oldest != NULL && used_bytes + kept_bytes > held_limit()) {
        struct kept_block *block = oldest;
        remove_kept(block);
        block->next = removed;
        removed = block;
    }
    return removed;
}

static void free_all(struct kept_block *block) {
    while (block != NULL) {
        struct kept_block *next = block->next;
        free(block);
        block = next;
    }
}

static size_t kept_limit(void) {
    static size_t limit;
    if (limit == 0) limit = (size_t)sysconf(_SC_PHYS_PAGES) / 4 * (size_t)sysconf(_SC_PAGESIZE);
    return limit;
}

static void *take_large(size_t byte_count) {
    unsigned class = large_class(byte_count);
    size_t size = large_size(class);
    struct kept_block *surplus = NULL;
    pthread_mutex_lock(&lock);
    struct kept_block *block = large_lists[class];
    used_bytes += size;
    if (block != NULL) {
        remove_kept(block);
    } else {
        if (used_bytes > most_used_bytes) most_used_bytes = used_bytes;
        surplus = removed_to_limit();
    }
    pthread_mutex_unlock(&lock);
    free_all(surplus);
    if (block != NULL) return block;
    void *made = allocated_large(size);
    if (made == NULL) {
        pthread_mutex_lock(&lock);
        used_bytes -= size;
        pthread_mutex_unlock(&lock);
    }
    return made;
}

static void give_large(void *address, size_t byte_count) {
    unsigned class = large_class(byte_count);
    size_t size = large_size(class);
    pthread_mutex_lock(&lock);
    used_bytes -= size;
    int keeps = kept_bytes + size <= kept_limit();
    if (keeps) keep(address, class);
    pthread_mutex_unlock(&lock);
    if (!keeps) free(address);
}

void *zl_block_take(size_t byte_count) {
    if (byte_count > SMALL_LIMIT) return take_large(byte_count);
    unsigned class = small_class(byte_count);
    struct block *first = small_lists[class];
    if (first == NULL) return allocated(ALIGNMENT, small_size(class));
    small_lists[class] = first->next;
    small_counts[class]--;
    return first;
}

void zl_block_give(void *address, size_t byte_count) {
    if (byte_count > SMALL_LIMIT) return give_large(address, byte_count);
    unsigned class = small_class(byte_count);
    if (small_counts[class] >= SMALL_KEPT_BYTES >> (class + LEAST_SHIFT)) {
        free(address);
        return;
    }
    struct block *block = address;
    block->next = small_lists[class];
    small_lists[class] = block;
    small_counts[class]++;
}

size_t zl_block_size(size_t byte_count) {
    return byte_count > SMALL_LIMIT ? large_size(large_class(byte_count)) : small_size(small_class(byte_count));
}
