/// Up to `capacity` rows of a table, one segment a column.
package struct RowGroup: Sendable {
    /// A multiple of `DataChunk.capacity`.
    package static let capacity = 122_880

    package let rowCount: Int
    package let segments: [Segment]

    package init(rowCount: Int, segments: [Segment]) {
        self.rowCount = rowCount
        self.segments = segments
    }

    /// All rows, a vector a column.
    package func columns() throws(ZLError) -> [ColumnVector] {
        var columns: [ColumnVector] = []
        for segment in segments { columns.append(try segment.decode(0..<rowCount)) }
        return columns
    }

    /// Row groups whose columns lie in one piece of memory: as large as a huge page where a value takes eight bytes.
    static let groupsTogether = 2

    /// Row groups of the rows of `chunks`, all but the last one full.
    static func cut(_ chunks: [DataChunk], types: [DataType], threads: Int) throws(ZLError) -> [RowGroup] {
        let starts = chunks.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.rowCount) }
        let total = starts.last ?? 0
        let spanRows = groupsTogether * capacity
        let spanCount = (total + spanRows - 1) / spanRows
        let segments = try WorkerPool.shared.map(count: spanCount * types.count, threads: threads) { task throws(ZLError) in
            let (span, column) = task.quotientAndRemainder(dividingBy: types.count)
            let rows = span * spanRows..<min(total, (span + 1) * spanRows)
            if types[column].physical == .string {
                return stride(from: rows.lowerBound, to: rows.upperBound, by: capacity).map {
                    Segment(pieces(of: column, $0..<min(rows.upperBound, $0 + capacity), chunks, starts), type: types[column])
                }
            }
            let whole = ColumnVector.concatenate(pieces(of: column, rows, chunks, starts), type: types[column])
            return stride(from: 0, to: rows.count, by: capacity).map {
                Segment(whole.slice($0..<min(rows.count, $0 + capacity)))
            }
        }
        return (0..<(total + capacity - 1) / capacity).map { group in
            let (span, place) = group.quotientAndRemainder(dividingBy: groupsTogether)
            return RowGroup(
                rowCount: min(capacity, total - group * capacity),
                segments: types.indices.map { segments[span * types.count + $0][place] })
        }
    }

    /// The rows of one column, cut where the chunks are.
    private static func pieces(of column: Int, _ rows: Range<Int>, _ chunks: [DataChunk], _ starts: [Int]) -> [ColumnVector] {
        var pieces: [ColumnVector] = []
        var index = chunk(holding: rows.lowerBound, starts)
        while index < chunks.count, starts[index] < rows.upperBound {
            let first = max(0, rows.lowerBound - starts[index])
            let end = min(chunks[index].rowCount, rows.upperBound - starts[index])
            if first < end { pieces.append(chunks[index].columns[column].slice(first..<end)) }
            index += 1
        }
        return pieces
    }

    /// The last chunk that begins at `row` or before.
    private static func chunk(holding row: Int, _ starts: [Int]) -> Int {
        var low = 0
        var high = starts.count
        while low < high {
            let middle = (low + high) / 2
            if starts[middle] <= row { low = middle + 1 } else { high = middle }
        }
        return low - 1
    }
}
