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
            for row in 0..<count {
                let bytes = (views + row).bytes
                var word: UInt64 = 0
                for index in 0..<min(8, bytes.count) { word |= UInt64(bytes[index]) << UInt64(56 - 8 * index) }
                target[row] = word
            }
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

/// Sorts row numbers by several keys; rows with equal keys keep their order.
struct SortOrder {
    private let keys: [SortColumn]
    private let count: Int

    init(_ keys: [SortColumn], count: Int) {
        self.keys = keys
        self.count = count
    }

    @inline(__always)
    private func compare(_ a: Int, _ b: Int) -> Int {
        for key in keys {
            let order = key.compare(a, b)
            if order != 0 { return order }
        }
        return 0
    }

    /// - Complexity: O(rows * keys)
    var isSorted: Bool {
        guard count > 1 else { return true }
        for row in 1..<count where compare(row - 1, row) > 0 { return false }
        return true
    }

    /// The row numbers in order; nil where the rows are in order already.
    ///
    /// - Complexity: O(n log n) compares; both halves at once where there are two threads.
    func permutation(threads: Int) throws -> Buffer? {
        if isSorted { return nil }
        let first = Buffer(byteCount: count * 4)
        let second = Buffer(byteCount: count * 4)
        let rows = first.values(UInt32.self)
        for row in 0..<count { rows[row] = UInt32(row) }
        if threads > 1, count > 100_000 {
            let half = count / 2
            let sorter = Sorter(order: self, rows: rows, scratch: second.values(UInt32.self))
            try WorkerPool.shared.forEach(count: 2, threads: threads) { part in
                part == 0 ? sorter.sort(0, half) : sorter.sort(half, sorter.order.count)
            }
            sorter.merge(0, half, count)
        } else {
            Sorter(order: self, rows: rows, scratch: second.values(UInt32.self)).sort(0, count)
        }
        return first
    }

    /// Stable merge sort with insertion sort below 16 rows.
    private struct Sorter: @unchecked Sendable {  // proof: two threads sort disjoint ranges of rows and scratch
        let order: SortOrder
        let rows: UnsafeMutablePointer<UInt32>
        let scratch: UnsafeMutablePointer<UInt32>

        private static let insertionLimit = 16

        func sort(_ start: Int, _ end: Int) {
            if end - start <= Sorter.insertionLimit { return insertionSort(start, end) }
            let middle = start + (end - start) / 2
            sort(start, middle)
            sort(middle, end)
            merge(start, middle, end)
        }

        private func insertionSort(_ start: Int, _ end: Int) {
            guard end - start > 1 else { return }
            for index in (start + 1)..<end {
                let row = rows[index]
                var place = index
                while place > start, order.compare(Int(rows[place - 1]), Int(row)) > 0 {
                    rows[place] = rows[place - 1]
                    place -= 1
                }
                rows[place] = row
            }
        }

        func merge(_ start: Int, _ middle: Int, _ end: Int) {
            if order.compare(Int(rows[middle - 1]), Int(rows[middle])) <= 0 { return }
            (scratch + start).update(from: rows + start, count: middle - start)
            var left = start
            var right = middle
            var target = start
            while left < middle, right < end {
                if order.compare(Int(rows[right]), Int(scratch[left])) < 0 {
                    rows[target] = rows[right]
                    right += 1
                } else {
                    rows[target] = scratch[left]
                    left += 1
                }
                target += 1
            }
            while left < middle {
                rows[target] = scratch[left]
                left += 1
                target += 1
            }
        }
    }
}
