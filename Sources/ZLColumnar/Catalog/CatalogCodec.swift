/// A catalog as bytes: schemas, then entries with columns, text, sort order and the places of their segments. Little endian;
/// texts and lists begin with their count in 32 bits.
struct CatalogWriter {
    let bytes = ByteBuffer()
    private let place: (Segment) -> StoredSegment?

    /// - Parameter place: where a segment lies in the file.
    init(place: @escaping (Segment) -> StoredSegment?) { self.place = place }

    func write(_ catalog: Catalog) {
        let schemas = catalog.schemas
        number(UInt32(schemas.count))
        for schema in schemas { text(schema) }
        let entries = catalog.entries
        number(UInt32(entries.count))
        for entry in entries { write(entry) }
    }

    private func write(_ entry: CatalogEntry) {
        text(entry.schema)
        text(entry.name)
        number(entry.kind.rawValue)
        text(entry.text)
        number(UInt32(entry.columns.count))
        for column in entry.columns {
            text(column.name)
            type(column.type)
            number(UInt8(column.isNotNull ? 1 : 0))
            number(UInt8(column.defaultText == nil ? 0 : 1))
            if let value = column.defaultText { text(value) }
        }
        number(UInt32(entry.sortOrder.count))
        for index in entry.sortOrder { number(UInt32(index)) }
        number(UInt8(entry.data == nil ? 0 : 1))
        guard let data = entry.data else { return }
        number(UInt32(data.rowGroups.count))
        for group in data.rowGroups {
            number(UInt32(group.rowCount))
            for segment in group.segments {
                let address = place(segment)?.address
                number(UInt32(address?.block ?? 0))
                number(UInt32(address?.offset ?? 0))
                number(UInt64(address?.length ?? 0))
                write(segment.zone)
            }
        }
    }

    private func write(_ zone: ZoneMap) {
        number(UInt32(zone.nullCount))
        number(UInt8((zone.bounds == nil ? 0 : 1) | (zone.isAscending ? 2 : 0)))
        guard let bounds = zone.bounds else { return }
        number(bounds.lowerBound)
        number(bounds.upperBound)
    }

    private func number<T: FixedWidthInteger>(_ value: T) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append($0) }
    }

    private func text(_ value: String) {
        number(UInt32(value.utf8.count))
        bytes.append(text: value)
    }

    private func type(_ type: DataType) {
        number(TypeCode.code(type))
        if case .decimal(let precision, let scale) = type {
            number(precision)
            number(scale)
        }
    }
}

/// Reads what `CatalogWriter` wrote. Every count is held against the bytes that are left.
struct CatalogReader {
    private let buffer: Buffer
    private let file: DatabaseFile
    private let end: Int
    private var offset: Int

    init(_ buffer: Buffer, at offset: Int, length: Int, _ file: DatabaseFile) {
        self.buffer = buffer
        self.file = file
        self.offset = offset
        end = offset + length
    }

    mutating func catalog() throws(ZLError) -> Catalog {
        var catalog = Catalog()
        for _ in 0..<(try count()) { catalog.createSchema(try text()) }
        for _ in 0..<(try count()) { catalog.put(try entry()) }
        return catalog
    }

    private mutating func entry() throws(ZLError) -> CatalogEntry {
        let schema = try text()
        let name = try text()
        guard let kind = CatalogEntry.Kind(rawValue: try number()) else { throw damaged }
        var entry = CatalogEntry(schema: schema, name: name, kind: kind, text: try text())
        for _ in 0..<(try count()) {
            var column = ColumnDefinition(name: try text(), type: try type())
            column.isNotNull = try number(UInt8.self) == 1
            if try number(UInt8.self) == 1 { column.defaultText = try text() }
            entry.columns.append(column)
        }
        for _ in 0..<(try count()) { entry.sortOrder.append(Int(try number(UInt32.self))) }
        guard try number(UInt8.self) == 1 else { return entry }
        var groups: [RowGroup] = []
        for group in 0..<(try count()) {
            let rowCount = Int(try number(UInt32.self))
            guard rowCount <= RowGroup.capacity else { throw damaged }
            var segments: [Segment] = []
            for column in entry.columns {
                let stored = StoredSegment(
                    file: file, address: try address(), name: "column \(column.name) of table \(schema).\(name), row group \(group)")
                segments.append(Segment(type: column.type, rowCount: rowCount, zone: try zone(rowCount), stored: stored))
            }
            groups.append(RowGroup(rowCount: rowCount, segments: segments))
        }
        entry.data = TableData(types: entry.columns.map(\.type), rowGroups: groups)
        return entry
    }

    private mutating func address() throws(ZLError) -> BlockAddress {
        let block = Int(try number(UInt32.self))
        let offset = Int(try number(UInt32.self))
        guard let length = Int(exactly: try number(UInt64.self)),
            let blocks = BlockAddress.blocks(block: block, offset: offset, length: length)
        else { throw damaged }
        return BlockAddress(block: block, offset: offset, length: length, spans: [file.space.share(blocks)])
    }

    private mutating func zone(_ rowCount: Int) throws(ZLError) -> ZoneMap {
        let nullCount = Int(try number(UInt32.self))
        let flags: UInt8 = try number()
        var bounds: ClosedRange<Int64>?
        if flags & 1 == 1 {
            let least: Int64 = try number()
            let greatest: Int64 = try number()
            guard least <= greatest else { throw damaged }
            bounds = least...greatest
        }
        guard nullCount <= rowCount else { throw damaged }
        return ZoneMap(rowCount: rowCount, nullCount: nullCount, bounds: bounds, isAscending: flags & 2 == 2)
    }

    private var damaged: ZLError { ZLError(.corruption, "damaged_catalog", "the catalog of the database \(file.path) is damaged") }

    private mutating func number<T: FixedWidthInteger>(_ type: T.Type = T.self) throws(ZLError) -> T {
        guard end - offset >= MemoryLayout<T>.size else { throw damaged }
        defer { offset += MemoryLayout<T>.size }
        return T(littleEndian: buffer.address.loadUnaligned(fromByteOffset: offset, as: T.self))
    }

    /// A count of things of at least one byte each.
    private mutating func count() throws(ZLError) -> Int {
        let count = Int(try number(UInt32.self))
        guard count <= end - offset else { throw damaged }
        return count
    }

    private mutating func text() throws(ZLError) -> String {
        let length = try count()
        defer { offset += length }
        return String(decoding: UnsafeRawBufferPointer(start: buffer.address + offset, count: length), as: UTF8.self)
    }

    private mutating func type() throws(ZLError) -> DataType {
        let code: UInt8 = try number()
        if code == TypeCode.decimal {
            let precision: UInt8 = try number()
            let scale: UInt8 = try number()
            guard (1...38).contains(precision), scale <= precision else { throw damaged }
            return .decimal(precision: precision, scale: scale)
        }
        guard let type = TypeCode.type(code) else { throw damaged }
        return type
    }
}

/// The numbers that stand for types in the file.
enum TypeCode {
    static let decimal: UInt8 = 255
    /// The code of a type is its place.
    private static let types: [DataType] = [
        .null, .boolean, .tinyint, .smallint, .integer, .bigint, .hugeint, .utinyint, .usmallint, .uinteger, .ubigint, .real, .double,
        .varchar, .blob, .date, .time, .timestamp, .timestampNS, .timestampTZ, .interval,
    ]

    static func code(_ type: DataType) -> UInt8 { types.firstIndex(of: type).map { UInt8($0) } ?? decimal }

    static func type(_ code: UInt8) -> DataType? { Int(code) < types.count ? types[Int(code)] : nil }
}
