import Glibc
import ZLColumnar

/// One sort key over a whole column: words that compare like the values, NULLs placed, direction applied.
///
/// Numbers and times become one word whose unsigned order is theirs (NaN above everything, -0 equal to 0); 16-byte integers
/// two; strings the first eight bytes, big-endian, with the strings themselves to settle ties.
struct SortColumn {
    let words: Buffer
    /// The low words of 128-bit layouts.
    let lowWords: Buffer?
    /// 0 where NULLs come first, 2 where they come last, 1 for a value; nil without NULLs.
    let nullRanks: Buffer?
    let strings: ColumnVector?
    let isDescending: Bool

    init(_ column: ColumnVector, isDescending: Bool, nullsFirst: Bool) {
        let flat = column.flattened()
        let count = flat.count
        let buffer = Buffer(byteCount: max(16, count * 8))
        let target = buffer.values(UInt64.self)
        var low: Buffer?
        var strings: ColumnVector?
        switch flat.physical {
        case .bool, .uint8: SortColumn.unsigned(flat.values(UInt8.self), target, count)
        case .uint16: SortColumn.unsigned(flat.values(UInt16.self), target, count)
        case .uint32: SortColumn.unsigned(flat.values(UInt32.self), target, count)
        case .uint64: SortColumn.unsigned(flat.values(UInt64.self), target, count)
        case .int8: SortColumn.signed(flat.values(Int8.self), target, count)
        case .int16: SortColumn.signed(flat.values(Int16.self), target, count)
        case .int32: SortColumn.signed(flat.values(Int32.self), target, count)
        case .int64: SortColumn.signed(flat.values(Int64.self), target, count)
        case .float32:
            let values = flat.values(Float.self)
            for row in 0..<count { target[row] = SortColumn.ordered(Double(values[row])) }
        case .float64:
            let values = flat.values(Double.self)
            for row in 0..<count { target[row] = SortColumn.ordered(values[row]) }
        case .int128, .interval:
            let lower = Buffer(byteCount: max(16, count * 8))
            let lowTarget = lower.values(UInt64.self)
            for row in 0..<count {
                let value = flat.physical == .int128 ? flat.values(Int128.self)[row] : flat.values(Interval.self)[row].normalized
                target[row] = UInt64(bitPattern: Int64(truncatingIfNeeded: value >> 64)) ^ (1 << 63)
                lowTarget[row] = UInt64(truncatingIfNeeded: value)
            }
            low = lower
        case .string:
            let views = flat.values(StringView.self)
            for row in 0..<count { target[row] = (views + row).prefix }
            strings = flat
        }
        if isDescending, strings == nil {
            for row in 0..<count { target[row] = ~target[row] }
            if let lowTarget = low?.values(UInt64.self) { for row in 0..<count { lowTarget[row] = ~lowTarget[row] } }
        }
        var ranks: Buffer?
        if flat.mayHaveNulls {
            let made = Buffer(byteCount: max(16, count))
            let rank = made.values(UInt8.self)
            for row in 0..<count {
                let isNull = flat.isNull(row)
                rank[row] = isNull ? (nullsFirst ? 0 : 2) : 1
                if isNull {
                    target[row] = 0
                    low?.values(UInt64.self)[row] = 0
                }
            }
            ranks = made
        }
        words = buffer
        lowWords = low
        nullRanks = ranks
        self.strings = strings
        self.isDescending = isDescending
    }

    private static func unsigned<T: FixedWidthInteger>(
        _ values: UnsafePointer<T>, _ target: UnsafeMutablePointer<UInt64>, _ count: Int
    ) {
        for row in 0..<count { target[row] = UInt64(truncatingIfNeeded: values[row]) }
    }

    private static func signed<T: FixedWidthInteger>(
        _ values: UnsafePointer<T>, _ target: UnsafeMutablePointer<UInt64>, _ count: Int
    ) {
        for row in 0..<count { target[row] = UInt64(bitPattern: Int64(truncatingIfNeeded: values[row])) ^ (1 << 63) }
    }

    /// The unsigned word that orders doubles as SQL does.
    static func ordered(_ value: Double) -> UInt64 {
        if value.isNaN { return .max }
        let bits = (value == 0 ? 0 : value).bitPattern
        return bits >> 63 == 1 ? ~bits : bits | (1 << 63)
    }

    /// Below, equal or above zero.
    @inline(__always)
    func compare(_ a: Int, _ b: Int) -> Int {
        if let ranks = nullRanks?.values(UInt8.self), ranks[a] != ranks[b] { return ranks[a] < ranks[b] ? -1 : 1 }
        let values = words.values(UInt64.self)
        if let strings {
            var order = values[a] == values[b] ? 0 : (values[a] < values[b] ? -1 : 1)
            if order == 0 {
                if let ranks = nullRanks?.values(UInt8.self), ranks[a] != 1 { return 0 }
                let views = strings.values(StringView.self)
                order = StringView.compare(views + a, views + b)
            }
            return isDescending ? -order : order
        }
        if values[a] != values[b] { return values[a] < values[b] ? -1 : 1 }
        guard let low = lowWords?.values(UInt64.self), low[a] != low[b] else { return 0 }
        return low[a] < low[b] ? -1 : 1
    }
}
