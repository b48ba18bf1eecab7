import ZLColumnar

/// Numbers of integers that lie close together: an array addressed by the integer.
///
/// The array covers the range seen so far and grows with it while it stays small beside the rows.
final class DenseNumbers {
    private let type: DataType
    /// Integer of the array's first place.
    private var base: Int64 = 0
    private var size = 0
    /// Number + 1; 0 where the integer is new.
    private var places = Buffer(byteCount: 16)
    private var keys: [Int64] = []
    /// Number of the NULL key.
    private var null: Int?
    private var rowsSeen = 0

    private let leastSize: Int
    private static let greatestSize = 1 << 26
    private static let placesPerRow = 8

    static func applies(to type: DataType) -> Bool {
        switch type.physical {
        case .int32, .int64, .uint32, .int16, .uint16, .int8, .uint8, .bool: true
        default: false
        }
    }

    /// - Parameter leastSize: the places that an array may have however few the rows.
    init(type: DataType, leastSize: Int) {
        self.type = type
        self.leastSize = leastSize
    }

    var count: Int { keys.count }

    /// Numbers the rows; false, and nothing done, where the integers spread too far for an array.
    func insert(_ column: ColumnVector, count rows: Int, into numbers: UnsafeMutablePointer<UInt32>) -> Bool {
        let flat = column.flattened()
        defer { withExtendedLifetime(flat) {} }
        return switch type.physical {
        case .bool, .uint8: insert(flat, flat.values(UInt8.self), rows, numbers)
        case .int8: insert(flat, flat.values(Int8.self), rows, numbers)
        case .int16: insert(flat, flat.values(Int16.self), rows, numbers)
        case .uint16: insert(flat, flat.values(UInt16.self), rows, numbers)
        case .int32: insert(flat, flat.values(Int32.self), rows, numbers)
        case .uint32: insert(flat, flat.values(UInt32.self), rows, numbers)
        default: insert(flat, flat.values(Int64.self), rows, numbers)
        }
    }

    @inline(__always)
    private func insert<T: FixedWidthInteger>(
        _ column: ColumnVector, _ values: UnsafePointer<T>, _ rows: Int, _ numbers: UnsafeMutablePointer<UInt32>
    ) -> Bool {
        guard cover(column, values, rows) else { return false }
        let places = places.values(UInt32.self)
        let base = base
        let nulls = NullMask(column)
        for row in 0..<rows {
            if nulls.isNull(row) {
                numbers[row] = nullNumber()
                continue
            }
            let value = Int64(truncatingIfNeeded: values[row])
            let place = Int(value &- base)
            if places[place] == 0 {
                keys.append(value)
                places[place] = UInt32(truncatingIfNeeded: keys.count)
            }
            numbers[row] = places[place] &- 1
        }
        return true
    }

    private func nullNumber() -> UInt32 {
        if null == nil {
            null = keys.count
            keys.append(0)
        }
        return UInt32(truncatingIfNeeded: null ?? 0)
    }

    /// Makes the array cover the values that are not NULL.
    @inline(__always)
    private func cover<T: FixedWidthInteger>(_ column: ColumnVector, _ values: UnsafePointer<T>, _ rows: Int) -> Bool {
        var (least, greatest) = (T.max, T.min)
        let nulls = NullMask(column)
        if nulls.mayHaveNulls {
            for row in 0..<rows where !nulls.isNull(row) {
                least = min(least, values[row])
                greatest = max(greatest, values[row])
            }
        } else {
            for row in 0..<rows {
                least = min(least, values[row])
                greatest = max(greatest, values[row])
            }
        }
        rowsSeen += rows
        if least > greatest { return true }
        return cover(Int64(truncatingIfNeeded: least), Int64(truncatingIfNeeded: greatest))
    }

    private func cover(_ least: Int64, _ greatest: Int64) -> Bool {
        if size > 0, least >= base, greatest &- base < Int64(size), greatest >= base { return true }
        let low = size == 0 ? least : min(least, base)
        let high = size == 0 ? greatest : max(greatest, base + Int64(size) - 1)
        let (span, overflow) = high.subtractingReportingOverflow(low)
        let limit = min(DenseNumbers.greatestSize, max(leastSize, DenseNumbers.placesPerRow * rowsSeen))
        guard !overflow, span < Int64(limit) else { return false }
        // why: room to both sides where it moved, so that a range that creeps on is not copied for each batch
        let room = min(max(Int(span) + 1, 1024) * 2, DenseNumbers.greatestSize)
        let downwards = size > 0 && least < base
        let spare = Int64(room) - span - 1
        var start = downwards ? low.subtractingReportingOverflow(spare) : (partialValue: low, overflow: false)
        if start.overflow || start.partialValue.addingReportingOverflow(Int64(room)).overflow { start.partialValue = low }
        guard !start.partialValue.addingReportingOverflow(Int64(room)).overflow else { return false }
        let larger = Buffer(byteCount: room * 4)
        larger.zero()
        if size > 0 {
            (larger.values(UInt32.self) + Int(base - start.partialValue)).update(from: places.values(UInt32.self), count: size)
        }
        places = larger
        base = start.partialValue
        size = room
        return true
    }

    func keyColumn() -> ColumnVector {
        let builder = ColumnBuilder(type: type, capacity: keys.count)
        for (number, key) in keys.enumerated() {
            if number == null {
                builder.appendNull()
                continue
            }
            switch type.physical.stride {
            case 1: builder.append(UInt8(truncatingIfNeeded: key))
            case 2: builder.append(UInt16(truncatingIfNeeded: key))
            case 4: builder.append(UInt32(truncatingIfNeeded: key))
            default: builder.append(key)
            }
        }
        return builder.finish()
    }
}
