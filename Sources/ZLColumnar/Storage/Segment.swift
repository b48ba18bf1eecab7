import Synchronization

/// One column of one row group: values in memory, or a place in the database file that is read at the first decode.
package final class Segment: Sendable {
    package let type: DataType
    package let rowCount: Int
    private let state: Mutex<State>

    private struct State {
        var values: ColumnVector?
        var stored: StoredSegment?
    }

    /// A segment that holds its values as they are.
    init(values: ColumnVector) {
        type = values.type
        rowCount = values.count
        state = Mutex(State(values: values, stored: nil))
    }

    init(type: DataType, rowCount: Int, stored: StoredSegment) {
        self.type = type
        self.rowCount = rowCount
        state = Mutex(State(values: nil, stored: stored))
    }

    /// The rows of `range`, which begins at a multiple of `DataChunk.capacity`.
    ///
    /// - Throws: class io or corruption where the values must come from the file and do not.
    package func decode(_ range: Range<Int>) throws(ZLError) -> ColumnVector { try loaded().slice(range) }

    private func loaded() throws(ZLError) -> ColumnVector {
        let found: Result<ColumnVector, ZLError> = state.withLock { state in
            if let values = state.values { return .success(values) }
            guard let stored = state.stored else {
                return .failure(ZLError(.internal, "empty_segment", "a segment has neither values nor a place"))
            }
            do throws(ZLError) {
                let values = try SegmentCodec.decode(try stored.read(), type: type, rowCount: rowCount, stored.name)
                state.values = values
                return .success(values)
            } catch {
                return .failure(error)
            }
        }
        return try found.get()
    }

    /// Where the segment lies in `file`; nil where it is not there yet.
    func place(in file: DatabaseFile) -> StoredSegment? {
        state.withLock { $0.stored.flatMap { $0.file === file ? $0 : nil } }
    }

    func place(_ stored: StoredSegment) { state.withLock { $0.stored = stored } }
}

/// A segment's bytes in the database file.
struct StoredSegment: Sendable {
    let file: DatabaseFile
    let offset: UInt64
    let length: UInt64
    let checksum: UInt64
    /// Table, column and row group, for messages.
    let name: String

    func read() throws(ZLError) -> Buffer { try file.read(at: offset, length: length, checksum: checksum, name) }
}
