/// The rows of a table at one moment: immutable, shared between snapshots. A change makes another value that shares what did
/// not change.
package struct TableData: Sendable {
    package let types: [DataType]
    package let rowGroups: [RowGroup]
    package let rowCount: Int

    package init(types: [DataType], rowGroups: [RowGroup] = []) {
        self.types = types
        self.rowGroups = rowGroups
        rowCount = rowGroups.reduce(0) { $0 + $1.rowCount }
    }

    /// These rows and, behind them, the rows of `chunks`, whose columns must have this table's types.
    ///
    /// - Complexity: O(new rows + rows of the last row group, where that is not full)
    package func appending(_ chunks: [DataChunk], threads: Int = 1) throws(ZLError) -> TableData {
        guard chunks.contains(where: { $0.rowCount > 0 }) else { return self }
        var groups = rowGroups
        var pieces = chunks
        if let last = groups.last, last.rowCount < RowGroup.capacity {
            groups.removeLast()
            pieces.insert(DataChunk(columns: try last.columns(), rowCount: last.rowCount), at: 0)
        }
        return TableData(types: types, rowGroups: groups + (try RowGroup.cut(pieces, types: types, threads: threads)))
    }
}
