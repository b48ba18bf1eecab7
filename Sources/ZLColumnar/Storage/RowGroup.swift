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
        let total = chunks.reduce(0) { $0 + $1.rowCount }
        var groups: [RowGroup] = []
        let columns = types.indices.map { index in
            ColumnVector.concatenate(chunks.map { $0.columns[index] }, type: types[index])
        }
        for start in stride(from: 0, to: total, by: capacity) {
            let range = start..<min(total, start + capacity)
            groups.append(
                RowGroup(rowCount: range.count, segments: columns.map { Segment(values: $0.slice(range)) }))
        }
        return groups
    }
}
