import Synchronization

/// The committed state that all sessions of a process share, in memory or in a file.
package final class Database: Sendable {
    private let state: Mutex<State>
    private let file: DatabaseFile?
    package let isReadOnly: Bool

    private struct State {
        var catalog: Catalog
        var generation: UInt64
        /// Holds the blocks of the generation's catalog.
        var root: [BlockSpan]
    }

    private init(_ file: DatabaseFile?, _ state: State, isReadOnly: Bool) {
        self.file = file
        self.state = Mutex(state)
        self.isReadOnly = isReadOnly
    }

    /// - Parameter path: the database file, made where it does not exist; nil for a database in memory.
    /// - Throws: class io for a file that cannot be opened or is no database, class corruption for a damaged one.
    package static func open(path: String?, isReadOnly: Bool) throws(ZLError) -> Database {
        var state = State(catalog: Catalog(), generation: 0, root: [])
        guard let path else { return Database(nil, state, isReadOnly: isReadOnly) }
        let file = try DatabaseFile(path: path, isReadOnly: isReadOnly)
        if let header = try file.header() {
            guard let blocks = BlockAddress.blocks(block: header.block, offset: header.offset, length: header.length) else {
                throw ZLError(.corruption, "damaged_header", "the header of the database \(path) is damaged")
            }
            var reader = CatalogReader(try file.read(blocks, "the catalog"), at: header.offset, length: header.length, file)
            state = State(catalog: try reader.catalog(), generation: header.generation, root: [file.space.share(blocks)])
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
        var blocks = BlockWriter(file)
        var placed: [ObjectIdentifier: StoredSegment] = [:]
        var segments: [Segment] = []
        for entry in catalog.entries {
            guard let data = entry.data else { continue }
            for (number, group) in data.rowGroups.enumerated() {
                let fresh = group.segments.indices.filter {
                    group.segments[$0].place(in: file) == nil && placed[ObjectIdentifier(group.segments[$0])] == nil
                }
                let encoded = try WorkerPool.shared.map(count: fresh.count, threads: WorkerPool.processorCount) { index throws(ZLError) in
                    EncodedBytes(try group.segments[fresh[index]].encoded())
                }
                for (index, bytes) in zip(fresh, encoded) {
                    let name = "column \(entry.columns[index].name) of table \(entry.schema).\(entry.name), row group \(number)"
                    placed[ObjectIdentifier(group.segments[index])] = StoredSegment(
                        file: file, address: try blocks.append(bytes.buffer.bytes), name: name)
                    segments.append(group.segments[index])
                }
            }
        }
        let writer = CatalogWriter { segment in segment.place(in: file) ?? placed[ObjectIdentifier(segment)] }
        writer.write(catalog)
        let root = try blocks.append(writer.bytes.bytes)
        try blocks.finish()
        let header = DatabaseFile.Header(
            generation: state.generation + 1, block: root.block, offset: root.offset, length: root.length)
        try file.write(header)
        for segment in segments { if let stored = placed[ObjectIdentifier(segment)] { segment.place(stored) } }
        state.generation = header.generation
        state.root = root.spans
    }
}

/// Hands bytes from the thread that wrote them to the one that stores them.
private struct EncodedBytes: @unchecked Sendable {  // proof: written by one task before it ends, read after all have ended
    let buffer: ByteBuffer

    init(_ buffer: ByteBuffer) { self.buffer = buffer }
}
