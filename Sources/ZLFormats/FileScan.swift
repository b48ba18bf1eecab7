import ZLColumnar

/// A column that a file scan offers.
package struct FileColumn: Hashable, Sendable {
    package var name: String
    package var type: DataType

    package init(name: String, type: DataType) {
        self.name = name
        self.type = type
    }
}

/// Rows that come out of one or more files: what `read_dbn`, `read_csv`, `read_fred` and their siblings hand to the executor.
///
/// Opening a scan finds the files and settles names and types of the columns; `read` gives the rows. Task numbers are
/// `0..<taskCount`; tasks may be read at the same time from several threads, and the rows of task 0, then those of task 1 and so on
/// are the rows in file order.
package protocol FileScan: Sendable {
    var columns: [FileColumn] { get }
    var taskCount: Int { get }
    /// Rows in all files, where that is known before they are read.
    var estimatedRowCount: Int? { get }

    /// Reads the rows of one task in order.
    ///
    /// `projection` are positions in `columns`; the chunks have these columns in this order, and each holds 1 to
    /// `DataChunk.capacity` rows. An empty projection gives chunks that have a row count only. What `emit` throws ends the task.
    /// - Throws: `ZLError`, or what `emit` throws.
    func read(
        task: Int, projection: [Int], cancellation: CancellationFlag, emit: (DataChunk) throws -> Void
    ) throws

    /// Some columns of all rows as a table, where opening left them in that form and nothing was read since; they are given once.
    func table(projection: [Int]) -> TableData?
}

extension FileScan {
    package var estimatedRowCount: Int? { nil }
    package func table(projection: [Int]) -> TableData? { nil }
}
