import ZLColumnar

/// A column of whole numbers of at most 64 bits, dates, times or DECIMALs as 64-bit keys: keys are equal exactly where the values are.
struct WholeKeys: @unchecked Sendable {  // proof: only read
    /// Holds the memory of `values`.
    private let column: ColumnVector
    let values: UnsafePointer<Int64>
    let nulls: NullMask
    var count: Int { column.count }

    /// nil for other layouts, unsigned 64-bit numbers among them.
    init?(_ vector: ColumnVector) {
        guard WholeKeys.applies(to: vector.physical) else { return nil }
        let flat = vector.flattened()
        switch flat.physical {
        case .bool, .uint8: column = WholeKeys.widened(flat, UInt8.self)
        case .int8: column = WholeKeys.widened(flat, Int8.self)
        case .int16: column = WholeKeys.widened(flat, Int16.self)
        case .uint16: column = WholeKeys.widened(flat, UInt16.self)
        case .int32: column = WholeKeys.widened(flat, Int32.self)
        case .uint32: column = WholeKeys.widened(flat, UInt32.self)
        default: column = flat
        }
        values = column.values(Int64.self)
        nulls = NullMask(column)
    }

    static func applies(to physical: PhysicalType) -> Bool {
        switch physical {
        case .bool, .uint8, .int8, .int16, .uint16, .int32, .uint32, .int64: true
        case .uint64, .int128, .float32, .float64, .string, .interval: false
        }
    }

    private static func widened<T: FixedWidthInteger>(_ flat: ColumnVector, _ element: T.Type) -> ColumnVector {
        let buffer = Buffer(byteCount: max(16, flat.count * 8))
        let (source, target) = (flat.values(T.self), buffer.values(Int64.self))
        for row in 0..<flat.count { target[row] = Int64(truncatingIfNeeded: source[row]) }
        return withExtendedLifetime(flat) { ColumnVector(type: .bigint, count: flat.count, buffer: buffer, validity: flat.validity) }
    }

    /// The least and the greatest key; nil where all are NULL.
    var bounds: ClosedRange<Int64>? {
        var (least, greatest) = (Int64.max, Int64.min)
        if nulls.mayHaveNulls {
            for row in 0..<count where !nulls.isNull(row) {
                least = min(least, values[row])
                greatest = max(greatest, values[row])
            }
        } else {
            for row in 0..<count {
                least = min(least, values[row])
                greatest = max(greatest, values[row])
            }
        }
        return least <= greatest ? least...greatest : nil
    }

    /// Takes back the numbers of rows whose key is NULL.
    func unmarkNulls(_ numbers: UnsafeMutablePointer<UInt32>) {
        guard nulls.mayHaveNulls else { return }
        for row in 0..<count where nulls.isNull(row) { numbers[row] = ColumnVector.noRow }
    }
}
