/// A catalog as bytes: schemas, then entries with columns, text, sort order and the places of their segments. Little endian;
/// texts and lists begin with their count in 32 bits.
struct CatalogWriter {
    private(set) var bytes = ByteBuffer()

    mutating func write(_ catalog: Catalog, in file: DatabaseFile) {
        let schemas = catalog.schemas
        number(UInt32(schemas.count))
        for schema in schemas { text(schema) }
        let entries = catalog.entries
        number(UInt32(entries.count))
        for entry in entries { write(entry, in: file) }
    }

    private func write(_ entry: CatalogEntry, in file: DatabaseFile) {
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
                let place = segment.place(in: file)
                number(place?.offset ?? 0)
                number(place?.length ?? 0)
                number(place?.checksum ?? 0)
            }
        }
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
    private var offset = 0

    init(_ buffer: Buffer, _ file: DatabaseFile) {
        self.buffer = buffer
        self.file = file
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
                    file: file, offset: try number(), length: try number(), checksum: try number(),
                    name: "column \(column.name) of table \(schema).\(name), row group \(group)")
                segments.append(Segment(type: column.type, rowCount: rowCount, stored: stored))
            }
            groups.append(RowGroup(rowCount: rowCount, segments: segments))
        }
        entry.data = TableData(types: entry.columns.map(\.type), rowGroups: groups)
        return entry
    }

    private var damaged: ZLError { ZLError(.corruption, "damaged_catalog", "the catalog of the database \(file.path) is damaged") }

    private mutating func number<T: FixedWidthInteger>(_ type: T.Type = T.self) throws(ZLError) -> T {
        guard buffer.byteCount - offset >= MemoryLayout<T>.size else { throw damaged }
        defer { offset += MemoryLayout<T>.size }
        return T(littleEndian: buffer.address.loadUnaligned(fromByteOffset: offset, as: T.self))
    }

    /// A count of things of at least one byte each.
    private mutating func count() throws(ZLError) -> Int {
        let count = Int(try number(UInt32.self))
        guard count <= buffer.byteCount - offset else { throw damaged }
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
