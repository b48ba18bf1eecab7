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
}
