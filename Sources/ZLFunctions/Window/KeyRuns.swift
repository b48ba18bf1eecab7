import CKernels
import Synchronization
import ZLColumnar

/// One key of PARTITION BY or ORDER BY over a window's whole input.
package struct WindowKey: Sendable {
    fileprivate let column: ColumnVector
    fileprivate let isDescending: Bool
    fileprivate let nullsFirst: Bool

    package init(_ column: ColumnVector, isDescending: Bool = false, nullsFirst: Bool = false) {
        self.column = column.form == .dictionary && !column.mayHaveNulls ? column : column.flattened()
        self.isDescending = isDescending
        self.nullsFirst = nullsFirst
    }
}

/// How each row stands to the one before by partition and order, found in one pass over the keys: whether the rows are in order, and
/// where partitions and peer groups begin. NULL equals NULL, NaN equals NaN and is the greatest number.
///
/// - Complexity: O(rows * keys), rows spread over the threads.
package final class KeyRuns: @unchecked Sendable {  // proof: tasks write disjoint rows in init; read only afterwards
    /// 0 for a row with the keys of the row before, 1 for one that begins a peer group, 2 for one that begins a partition.
    let borders: UnsafeMutablePointer<UInt8>
    private let buffer: Buffer
    private let count: Int
    private let isUnsorted = Atomic<Bool>(false)

    private static let block = 1024
    private static let rowsPerTask = 128 * block

    /// - Parameter inAnyOrder: equal keys are neighbours, but runs of them come in any order: all borders are found.
    package init(partitionBy: [WindowKey], orderBy: [WindowKey], count: Int, threads: Int, inAnyOrder: Bool = false) throws {
        buffer = Buffer(byteCount: max(16, count))
        borders = buffer.values(UInt8.self)
        self.count = count
        let tasks = (count + KeyRuns.rowsPerTask - 1) / KeyRuns.rowsPerTask
        try WorkerPool.shared.forEach(count: tasks, threads: threads) { [self] task in
            let end = min(count, (task + 1) * KeyRuns.rowsPerTask)
            var start = task * KeyRuns.rowsPerTask
            while start < end, inAnyOrder || isSorted {
                let rows = start..<min(end, start + KeyRuns.block)
                if !compare(partitionBy, orderBy, rows) { isUnsorted.store(true, ordering: .relaxed) }
                start = rows.upperBound
            }
        }
    }

    /// No row sorts before the one before it. Where this is false, the borders mean nothing unless any order was asked for.
    package var isSorted: Bool { !isUnsorted.load(ordering: .relaxed) }

    /// The partitions of a sorted input: the one run of all rows where there are no keys, none where there are no rows.
    package var partitions: [Range<Int>] {
        var found: [Range<Int>] = []
        var start = 0
        var row = 1
        while row < count {
            if row + 8 <= count, UnsafeRawPointer(borders + row).loadUnaligned(as: UInt64.self) & 0x0202_0202_0202_0202 == 0 {
                row += 8
                continue
            }
            if borders[row] == 2 {
                found.append(start..<row)
                start = row
            }
            row += 1
        }
        if count > 0 { found.append(start..<count) }
        return found
    }

    /// Whether the rows are in order, each against the one before.
    private func compare(_ partitionBy: [WindowKey], _ orderBy: [WindowKey], _ rows: Range<Int>) -> Bool {
        withUnsafeTemporaryAllocation(of: Int8.self, capacity: KeyRuns.block) { buffer in
            guard let signs = buffer.baseAddress else { return true }
            let first = max(rows.lowerBound, 1)
            let size = rows.upperBound - first
            let target = borders + first
            signs.update(repeating: 0, count: KeyRuns.block)
            for key in partitionBy { key.compare(first, size, signs) }
            for index in 0..<max(size, 0) { target[index] = signs[index] == 0 ? 0 : 2 }
            for key in orderBy { key.compare(first, size, signs) }
            var greatest: Int8 = -1
            for index in 0..<max(size, 0) {
                target[index] |= target[index] == 0 && signs[index] != 0 ? 1 : 0
                greatest = max(greatest, signs[index])
            }
            if rows.lowerBound == 0, rows.upperBound > 0 { borders[0] = 2 }
            return greatest <= 0
        }
    }
}

extension WindowKey {
    /// Where `signs[i]` is still 0, makes it the order of row `first + i - 1` against row `first + i`: -1 before, 0 equal, 1 behind.
    fileprivate func compare(_ first: Int, _ size: Int, _ signs: UnsafeMutablePointer<Int8>) {
        if column.mayHaveNulls {
            for index in 0..<max(size, 0) where signs[index] == 0 { signs[index] = order(first + index - 1, first + index) }
            return
        }
        if column.form == .dictionary { return codes(first, size, signs) }
        switch column.physical {
        case .bool, .uint8: integers(UInt8.self, first, size, signs)
        case .uint16: integers(UInt16.self, first, size, signs)
        case .uint32: integers(UInt32.self, first, size, signs)
        case .uint64: integers(UInt64.self, first, size, signs)
        case .int8: integers(Int8.self, first, size, signs)
        case .int16: integers(Int16.self, first, size, signs)
        case .int32: integers(Int32.self, first, size, signs)
        case .int64: zl_neighbour_signs(column.values(Int64.self) + first - 1, max(size, 0), isDescending ? 1 : -1, isDescending ? -1 : 1, signs)
        case .string: texts(first, size, signs)
        case .float32, .float64, .int128, .interval:
            for index in 0..<max(size, 0) where signs[index] == 0 { signs[index] = order(first + index - 1, first + index) }
        }
    }

    /// Texts of one memory are equal.
    private func texts(_ first: Int, _ size: Int, _ signs: UnsafeMutablePointer<Int8>) {
        let now = column.values(StringView.self) + first
        for index in 0..<max(size, 0) where signs[index] == 0 && !(now[index - 1] == now[index]) {
            let difference = StringView.compare(now + index - 1, now + index)
            let sign: Int8 = difference < 0 ? -1 : (difference > 0 ? 1 : 0)
            signs[index] = isDescending ? -sign : sign
        }
    }

    private func integers<T: FixedWidthInteger>(_ type: T.Type, _ first: Int, _ size: Int, _ signs: UnsafeMutablePointer<Int8>) {
        let now = column.values(T.self) + first
        let before = now - 1
        let (less, greater): (Int8, Int8) = isDescending ? (1, -1) : (-1, 1)
        for index in 0..<max(size, 0) {
            let order: Int8 = before[index] < now[index] ? less : (before[index] > now[index] ? greater : 0)
            signs[index] = signs[index] == 0 ? order : signs[index]
        }
    }

    /// Equal codes are equal texts; those that differ are looked up.
    private func codes(_ first: Int, _ size: Int, _ signs: UnsafeMutablePointer<Int8>) {
        guard let texts = column.dictionary?.values(StringView.self) else { return }
        let now = column.codes + first
        let before = now - 1
        var differences: UInt32 = 0
        for index in 0..<max(size, 0) { differences |= before[index] ^ now[index] }
        if differences == 0 { return }
        for index in 0..<max(size, 0) where before[index] != now[index] && signs[index] == 0 {
            let difference = StringView.compare(texts + Int(before[index]), texts + Int(now[index]))
            let sign: Int8 = difference < 0 ? -1 : (difference > 0 ? 1 : 0)
            signs[index] = isDescending ? -sign : sign
        }
    }

    /// For a flat column.
    private func order(_ a: Int, _ b: Int) -> Int8 {
        let (isNull, otherIsNull) = (column.isNull(a), column.isNull(b))
        if isNull || otherIsNull { return isNull == otherIsNull ? 0 : (isNull == nullsFirst ? -1 : 1) }
        let sign = WindowKey.valueOrder(column, a, column, b)
        return isDescending ? -sign : sign
    }

    /// -1 where row `a` of one vector comes before row `b` of another of the same type, 0 where they are equal, 1 where it comes behind.
    package static func order(
        _ left: ColumnVector, _ a: Int, _ right: ColumnVector, _ b: Int, isDescending: Bool, nullsFirst: Bool
    ) -> Int8 {
        let (isNull, otherIsNull) = (left.isNull(a), right.isNull(b))
        if isNull || otherIsNull { return isNull == otherIsNull ? 0 : (isNull == nullsFirst ? -1 : 1) }
        let (own, other) = (left.plain(a), right.plain(b))
        let sign = valueOrder(own.vector, own.row, other.vector, other.row)
        return isDescending ? -sign : sign
    }

    /// The order of two values of flat vectors; NaN is the greatest number.
    private static func valueOrder(_ left: ColumnVector, _ a: Int, _ right: ColumnVector, _ b: Int) -> Int8 {
        switch left.physical {
        case .bool, .uint8: return sign(left, a, right, b, UInt8.self)
        case .uint16: return sign(left, a, right, b, UInt16.self)
        case .uint32: return sign(left, a, right, b, UInt32.self)
        case .uint64: return sign(left, a, right, b, UInt64.self)
        case .int8: return sign(left, a, right, b, Int8.self)
        case .int16: return sign(left, a, right, b, Int16.self)
        case .int32: return sign(left, a, right, b, Int32.self)
        case .int64: return sign(left, a, right, b, Int64.self)
        case .int128: return sign(left, a, right, b, Int128.self)
        case .float32: return floatingSign(left, a, right, b, Float.self)
        case .float64: return floatingSign(left, a, right, b, Double.self)
        case .interval:
            let (own, other) = (left.values(Interval.self)[a].normalized, right.values(Interval.self)[b].normalized)
            return own < other ? -1 : (own > other ? 1 : 0)
        case .string:
            let (own, other) = (left.values(StringView.self) + a, right.values(StringView.self) + b)
            if own.pointee == other.pointee { return 0 }
            let difference = StringView.compare(own, other)
            return difference < 0 ? -1 : (difference > 0 ? 1 : 0)
        }
    }

    private static func sign<T: Comparable>(_ left: ColumnVector, _ a: Int, _ right: ColumnVector, _ b: Int, _ type: T.Type) -> Int8 {
        let (own, other) = (left.values(T.self)[a], right.values(T.self)[b])
        return own < other ? -1 : (own > other ? 1 : 0)
    }

    private static func floatingSign<T: BinaryFloatingPoint>(
        _ left: ColumnVector, _ a: Int, _ right: ColumnVector, _ b: Int, _ type: T.Type
    ) -> Int8 {
        let (own, other) = (left.values(T.self)[a], right.values(T.self)[b])
        if own.isNaN || other.isNaN { return own.isNaN == other.isNaN ? 0 : (other.isNaN ? -1 : 1) }
        return sign(left, a, right, b, type)
    }
}

extension ColumnVector {
    /// A flat vector and a row of it that hold the value of a row.
    fileprivate func plain(_ row: Int) -> (vector: ColumnVector, row: Int) {
        switch form {
        case .flat: return (self, row)
        case .constant: return (self, 0)
        case .sequence: return (flattened(), row)
        case .dictionary:
            guard let dictionary else { return (flattened(), row) }
            return (dictionary, Int(codes[row]))
        }
    }
}
