/// Some rows of a table to be: each column in few long pieces, cut where its memory or its dictionary ends.
package struct RowPieces: Sendable {
    let rowCount: Int
    /// For each column the vectors whose rows, one after the other, are the column's.
    let columns: [[ColumnVector]]

    /// Takes the rows of chunks while they come, so that each value is copied once and the chunks' memory is used again.
    package struct Builder {
        private var rowCount = 0
        private var columns: [ColumnPieces]

        package init(types: [DataType]) { columns = types.map { ColumnPieces(type: $0) } }

        /// Appends the rows of a chunk, whose columns have the table's types.
        package mutating func append(_ chunk: DataChunk) {
            rowCount += chunk.rowCount
            for index in columns.indices { columns[index].append(chunk.columns[index]) }
        }

        /// The rows; the builder is empty afterwards.
        package mutating func finish() -> RowPieces {
            defer { rowCount = 0 }
            var finished: [[ColumnVector]] = []
            for index in columns.indices { finished.append(columns[index].finish()) }
            return RowPieces(rowCount: rowCount, columns: finished)
        }
    }
}

extension TableData {
    /// A table of the rows of all pieces, in order.
    ///
    /// - Complexity: O(pieces), and O(rows) for those that lie in many short ones.
    package init(types: [DataType], _ parts: [RowPieces], threads: Int) throws(ZLError) {
        let total = parts.reduce(0) { $0 + $1.rowCount }
        let columns = types.indices.map { column in PiecedColumn(parts.flatMap { $0.columns[column] }) }
        let groupCount = (total + RowGroup.capacity - 1) / RowGroup.capacity
        let segments = try WorkerPool.shared.map(count: groupCount * types.count, threads: threads) { task throws(ZLError) in
            let (group, column) = task.quotientAndRemainder(dividingBy: types.count)
            let first = group * RowGroup.capacity
            return Segment(columns[column].pieces(of: first..<min(total, first + RowGroup.capacity)), type: types[column], areStored: true)
        }
        self.init(
            types: types,
            rowGroups: (0..<groupCount).map { group in
                RowGroup(
                    rowCount: min(RowGroup.capacity, total - group * RowGroup.capacity),
                    segments: Array(segments[group * types.count..<(group + 1) * types.count]))
            })
    }
}
