import ZLColumnar

/// Whole-number keys that lie close together: a key's number is its distance from the least one, so nothing is hashed or compared.
///
/// Applies to one key column of an integer layout of at most 64 bits whose range is at most four times the rows, or small.
struct DenseKeys: Sendable {
    private let least: Int64
    /// Numbers 0 ..< `count`.
    let count: Int

    private static let smallRange = 1 << 16
    private static let largestRange = 1 << 26

    /// nil where the keys are not of this kind, or all NULL.
    init?(_ column: ColumnVector) {
        guard let bounds = DenseKeys.bounds(column.flattened()) else { return nil }
        let (distance, overflow) = bounds.upperBound.subtractingReportingOverflow(bounds.lowerBound)
        guard !overflow, distance < max(DenseKeys.smallRange, 4 * column.count), distance < DenseKeys.largestRange else { return nil }
        least = bounds.lowerBound
        count = Int(distance) + 1
    }

    private static func bounds(_ flat: ColumnVector) -> ClosedRange<Int64>? {
        switch flat.physical {
        case .bool, .uint8: bounds(UInt8.self, flat)
        case .int8: bounds(Int8.self, flat)
        case .int16: bounds(Int16.self, flat)
        case .int32: bounds(Int32.self, flat)
        case .int64: bounds(Int64.self, flat)
        case .uint16: bounds(UInt16.self, flat)
        case .uint32: bounds(UInt32.self, flat)
        case .uint64, .int128, .float32, .float64, .string, .interval: nil
        }
    }

    private static func bounds<T: FixedWidthInteger>(_ type: T.Type, _ flat: ColumnVector) -> ClosedRange<Int64>? {
        let values = flat.values(T.self)
        let nulls = NullMask(flat)
        var least = T.max
        var greatest = T.min
        var isEmpty = true
        for row in 0..<flat.count where !nulls.isNull(row) {
            least = min(least, values[row])
            greatest = max(greatest, values[row])
            isEmpty = false
        }
        return isEmpty ? nil : Int64(truncatingIfNeeded: least)...Int64(truncatingIfNeeded: greatest)
    }

    /// The number of each row's key; `ColumnVector.noRow` for NULL and for keys out of range.
    ///
    /// - Complexity: O(rows), a subtraction and a comparison each.
    func find(_ column: ColumnVector, count rows: Int, into numbers: UnsafeMutablePointer<UInt32>) {
        let flat = column.flattened()
        switch flat.physical {
        case .bool, .uint8: find(UInt8.self, flat, rows, numbers)
        case .int8: find(Int8.self, flat, rows, numbers)
        case .int16: find(Int16.self, flat, rows, numbers)
        case .int32: find(Int32.self, flat, rows, numbers)
        case .int64: find(Int64.self, flat, rows, numbers)
        case .uint16: find(UInt16.self, flat, rows, numbers)
        case .uint32: find(UInt32.self, flat, rows, numbers)
        case .uint64, .int128, .float32, .float64, .string, .interval: numbers.update(repeating: ColumnVector.noRow, count: rows)
        }
        guard flat.mayHaveNulls else { return }
        let nulls = NullMask(flat)
        for row in 0..<rows where nulls.isNull(row) { numbers[row] = ColumnVector.noRow }
    }

    private func find<T: FixedWidthInteger>(
        _ type: T.Type, _ flat: ColumnVector, _ rows: Int, _ numbers: UnsafeMutablePointer<UInt32>
    ) {
        let values = flat.values(T.self)
        let limit = UInt64(count)
        for row in 0..<rows {
            let distance = UInt64(bitPattern: Int64(truncatingIfNeeded: values[row]) &- least)
            numbers[row] = distance < limit ? UInt32(truncatingIfNeeded: distance) : ColumnVector.noRow
        }
        withExtendedLifetime(flat) {}
    }
}
