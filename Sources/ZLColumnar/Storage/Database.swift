import Synchronization

/// The committed state that all sessions of a process share, in memory or in a file.
package final class Database: Sendable {
    private let state: Mutex<State>
    private let file: DatabaseFile?
    package let isReadOnly: Bool

    private struct State {
        var catalog: Catalog
        var generation: UInt64
        /// The first byte behind what is committed.
        var end: UInt64
    }

    private init(_ file: DatabaseFile?, _ state: State, isReadOnly: Bool) {
        self.file = file
        self.state = Mutex(state)
        self.isReadOnly = isReadOnly
    }

    /// - Parameter path: the database file, made where it does not exist; nil for a database in memory.
    /// - Throws: class io for a file that cannot be opened or is no database, class corruption for a damaged one.
    package static func open(path: String?, isReadOnly: Bool) throws(ZLError) -> Database {
        var state = State(catalog: Catalog(), generation: 0, end: DatabaseFile.firstOffset)
        guard let path else { return Database(nil, state, isReadOnly: isReadOnly) }
        let file = try DatabaseFile(path: path, isReadOnly: isReadOnly)
        if let header = try file.header() {
            let root = try file.read(at: header.rootOffset, length: header.rootLength, checksum: header.rootChecksum, "the catalog")
            var reader = CatalogReader(root, file)
            state = State(catalog: try reader.catalog(), generation: header.generation, end: max(header.end, DatabaseFile.firstOffset))
        }
        return Database(file, state, isReadOnly: isReadOnly)
    }

    /// The committed catalog, tables' rows included.
    package var snapshot: Catalog { state.withLock { $0.catalog } }

    /// Makes a changed catalog the committed one, whole or not at all.
    ///
    /// - Complexity: O(new rows + entries of the catalog)
    package func commit(_ catalog: Catalog) throws(ZLError) {
        if isReadOnly { throw ZLError(.io, "read_only", "the database is open read-only and cannot be changed") }
        let outcome: Result<Void, ZLError> = state.withLock { state in
            do throws(ZLError) {
                if let file { try Database.write(catalog, to: file, &state) }
                state.catalog = catalog
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try outcome.get()
    }

    private static func write(_ catalog: Catalog, to file: DatabaseFile, _ state: inout State) throws(ZLError) {
        var end = state.end
        func append(_ bytes: UnsafeRawBufferPointer) throws(ZLError) -> (offset: UInt64, checksum: UInt64) {
            let offset = end
            try file.write(bytes, at: offset)
            end += (UInt64(bytes.count) + 63) & ~63
            return (offset, DatabaseFile.checksum(bytes))
        }
        for entry in catalog.entries {
            guard let data = entry.data else { continue }
            for (number, group) in data.rowGroups.enumerated() {
                for (segment, column) in zip(group.segments, entry.columns) where segment.place(in: file) == nil {
                    let bytes = SegmentCodec.encode(try segment.decode(0..<segment.rowCount))
                    let (offset, checksum) = try append(UnsafeRawBufferPointer(start: bytes.address, count: bytes.byteCount))
                    segment.place(
                        StoredSegment(
                            file: file, offset: offset, length: UInt64(bytes.byteCount), checksum: checksum,
                            name: "column \(column.name) of table \(entry.schema).\(entry.name), row group \(number)"))
                }
            }
        }
        var writer = CatalogWriter()
        writer.write(catalog, in: file)
        let root = writer.bytes
        let (offset, checksum) = try append(root.bytes)
        let header = DatabaseFile.Header(
            generation: state.generation + 1, rootOffset: offset, rootLength: UInt64(root.bytes.count), rootChecksum: checksum, end: end)
        try file.write(header)
        state.generation = header.generation
        state.end = end
    }
}
