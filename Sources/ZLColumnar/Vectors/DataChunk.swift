/// Up to `capacity` rows, one vector a column: what flows between operators.
package struct DataChunk: Sendable {
    /// Rows of a full chunk. A multiple of `blockSize`.
    package static let capacity = 4096
    /// Floating sums add up in blocks of this many source rows, whatever the chunk or row-group size.
    package static let blockSize = 2048

    package var columns: [ColumnVector]
    package var rowCount: Int

    package init(columns: [ColumnVector], rowCount: Int) {
        self.columns = columns
        self.rowCount = rowCount
    }

    /// Rows of `range`, sharing memory.
    package func slice(_ range: Range<Int>) -> DataChunk {
        DataChunk(columns: columns.map { $0.slice(range) }, rowCount: range.count)
    }

    /// The rows at `indices`, in that order.
    package func gather(_ indices: UnsafePointer<UInt32>, count: Int) -> DataChunk {
        DataChunk(columns: columns.map { $0.gather(indices, count: count) }, rowCount: count)
    }
}
