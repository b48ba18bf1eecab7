import ZLColumnar

/// The rows of one or more CSV files that have the same columns in the same order; a task is a block of about 512 KB.
///
/// Opening reads every file once, in parallel: types hold for all rows, so a late row is never lost and never fails. What it parses on
/// the way it keeps for the first `read` of a block, up to a limit of memory and, of many rows, packed as a table keeps them; other rows
/// are parsed again. A detected type is the first of BOOLEAN, BIGINT, HUGEINT, DOUBLE, TIME, DATE, TIMESTAMP (TIMESTAMP_NS with more
/// than six decimals, else TIMESTAMP WITH TIME ZONE with a zone) and VARCHAR that holds every text of the column.
package struct CSVScan: FileScan {
    package let columns: [FileColumn]
    package let estimatedRowCount: Int?
    /// Columns whose type was widened by a late row, one message each.
    package let notes: [String]
    private let blocks: [CSVBlock]
    private let tokenizer: CSVTokenizer
    private let nullTexts: [[UInt8]]
    private let fileColumnCount: Int
    private let rowGroups: CSVRowGroups

    package var taskCount: Int { blocks.count }

    /// A block, its fields and some values fit a processor's own cache.
    private static let blockSize = 512 << 10

    /// - Throws: `ZLError` where a pattern matches nothing, a file cannot be read, a row lacks fields or has too many, a quote stays
    ///   open, a text is not UTF-8, or two files differ in their header.
    package init(
        pattern: String, options: CSVOptions = CSVOptions(), cancellation: CancellationFlag = CancellationFlag()
    ) throws {
        try self.init(paths: try FileGlob.expand(pattern), options: options, cancellation: cancellation)
    }

    package init(
        paths: [String], options: CSVOptions = CSVOptions(), cancellation: CancellationFlag = CancellationFlag(),
        blockSize: Int = CSVScan.defaultBlockSize, keepsRows: Bool = true
    ) throws {
        var analysis = CSVAnalysis(options: options, blockSize: blockSize, keepsRows: keepsRows)
        for path in paths { try analysis.add(path, cancellation) }
        let found = try analysis.finish()
        tokenizer = found.tokenizer
        blocks = found.blocks
        nullTexts = options.nullTexts.map { Array($0.utf8) }
        fileColumnCount = found.columns.count
        rowGroups = CSVRowGroups(found.rowGroups)
        columns = found.columns + (options.includesFilename ? [FileColumn(name: "filename", type: .varchar)] : [])
        estimatedRowCount = blocks.reduce(0) { $0 + $1.rowCount }
        notes = found.notes
    }

    package static var defaultBlockSize: Int { blockSize }

    /// The same rows with the columns read as other types.
    func retyped(_ columns: [FileColumn]) -> CSVScan {
        precondition(columns.count == self.columns.count)
        return CSVScan(self, columns: columns)
    }

    private init(_ other: CSVScan, columns: [FileColumn]) {
        self.columns = columns
        estimatedRowCount = other.estimatedRowCount
        notes = other.notes
        blocks = other.blocks
        tokenizer = other.tokenizer
        nullTexts = other.nullTexts
        fileColumnCount = other.fileColumnCount
        rowGroups = other.rowGroups
    }

    package func table(projection: [Int]) -> TableData? {
        guard projection.allSatisfy({ $0 < fileColumnCount }), let estimatedRowCount else { return nil }
        return rowGroups.table(columns: projection, types: projection.map { columns[$0].type }, rowCount: estimatedRowCount)
    }

    package func read(
        task: Int, projection: [Int], cancellation: CancellationFlag, emit: (DataChunk) throws -> Void
    ) throws {
        let block = blocks[task]
        rowGroups.release()
        let parsed = block.parsed?.take()
        let isKept = projection.map { column in
            column < fileColumnCount && parsed?.holds(column, as: columns[column].type) ?? false
        }
        if let parsed, zip(projection, isKept).allSatisfy({ $0 >= fileColumnCount || $1 }) {
            return try emitKept(parsed, projection, block, cancellation, emit)
        }
        let (buffer, end) = try block.source.load(block.range)
        defer { block.source.recycle(buffer) }
        let base = UnsafePointer(buffer.values(UInt8.self))
        let tableBuffer = tokenizer.fieldTable(rows: DataChunk.capacity)
        defer { withExtendedLifetime(tableBuffer) {} }
        let table = tableBuffer.values(CSVField.self)
        let parsers = projection.map {
            CSVColumnParser(column: columns[$0], nullTexts: nullTexts, tokenizer: tokenizer)
        }
        var chunk = 0
        var position = 0
        while position < end {
            try cancellation.check()
            let known = parsed.flatMap { chunk < $0.chunks.count ? $0.chunks[chunk] : nil }
            let rows: Int
            do {
                // why: what was kept is cut where row groups end.
                rows = try tokenizer.tokenize(
                    base, position: &position, end: end, rowLimit: known?.rowCount ?? DataChunk.capacity, isPlain: block.isPlain, fields: table)
            } catch {
                // why: the first pass saw whole rows, so the file has changed since; the message stays the same.
                let problem = CSVProblem(reason: error.reason, offset: block.range.lowerBound + error.offset)
                throw CSVErrors.broken(block.source, problem, fileColumnCount)
            }
            guard rows > 0 else { continue }
            var vectors: [ColumnVector] = []
            vectors.reserveCapacity(projection.count)
            for (place, column) in projection.enumerated() {
                if column >= fileColumnCount {
                    vectors.append(.constant(.string(block.source.path), type: .varchar, count: rows))
                } else if isKept[place], let known, known.rowCount == rows, let vector = try known.vector(column) {
                    vectors.append(vector)
                } else {
                    vectors.append(try parse(parsers[place], table + column, rows, base, block))
                }
            }
            chunk += 1
            try emit(DataChunk(columns: vectors, rowCount: rows))
        }
    }

    /// Emits the rows of a block from what the first pass kept.
    private func emitKept(
        _ parsed: CSVParsedBlock.Content, _ projection: [Int], _ block: CSVBlock, _ cancellation: CancellationFlag,
        _ emit: (DataChunk) throws -> Void
    ) throws {
        for chunk in parsed.chunks {
            try cancellation.check()
            let vectors = try projection.map { column in
                let vector = column < fileColumnCount ? try chunk.vector(column) : nil
                return vector ?? ColumnVector.constant(.string(block.source.path), type: .varchar, count: chunk.rowCount)
            }
            try emit(DataChunk(columns: vectors, rowCount: chunk.rowCount))
        }
    }

    private func parse(
        _ parser: CSVColumnParser, _ fields: UnsafePointer<CSVField>, _ rows: Int, _ base: UnsafePointer<UInt8>,
        _ block: CSVBlock
    ) throws(ZLError) -> ColumnVector {
        do {
            return try parser.parse(fields, rows: rows, in: base)
        } catch {
            let field = fields[error.row * fileColumnCount]
            throw CSVErrors.conversion(
                block.source, offset: block.range.lowerBound + Int(field.start), column: parser.column,
                text: field.bytes(in: base))
        }
    }
}
