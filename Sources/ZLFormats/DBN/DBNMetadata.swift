import ZLColumnar

/// The header of a DBN file: what was asked for, and which instrument ids mean which symbols on which days.
struct DBNMetadata: Sendable {
    /// One symbol's meaning over days `start..<end` since 1970.
    struct MappingInterval: Hashable, Sendable {
        var start: Int32
        var end: Int32
        var symbol: String
    }

    struct Mapping: Hashable, Sendable {
        var rawSymbol: String
        var intervals: [MappingInterval]
    }

    var version: UInt8
    var dataset: String
    var schema: DBNSchema
    var symbolTypeIn: UInt8
    var symbolTypeOut: UInt8
    var hasTimestampOut: Bool
    var mappings: [Mapping]
    /// Offset of the first record.
    var recordsStart: Int

    /// Code of the symbology that names an instrument by its number.
    static let instrumentIDSymbology: UInt8 = 0
    private static let newestVersion: UInt8 = 3
    private static let fixedByteCount = 100
    private static let prefixByteCount = 8
    private static let oldSymbolLength = 22

    /// Reads the header from the start of a stream.
    ///
    /// - Throws: an error that names the file for everything that no valid header has. Memory stays within the file's own size.
    static func read(from stream: ByteStream) throws(ZLError) -> DBNMetadata {
        let path = stream.file.path
        guard stream.file.byteCount > 0 else { throw invalid(path, "the file is empty", offset: 0) }
        if isOldFormat(stream.firstBytes) {
            throw ZLError(
                .io, "old_dbz_format", "\(path) is in Databento's old DBZ format, which is not read",
                hint: "convert it with Databento's dbn program, or download it again as DBN")
        }
        let prefix = Buffer(byteCount: prefixByteCount)
        defer { withExtendedLifetime(prefix) {} }
        let found = try stream.read(prefixByteCount, into: prefix.address)
        let start = UnsafeRawBufferPointer(start: prefix.address, count: found)
        guard found == prefixByteCount, start.starts(with: "DBN".utf8) else { throw noMagic(path, start) }
        let version = start[3]
        guard version >= 1, version <= newestVersion else {
            let reason = version > newestVersion ? "a newer version" : "no version"
            throw invalid(path, "DBN version \(version) is \(reason); versions 1 to \(newestVersion) are read", offset: 3)
        }
        let length = Int(start.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        guard length >= fixedByteCount else {
            throw invalid(path, "the metadata claim \(length) bytes, at least \(fixedByteCount) are needed", offset: 4)
        }
        let (body, available) = try readBody(stream, length)
        defer { withExtendedLifetime(body) {} }
        guard available == length else {
            throw invalid(
                path, "the metadata claim \(length) bytes, but the file ends after \(available) of them", offset: 4)
        }
        var parser = DBNMetadataParser(
            bytes: UnsafeRawBufferPointer(start: body.address, count: length), path: path, version: version)
        var metadata = try parser.parse()
        metadata.recordsStart = prefixByteCount + length
        return metadata
    }

    /// Grows with what is really there, so that a wrong length costs no memory.
    private static func readBody(_ stream: ByteStream, _ length: Int) throws(ZLError) -> (buffer: Buffer, count: Int) {
        var buffer = Buffer(byteCount: min(length, 1 << 16))
        var count = 0
        while true {
            let found = try stream.read(buffer.byteCount - count, into: buffer.address + count)
            count += found
            guard count == buffer.byteCount, count < length else { return (buffer, count) }
            let larger = Buffer(byteCount: min(length, buffer.byteCount * 2))
            larger.address.copyMemory(from: buffer.address, byteCount: count)
            buffer = larger
        }
    }

    private static func isOldFormat(_ bytes: UnsafeRawBufferPointer) -> Bool {
        Compression.startsWithSkippableFrame(bytes) && bytes.count >= 11 && bytes[8...].starts(with: "DBZ".utf8)
    }

    private static func noMagic(_ path: String, _ start: UnsafeRawBufferPointer) -> ZLError {
        if path.hasSuffix(".frag") || path.hasSuffix(".frag.zst") || path.hasSuffix(".frag.gz") {
            return ZLError(
                .io, "dbn_fragment",
                "\(path) is a DBN fragment: records without metadata, so its schema and symbols are unknown",
                hint: "read the .dbn file that it belongs to")
        }
        let printable = start.allSatisfy { $0 >= 32 && $0 < 127 }
        let shown =
            printable
            ? "\"\(String(decoding: start, as: UTF8.self))\""
            : "bytes " + start.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
        return invalid(path, "it begins with \(shown), expected \"DBN\"", offset: 0)
    }

    static func invalid(_ path: String, _ reason: String, offset: Int) -> ZLError {
        ZLError(.io, "invalid_dbn", "\(path) is no valid DBN file: \(reason) (byte \(offset))")
    }
}

/// Reads the fields of a header whose bytes are all there.
struct DBNMetadataParser {
    let bytes: UnsafeRawBufferPointer
    let path: String
    let version: UInt8
    private var position = 0
    private var symbolLength = 22

    init(bytes: UnsafeRawBufferPointer, path: String, version: UInt8) {
        self.bytes = bytes
        self.path = path
        self.version = version
    }

    private func invalid(_ reason: String) -> ZLError { DBNMetadata.invalid(path, reason, offset: position + 8) }

    mutating func parse() throws(ZLError) -> DBNMetadata {
        let dataset = try text(16)
        let schema = try schema()
        position += 24  // why: start, end and limit of the request say nothing about the records.
        if version == 1 { position += 8 }
        let symbolTypeIn = try integer(UInt8.self)
        let symbolTypeOut = try integer(UInt8.self)
        let hasTimestampOut = try integer(UInt8.self) != 0
        if version > 1 {
            symbolLength = Int(try integer(UInt16.self))
            guard symbolLength > 0 else { throw invalid("symbols of length 0") }
        }
        position = 100
        let definitionLength = try integer(UInt32.self)
        guard definitionLength == 0 else {
            throw invalid("it carries a schema definition of \(definitionLength) bytes, which no known version has")
        }
        for list in ["symbols", "partial symbols", "symbols not found"] { try skipSymbols(list) }
        let mappings = try mappings()
        return DBNMetadata(
            version: version, dataset: dataset, schema: schema, symbolTypeIn: symbolTypeIn, symbolTypeOut: symbolTypeOut,
            hasTimestampOut: hasTimestampOut, mappings: mappings, recordsStart: 0)
    }

    private mutating func schema() throws(ZLError) -> DBNSchema {
        let code = try integer(UInt16.self)
        if code == DBNSchema.mixedCode {
            throw ZLError(
                .io, "mixed_dbn", "\(path) holds records of several schemas (a live capture); only files of one schema are read")
        }
        guard let schema = DBNSchema(rawValue: code) else {
            position -= 2
            throw invalid("unknown schema code \(code)")
        }
        return schema
    }

    private mutating func skipSymbols(_ what: String) throws(ZLError) {
        let count = try count(of: what, eachAtLeast: symbolLength)
        position += count * symbolLength
    }

    private mutating func mappings() throws(ZLError) -> [DBNMetadata.Mapping] {
        let count = try count(of: "symbol mappings", eachAtLeast: symbolLength + 4)
        var mappings: [DBNMetadata.Mapping] = []
        mappings.reserveCapacity(count)
        for _ in 0..<count {
            let rawSymbol = try text(symbolLength)
            let intervalCount = try self.count(of: "mapping intervals", eachAtLeast: symbolLength + 8)
            var intervals: [DBNMetadata.MappingInterval] = []
            intervals.reserveCapacity(intervalCount)
            for _ in 0..<intervalCount {
                let start = try day()
                let end = try day()
                intervals.append(DBNMetadata.MappingInterval(start: start, end: end, symbol: try text(symbolLength)))
            }
            mappings.append(DBNMetadata.Mapping(rawSymbol: rawSymbol, intervals: intervals))
        }
        return mappings
    }

    /// A count of things, bounded by the bytes that are left.
    private mutating func count(of what: String, eachAtLeast size: Int) throws(ZLError) -> Int {
        let place = position
        let count = Int(try integer(UInt32.self))
        guard count <= (bytes.count - position) / size else {
            position = place
            throw invalid("it claims \(count) \(what), more than the metadata have room for")
        }
        return count
    }

    /// A number YYYYMMDD as days since 1970.
    private mutating func day() throws(ZLError) -> Int32 {
        let number = Int(try integer(UInt32.self))
        let date = CivilDate(year: number / 10_000, month: number / 100 % 100, day: number % 100)
        guard date.isValid, let days = Int32(exactly: date.daysSinceEpoch) else {
            position -= 4
            throw invalid("\(number) is no date YYYYMMDD")
        }
        return days
    }

    private mutating func integer<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type) throws(ZLError) -> T {
        let size = MemoryLayout<T>.size
        guard position + size <= bytes.count else { throw invalid("the metadata end too early") }
        let value = bytes.loadUnaligned(fromByteOffset: position, as: T.self)
        position += size
        return T(littleEndian: value)
    }

    /// A fixed-length text, filled up with zeros.
    private mutating func text(_ length: Int) throws(ZLError) -> String {
        guard position + length <= bytes.count else { throw invalid("the metadata end too early") }
        let field = UnsafeRawBufferPointer(rebasing: bytes[position..<(position + length)])
        position += length
        return String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
    }
}
