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

    /// Row groups of the rows of `chunks`, all but the last one full.
    static func cut(_ chunks: [DataChunk], types: [DataType], threads: Int) throws(ZLError) -> [RowGroup] {
        let starts = chunks.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.rowCount) }
        let total = starts.last ?? 0
        let groupCount = (total + capacity - 1) / capacity
        let segments = try WorkerPool.shared.map(count: groupCount * types.count, threads: threads) { task throws(ZLError) in
            let (group, column) = task.quotientAndRemainder(dividingBy: types.count)
            let rows = group * capacity..<min(total, (group + 1) * capacity)
            var pieces: [ColumnVector] = []
            var index = chunk(holding: rows.lowerBound, starts)
            while index < chunks.count, starts[index] < rows.upperBound {
                let first = max(0, rows.lowerBound - starts[index])
                let end = min(chunks[index].rowCount, rows.upperBound - starts[index])
                if first < end { pieces.append(chunks[index].columns[column].slice(first..<end)) }
                index += 1
            }
            return Segment(ColumnVector.concatenate(pieces, type: types[column]))
        }
        return (0..<groupCount).map { group in
            RowGroup(
                rowCount: min(capacity, total - group * capacity),
                segments: Array(segments[group * types.count..<(group + 1) * types.count]))
        }
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
