import CKernels
import ZLColumnar

/// Columns side by side, row by row, for rows that are asked for in no order: a row is one or two lines of memory and not one a column.
final class PackedRows: @unchecked Sendable {  // proof: written by `init` only
    private struct Field {
        let column: ColumnVector
        var offset = 0
        var width: Int { column.form == .dictionary ? 4 : column.physical.stride }
    }

    private let fields: [Field]
    private let rowCount: Int
    private let stride: Int
    /// One row more than there are: zeros, for rows that are missing.
    private let rows: Buffer

    /// Less than this is in a cache for the most part as it is, and packing costs more than it saves.
    static let leastBytes = 64 << 20
    private static let rowsPerTask = 1 << 14
    private static let alignment = 16

    /// nil where columns by themselves do as well: there is one, or they are short. For columns for which `applies`.
    init?(_ columns: [ColumnVector], rowCount: Int, _ context: ExecutionContext, leastBytes: Int = PackedRows.leastBytes) throws {
        var fields = columns.map { Field(column: $0) }
        var offset = 0
        // why: the widest first, so that each stands at a multiple of its width
        for index in fields.indices.sorted(by: { fields[$0].width > fields[$1].width }) {
            fields[index].offset = offset
            offset += fields[index].width
        }
        let placed = fields
        let stride = (offset + PackedRows.alignment - 1) / PackedRows.alignment * PackedRows.alignment
        guard columns.count > 1, rowCount * stride >= leastBytes else { return nil }
        (self.fields, self.rowCount, self.stride) = (fields, rowCount, stride)
        let buffer = Buffer(byteCount: (rowCount + 1) * stride)
        (buffer.address + rowCount * stride).initializeMemory(as: UInt8.self, repeating: 0, count: stride)
        rows = buffer
        try WorkerPool.shared.forEach(count: (rowCount + PackedRows.rowsPerTask - 1) / PackedRows.rowsPerTask, threads: context.threads) { task in
            try context.cancellation.check()
            let first = task * PackedRows.rowsPerTask
            let sources = placed.map {
                zl_row_field(values: UnsafeMutableRawPointer(mutating: $0.column.values(UInt8.self)) + first * $0.width, offset: $0.offset, width: $0.width)
            }
            zl_rows_pack(
                sources, sources.count, min(PackedRows.rowsPerTask, rowCount - first),
                buffer.address.assumingMemoryBound(to: UInt8.self) + first * stride, stride)
        }
    }

    /// Whether a column may be packed: it has a value in every row.
    static func applies(to column: ColumnVector) -> Bool {
        (column.form == .flat || column.form == .dictionary) && !column.mayHaveNulls && column.count > 0
    }

    /// The rows at `numbers`, a vector for each column that was packed; `ColumnVector.noRow` gives NULL.
    ///
    /// - Parameter present: which numbers are rows; nil where all are.
    /// - Complexity: O(count), a row of memory each.
    func gather(_ numbers: UnsafePointer<UInt32>, count: Int, present: ValidityBitmap?) -> [ColumnVector] {
        let buffers = fields.map { Buffer(byteCount: max(16, count * $0.width)) }
        let targets = zip(fields, buffers).map { zl_row_field(values: $1.address, offset: $0.offset, width: $0.width) }
        zl_rows_unpack(
            targets, targets.count, rows.address.assumingMemoryBound(to: UInt8.self), stride, numbers, count, UInt32(truncatingIfNeeded: rowCount))
        return zip(fields, buffers).map { field, buffer in
            let column = field.column
            return ColumnVector(
                type: column.type, form: column.form, count: count, buffer: buffer, validity: present, dictionary: column.dictionary,
                heaps: column.heaps)
        }
    }
}
