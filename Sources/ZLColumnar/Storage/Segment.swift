/// One column of one row group.
package final class Segment: Sendable {
    package let type: DataType
    package let rowCount: Int
    private let values: ColumnVector

    /// A segment that holds its values as they are.
    init(values: ColumnVector) {
        type = values.type
        rowCount = values.count
        self.values = values
    }

    /// The rows of `range`, which begins at a multiple of `DataChunk.capacity`.
    package func decode(_ range: Range<Int>) throws(ZLError) -> ColumnVector { values.slice(range) }
}
