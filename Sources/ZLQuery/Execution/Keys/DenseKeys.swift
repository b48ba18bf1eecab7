import CKernels
import ZLColumnar

/// Whole-number keys that lie close together: a key's number is its distance from the least one, so nothing is hashed or compared.
struct DenseKeys: Sendable {
    let least: Int64
    /// Numbers 0 ..< `count`.
    let count: Int

    /// Entries that there may be however few the rows, and for each row.
    private static let smallRange = 1 << 16
    private static let entriesPerRow = 8
    private static let largestRange = 1 << 27

    /// nil where the keys spread too far.
    init?(_ bounds: ClosedRange<Int64>, rowCount: Int) {
        let (distance, overflow) = bounds.upperBound.subtractingReportingOverflow(bounds.lowerBound)
        guard !overflow, distance < max(DenseKeys.smallRange, DenseKeys.entriesPerRow * rowCount), distance < DenseKeys.largestRange else { return nil }
        least = bounds.lowerBound
        count = Int(distance) + 1
    }

    /// The number of each key; `ColumnVector.noRow` for NULL and for keys out of range.
    ///
    /// - Parameter rows: entries, one a number, to give instead of the numbers.
    /// - Complexity: O(rows), a subtraction and a comparison each.
    func find(_ keys: WholeKeys, rows: UnsafePointer<UInt32>? = nil, into numbers: UnsafeMutablePointer<UInt32>) {
        zl_dense_find(keys.values, keys.count, least, UInt64(count), rows, numbers)
        keys.unmarkNulls(numbers)
    }

    private static let rowsPerTask = 1 << 16

    /// The row of each number, `ColumnVector.noRow` where it has none, and a bit for each that has one; nil where some key has several rows.
    /// `areRows`: each number is its row's, for the keys follow each other without a gap.
    ///
    /// - Complexity: O(rows + numbers)
    func place(_ keys: WholeKeys, _ context: ExecutionContext) throws -> (rows: Buffer, bits: Buffer, areRows: Bool)? {
        let (rows, bits) = (Buffer(byteCount: max(16, count * 4)), Buffer(byteCount: (count + 63) / 64 * 8))
        func each(_ total: Int, _ body: @escaping @Sendable (Range<Int>) -> Int) throws -> Int {
            let sums = try WorkerPool.shared.map(
                count: (total + DenseKeys.rowsPerTask - 1) / DenseKeys.rowsPerTask, threads: context.threads
            ) { task throws(ZLError) in
                try context.cancellation.check()
                return body(task * DenseKeys.rowsPerTask..<min(total, (task + 1) * DenseKeys.rowsPerTask))
            }
            return sums.reduce(0, +)
        }
        _ = try each(count) { range in
            (rows.values(UInt32.self) + range.lowerBound).update(repeating: ColumnVector.noRow, count: range.count)
            return 0
        }
        let least = least
        let placed = try each(keys.count) { range in
            let target = rows.values(UInt32.self)
            guard keys.nulls.mayHaveNulls else {
                zl_dense_place(keys.values + range.lowerBound, range.count, least, UInt32(truncatingIfNeeded: range.lowerBound), target)
                return range.count
            }
            var valid = 0
            for row in range where !keys.nulls.isNull(row) {
                zl_dense_place(keys.values + row, 1, least, UInt32(truncatingIfNeeded: row), target)
                valid += 1
            }
            return valid
        }
        let filled = try each(count) { range in
            zl_filled_bits(rows.values(UInt32.self) + range.lowerBound, range.count, bits.values(UInt64.self) + range.lowerBound / 64)
        }
        guard filled == placed else { return nil }
        let moved = try each(count) { range in
            let row = rows.values(UInt32.self)
            var differing: UInt32 = 0
            for number in range { differing |= row[number] ^ UInt32(truncatingIfNeeded: number) }
            return differing == 0 ? 0 : 1
        }
        return (rows, bits, moved == 0)
    }
}
