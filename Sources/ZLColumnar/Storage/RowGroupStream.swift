/// Cuts rows into row groups while they come, so that memory holds a few groups' worth of chunks and not all of them.
package struct RowGroupStream {
    private let types: [DataType]
    private let threads: Int
    private var groups: [RowGroup] = []
    private var pending: [DataChunk] = []
    private var pendingRows = 0

    /// Rows that are cut at once: enough work for all threads.
    private static let rowsAtOnce = 4 * RowGroup.capacity

    package init(types: [DataType], threads: Int) {
        self.types = types
        self.threads = threads
    }

    /// Appends the rows of a chunk, whose columns have the stream's types.
    package mutating func append(_ chunk: DataChunk) throws(ZLError) {
        let room = RowGroupStream.rowsAtOnce - pendingRows
        guard chunk.rowCount >= room else {
            pending.append(chunk)
            pendingRows += chunk.rowCount
            return
        }
        pending.append(chunk.slice(0..<room))
        groups += try RowGroup.cut(pending, types: types, threads: threads)
        pending = room < chunk.rowCount ? [chunk.slice(room..<chunk.rowCount)] : []
        pendingRows = chunk.rowCount - room
    }

    /// A table of all rows.
    package mutating func finish() throws(ZLError) -> TableData {
        groups += try RowGroup.cut(pending, types: types, threads: threads)
        pending = []
        return TableData(types: types, rowGroups: groups)
    }
}
