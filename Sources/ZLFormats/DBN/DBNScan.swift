import ZLColumnar

/// How `read_dbn` gives its columns.
package struct DBNOptions: Hashable, Sendable {
    /// Prices as DECIMAL(19,9) instead of DOUBLE: all 64 bits of the file's integer.
    package var priceAsDecimal = false
    /// A last column `filename`.
    package var includesFilename = false

    package init() {}
}

/// The records of one or more DBN files of one schema; a task is a file.
///
/// Columns are those of Databento's CSV for the schema, in its order, then `ts_out` where the files carry it, then `symbol` from the
/// mappings in the metadata. Undefined prices, timestamps, letters and quantities are NULL; prices are DOUBLE, exactly
/// `Double(i) / 1e9` of the file's integer.
package struct DBNScan: FileScan {
    package let columns: [FileColumn]
    package let paths: [String]
    package let schema: DBNSchema
    private let options: DBNOptions
    private let hasTimestampOut: Bool
    private let fieldCount: Int

    package var taskCount: Int { paths.count }

    /// Opens every file and reads its metadata.
    ///
    /// - Throws: `ZLError` where a pattern matches nothing, a file cannot be opened or is no valid DBN, or two files differ in schema.
    package init(pattern: String, options: DBNOptions = DBNOptions()) throws(ZLError) {
        try self.init(paths: try FileGlob.expand(pattern), options: options)
    }

    package init(paths: [String], options: DBNOptions = DBNOptions()) throws(ZLError) {
        guard let first = paths.first else { throw ZLError(.io, "no_files", "no DBN file is given") }
        let metadata = try DBNRecordReader(path: first).metadata
        for path in paths.dropFirst() {
            let other = try DBNRecordReader(path: path).metadata
            guard other.schema == metadata.schema, other.hasTimestampOut == metadata.hasTimestampOut else {
                throw DBNScan.mismatch(first, metadata, path, other)
            }
        }
        guard let layout = DBNRecordLayout.layouts(of: metadata.schema).first else {
            throw ZLError.notYet("reading DBN files of schema \(metadata.schema.name) (\(first))")
        }
        self.paths = paths
        self.options = options
        schema = metadata.schema
        hasTimestampOut = metadata.hasTimestampOut
        fieldCount = layout.fields.count
        var columns = layout.fields.map {
            FileColumn(name: $0.name, type: $0.kind.columnType(priceAsDecimal: options.priceAsDecimal))
        }
        if hasTimestampOut { columns.append(FileColumn(name: "ts_out", type: .timestampNS)) }
        columns.append(FileColumn(name: "symbol", type: .varchar))
        if options.includesFilename { columns.append(FileColumn(name: "filename", type: .varchar)) }
        self.columns = columns
    }

    /// Whether the content of a file, unpacked, begins as DBN does.
    ///
    /// - Throws: class io where it cannot be read.
    package static func recognizes(_ path: String) throws(ZLError) -> Bool {
        let stream = try ByteStream(try InputFile(path: path))
        let buffer = Buffer(byteCount: magic.count)
        defer { withExtendedLifetime(buffer) {} }
        let count = try stream.read(magic.count, into: buffer.address)
        return UnsafeRawBufferPointer(start: buffer.address, count: count).elementsEqual(magic)
    }

    private static let magic = Array("DBN".utf8)

    private static func mismatch(_ first: String, _ one: DBNMetadata, _ second: String, _ two: DBNMetadata) -> ZLError {
        let reason =
            one.schema != two.schema
            ? "\(first) holds \(one.schema.name), \(second) holds \(two.schema.name)"
            : "\(one.hasTimestampOut ? first : second) has ts_out, \(one.hasTimestampOut ? second : first) has not"
        return ZLError(.io, "different_schemas", "the files do not fit together: \(reason)", hint: "read them one by one")
    }

    package func read(
        task: Int, projection: [Int], cancellation: CancellationFlag, emit: (DataChunk) throws -> Void
    ) throws {
        let reader = try DBNRecordReader(path: paths[task])
        let symbolColumn = fieldCount + (hasTimestampOut ? 1 : 0)
        let map = DBNSymbolMap(reader.metadata)
        if projection.contains(symbolColumn), let ambiguity = map.ambiguity {
            throw DBNScan.ambiguous(paths[task], ambiguity)
        }
        var lookup = DBNSymbolLookup(map)
        while let batch = try reader.next(limit: DataChunk.capacity) {
            try cancellation.check()
            var vectors: [ColumnVector] = []
            vectors.reserveCapacity(projection.count)
            for column in projection {
                if column < fieldCount {
                    vectors.append(
                        try DBNColumnDecoder.decode(
                            batch.layout.fields[column], of: batch, priceAsDecimal: options.priceAsDecimal, reader: reader))
                } else if column < symbolColumn {
                    let field = DBNField("ts_out", batch.layout.byteCount, .timestamp)
                    vectors.append(try DBNColumnDecoder.decode(field, of: batch, priceAsDecimal: false, reader: reader))
                } else if column == symbolColumn {
                    vectors.append(DBNColumnDecoder.symbols(of: batch, dictionary: map.symbols, lookup: &lookup))
                } else {
                    vectors.append(.constant(.string(paths[task]), type: .varchar, count: batch.count))
                }
            }
            try emit(DataChunk(columns: vectors, rowCount: batch.count))
        }
    }

    private static func ambiguous(_ path: String, _ ambiguity: DBNSymbolMap.Ambiguity) -> ZLError {
        let date = TextFormat.text(of: .date(ambiguity.day), type: .date)
        let symbols = ambiguity.symbols.map { "\"\($0)\"" }.joined(separator: " and ")
        return ZLError(
            .io, "ambiguous_symbol",
            "\(path): instrument \(ambiguity.instrument) is both \(symbols) on \(date), so its rows have no one symbol",
            hint: "select columns without symbol, or download the symbols one by one")
    }
}
