#ifndef ZL_BLOCKS_H
#define ZL_BLOCKS_H

#include <stddef.h>

/// At least `byte_count` bytes and 64 more, at an address divisible by 64: what was given back, or new memory. NULL where there is none.
///
/// What is kept and what is in use are together at most an eighth more than the most that was in use at once; and no more is kept than a
/// quarter of the machine's memory. What was given back longest ago is the first that goes back to the system.
void *zl_block_take(size_t byte_count);

/// Takes back what `zl_block_take` gave for the same `byte_count`, on any thread.
void zl_block_give(void *address, size_t byte_count);

/// The size of the block that is given for `byte_count` bytes, their padding included.
size_t zl_block_size(size_t byte_count);

#endif
