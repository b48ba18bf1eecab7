import ZLColumnar

/// The partitions of a sorted input and, within them, the rows with equal ORDER BY keys. NULL equals NULL, NaN equals NaN.
package struct PeerGroups: @unchecked Sendable {  // proof: the buffers are written in init and read only afterwards
    /// The first row of each row's peer group.
    package let start: UnsafePointer<UInt32>
    /// The first row after each row's peer group.
    package let end: UnsafePointer<UInt32>
    private let buffers: [Buffer]

    /// Runs of equal keys: the one run of all rows where there are no keys, none where there are no rows.
    ///
    /// - Complexity: O(rows * keys)
    package static func partitions(keys: [ColumnVector], count: Int) -> [Range<Int>] {
        guard count > 0 else { return [] }
        return runs(in: 0..<count, keys.map { RowEquality($0) })
    }

    package init(orderKeys: [ColumnVector], partitions: [Range<Int>], count: Int) {
        let starts = Buffer(byteCount: max(16, count * 4))
        let ends = Buffer(byteCount: max(16, count * 4))
        let first = starts.values(UInt32.self)
        let last = ends.values(UInt32.self)
        let keys = orderKeys.map { RowEquality($0) }
        for partition in partitions {
            for run in PeerGroups.runs(in: partition, keys) {
                for row in run {
                    first[row] = UInt32(run.lowerBound)
                    last[row] = UInt32(run.upperBound)
                }
            }
        }
        start = UnsafePointer(first)
        end = UnsafePointer(last)
        buffers = [starts, ends]
    }

    private static func runs(in rows: Range<Int>, _ keys: [RowEquality]) -> [Range<Int>] {
        guard !keys.isEmpty else { return [rows] }
        var runs: [Range<Int>] = []
        var start = rows.lowerBound
        for row in rows.dropFirst() where !keys.allSatisfy({ $0.areEqual(row - 1, row) }) {
            runs.append(start..<row)
            start = row
        }
        runs.append(start..<rows.upperBound)
        return runs
    }
}

/// Whether two rows of a flat column hold the same value.
struct RowEquality {
    private let column: ColumnVector

    init(_ column: ColumnVector) { self.column = column.flattened() }

    func areEqual(_ a: Int, _ b: Int) -> Bool {
        let isNull = column.isNull(a)
        if isNull || column.isNull(b) { return isNull == column.isNull(b) }
        switch column.physical {
        case .bool, .int8, .uint8: return column.values(UInt8.self)[a] == column.values(UInt8.self)[b]
        case .int16, .uint16: return column.values(UInt16.self)[a] == column.values(UInt16.self)[b]
        case .int32, .uint32: return column.values(UInt32.self)[a] == column.values(UInt32.self)[b]
        case .int64, .uint64: return column.values(UInt64.self)[a] == column.values(UInt64.self)[b]
        case .int128: return column.values(Int128.self)[a] == column.values(Int128.self)[b]
        case .float32:
            let (x, y) = (column.values(Float.self)[a], column.values(Float.self)[b])
            return x == y || (x.isNaN && y.isNaN)
        case .float64:
            let (x, y) = (column.values(Double.self)[a], column.values(Double.self)[b])
            return x == y || (x.isNaN && y.isNaN)
        case .string: return column.values(StringView.self)[a] == column.values(StringView.self)[b]
        case .interval: return column.values(Interval.self)[a].normalized == column.values(Interval.self)[b].normalized
        }
    }
}
