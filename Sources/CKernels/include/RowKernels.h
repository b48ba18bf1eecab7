#ifndef ROWKERNELS_H
#define ROWKERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "FieldKernels.h"

// Rows of text without quotes, 64 bytes at a time where the processor can put the places of hits side by side; elsewhere none are split.

enum { ZL_SPLIT_SLACK = 64 };

/// Finds the fields of rows from `*position` on, which moves behind the last of them, and returns their number: `limit`, or fewer where the text
/// ends or one of the next rows has not just `columns` fields.
///
/// `base[0..<end]` ends in a line end and is followed by 64 readable bytes, `fields` has room for `ZL_SPLIT_SLACK` more than those of all
/// rows. A carriage return before a line end is part of it.
size_t zl_split_rows(const uint8_t *base, size_t *position, size_t end, uint8_t delimiter, size_t columns, size_t limit, struct zl_field *fields);

/// What stands in a block of text.
struct zl_text_summary {
    size_t line_ends;
    /// Not zero: some byte is the one looked for.
    int has_byte;
    /// Not zero: some byte is no ASCII.
    int has_high;
};

/// Counts the line ends of a block and tells whether `byte` or a byte beyond ASCII stands in it.
struct zl_text_summary zl_summarize_text(const uint8_t *bytes, size_t count, uint8_t byte);

#endif
