import Synchronization

/// One column of one row group: a column in memory, or bytes of the database file that are read at the first decode.
package final class Segment: Sendable {
    package let type: DataType
    package let rowCount: Int
    private let state: Mutex<State>

    private struct State {
        var content: SegmentRows.Content?
        var stored: StoredSegment?
        /// What is known without reading; found out when it is asked for first.
        var zone: ZoneMap?
        /// The same of each part of it, for values in memory.
        var zones: [ZoneMap]?
        /// Whether values in memory have been read, and so been encoded where that is worth it.
        var isSettled = false
        /// The bytes that values in memory were encoded to.
        var bytes: Bytes?
        /// Whether a dictionary shared with other row groups was found not to be worth it.
        var staysApart = false
    }

    private struct Bytes {
        let buffer: Buffer
        let count: Int
    }

    /// Pieces of fewer rows on average, or more of them, are put together.
    private static let (leastPieceRows, mostPieces) = (4 * DataChunk.capacity, 8)

    /// A segment of values in memory.
    init(_ values: ColumnVector) {
        type = values.type
        rowCount = values.count
        state = Mutex(State(content: .column(PiecedColumn([StringDictionary.build([values]) ?? values.flattened()]))))
    }

    /// A segment of the values of all pieces in memory.
    ///
    /// - Parameter areStored: each is in the form in which tables keep values, flat or text as codes. A few long ones stay as they are.
    init(_ pieces: [ColumnVector], type: DataType, areStored: Bool = false) {
        self.type = type
        rowCount = pieces.reduce(0) { $0 + $1.count }
        let staysApart = areStored && pieces.count <= Segment.mostPieces && rowCount >= (pieces.count - 1) * Segment.leastPieceRows
        let kept = staysApart ? pieces : [StringDictionary.build(pieces) ?? ColumnVector.concatenate(pieces, type: type)]
        state = Mutex(State(content: .column(PiecedColumn(kept))))
    }

    /// A segment of the values of all pieces in memory, encoded now where that is worth it and not when they are read first.
    package init(packing pieces: [ColumnVector], type: DataType) {
        self.type = type
        rowCount = pieces.reduce(0) { $0 + $1.count }
        let column = PiecedColumn([StringDictionary.build(pieces) ?? ColumnVector.concatenate(pieces, type: type)])
        var state = State(isSettled: true)
        state.content = Segment.compressed(column, type, &state).map { .encoded($0) } ?? .column(column)
        self.state = Mutex(state)
    }

    /// A segment that lies in a file.
    init(type: DataType, rowCount: Int, zone: ZoneMap, stored: StoredSegment) {
        self.type = type
        self.rowCount = rowCount
        state = Mutex(State(stored: stored, zone: zone))
    }

    /// The rows of `range`.
    ///
    /// - Throws: class io or corruption where the values must come from the file and do not.
    package func decode(_ range: Range<Int>) throws(ZLError) -> ColumnVector {
        // why: who asks for single rows wants the ends of many segments
        try SegmentRows(type: type, content: loaded(settling: range.count > 1)).decode(range)
    }

    /// What the rows are read from, for who reads many of them.
    ///
    /// - Throws: class io or corruption where the values must come from the file and do not.
    package func rows() throws(ZLError) -> SegmentRows { SegmentRows(type: type, content: try loaded(settling: true)) }

    /// What is known without reading.
    package var zone: ZoneMap {
        state.withLock { state in
            if let zone = state.zone { return zone }
            guard case .column(let column) = state.content else {
                return ZoneMap(rowCount: rowCount, nullCount: 0, bounds: nil, isAscending: false)
            }
            return Segment.findZones(column, type, &state).whole
        }
    }

    /// A zone for each `ZoneMap.zoneRows` rows.
    package func zones() throws(ZLError) -> [ZoneMap] {
        switch try loaded() {
        case .column(let column): state.withLock { $0.zones ?? Segment.findZones(column, type, &$0).parts }
        case .encoded(let segment): segment.zones
        }
    }

    /// - Complexity: O(rows)
    private static func findZones(_ column: PiecedColumn, _ type: DataType, _ state: inout State) -> (whole: ZoneMap, parts: [ZoneMap]) {
        let found = ZoneMap.zones(of: column, type: type)
        (state.zone, state.zones) = (found.whole, found.parts)
        return found
    }

    /// - Parameter settling: values in memory that are read for the first time are encoded where that is worth it: rows that are never read
    ///   cost nothing, and those that are read again are read from a fraction of the memory.
    private func loaded(settling: Bool = false) throws(ZLError) -> SegmentRows.Content {
        let found: Result<SegmentRows.Content, ZLError> = state.withLock { state in
            if let content = state.content {
                guard settling, !state.isSettled, case .column(let column) = content else { return .success(content) }
                state.isSettled = true
                guard let encoded = Segment.compressed(column, type, &state) else { return .success(content) }
                state.content = .encoded(encoded)
                return .success(.encoded(encoded))
            }
            guard let stored = state.stored else {
                return .failure(ZLError(.internal, "empty_segment", "a segment has neither values nor a place"))
            }
            do throws(ZLError) {
                let content = SegmentRows.Content.encoded(try stored.read(type: type, rowCount: rowCount))
                state.content = content
                return .success(content)
            } catch {
                return .failure(error)
            }
        }
        return try found.get()
    }

    /// Fewer rows are left as they are, and so is what does not shrink to this part.
    private static let (fewestCompressed, leastShrinkage) = (ZoneMap.zoneRows, 2)
    /// A part of the memory of encoded values that may stay unused: a copy costs more than room for a few of them.
    private static let mostSpareRoom = 8

    /// The column encoded; nil where that is not worth it, or where decoding is no faster than reading plain values.
    private static func compressed(_ column: PiecedColumn, _ type: DataType, _ state: inout State) -> EncodedSegment? {
        let rowCount = column.count
        guard rowCount >= Segment.fewestCompressed else { return nil }
        switch type.physical {
        case .int32, .int64, .uint32, .uint64, .float64: break
        default: return nil
        }
        let zones = state.zones ?? Segment.findZones(column, type, &state).parts
        let bytes = SegmentEncoder.encode(ColumnVector.concatenate(column.pieces, type: type), zones)
        guard bytes.count * Segment.leastShrinkage <= rowCount * type.physical.stride else { return nil }
        let count = bytes.count
        let buffer = bytes.release(sparing: Segment.mostSpareRoom)
        let made = try? EncodedSegment(buffer, at: 0, length: count, type: type, rowCount: rowCount, "a column in memory")
        state.bytes = made == nil ? nil : Bytes(buffer: buffer, count: count)
        return made
    }

    /// Bytes by which the values in memory are less than plain ones.
    package var savedByteCount: Int { state.withLock { state in state.bytes.map { rowCount * type.physical.stride - $0.count } ?? 0 } }

    /// The texts of a segment in memory that may share a dictionary with other row groups (`SharedTexts`); nil for all other segments.
    var texts: PiecedColumn? {
        state.withLock { state in
            guard type.physical == .string, !state.staysApart, case .column(let column) = state.content else { return nil }
            return column
        }
    }

    /// A shared dictionary is not worth it.
    func keepApart() { state.withLock { $0.staysApart = true } }

    /// Takes the same texts in another form, unless it went to a file meanwhile.
    func replace(_ column: PiecedColumn, with pieces: [ColumnVector]) {
        state.withLock { state in
            guard case .column = state.content else { return }
            // why: zone maps are found faster from the texts than from codes into many
            if state.zones == nil { _ = Segment.findZones(column, type, &state) }
            state.content = .column(PiecedColumn(pieces))
        }
    }

    /// The segment's bytes, for a file it does not lie in yet.
    func encoded() throws(ZLError) -> ByteBuffer {
        if let known = state.withLock({ $0.bytes }) {
            let bytes = ByteBuffer(capacity: known.count)
            bytes.append(UnsafeRawBufferPointer(start: known.buffer.address, count: known.count))
            return withExtendedLifetime(known.buffer) { bytes }
        }
        return switch try loaded() {
        case .column(let column):
            SegmentEncoder.encode(StringDictionary.build(column.pieces) ?? ColumnVector.concatenate(column.pieces, type: type), try zones())
        case .encoded(let segment): SegmentEncoder.encode(try segment.decode(0..<rowCount), segment.zones)
        }
    }

    /// Where the segment lies in `file`; nil where it is not there yet.
    func place(in file: DatabaseFile) -> StoredSegment? {
        state.withLock { $0.stored.flatMap { $0.file === file ? $0 : nil } }
    }

    /// Takes the place in the file and lets go of the values: they come back encoded when they are needed.
    func place(_ stored: StoredSegment) { state.withLock { $0 = State(stored: stored, zone: $0.zone) } }
}

/// A segment's bytes in the database file.
struct StoredSegment: Sendable {
    let file: DatabaseFile
    let address: BlockAddress
    /// Table, column and row group, for messages.
    let name: String

    func read(type: DataType, rowCount: Int) throws(ZLError) -> EncodedSegment {
        guard let blocks = BlockAddress.blocks(block: address.block, offset: address.offset, length: address.length) else {
            throw ZLError(.corruption, "damaged_segment", "\(name) is damaged: it has no place in the file")
        }
        let buffer = try file.read(blocks, name)
        return try EncodedSegment(buffer, at: address.offset, length: address.length, type: type, rowCount: rowCount, name)
    }
}
