import CKernels
import ZLColumnar

/// A run of whole rows of one file.
struct CSVBlock: Sendable {
    var source: CSVSource
    var range: Range<Int>
    var rowCount: Int
    /// No quote stands in it.
    var isPlain: Bool
    /// Its values, where the first pass could keep them.
    var parsed: CSVParsedBlock?
}

/// The first pass over a file: cuts it into blocks of whole rows, counts the rows, checks that each has all fields, and finds what
/// the texts of each column are. With guesses of the types it keeps the values too, so that most files are parsed once. Blocks are
/// worked on in parallel.
struct CSVBlockIndex {
    let tokenizer: CSVTokenizer
    let nullTexts: [[UInt8]]
    /// Columns whose types are wanted.
    let detected: [Bool]
    let blockSize: Int
    /// nil: values are not kept.
    let guesses: CSVGuesses?
    /// The number of the first row among those of all files.
    let firstRow: Int

    static let rowsAtOnce = DataChunk.capacity

    /// What one block turned out to be.
    struct BlockResult {
        var range: Range<Int>
        var rowCount = 0
        var histories: [CSVColumnHistory]
        var isPlain = true
        var parsed: CSVParsedBlock?
    }

    /// How a task ended: with a block, with an error, or with neither because it met a quote.
    private struct Slot {
        var block: BlockResult?
        var error: ZLError?
    }

    /// One slot a task; no two tasks share one.
    private final class Results: @unchecked Sendable {  // proof: task i writes slot i only, read after all tasks have ended
        let slots: UnsafeMutablePointer<Slot>
        let count: Int

        init(count: Int) {
            self.count = count
            slots = .allocate(capacity: count)
            slots.initialize(repeating: Slot(), count: count)
        }

        deinit {
            slots.deinitialize(count: count)
            slots.deallocate()
        }
    }

    /// The blocks of a file from `start` on, in order, and the row groups that their values are in.
    ///
    /// Lines are taken for rows as long as no quote is met; only then one thread looks for the line ends that really end rows.
    func blocks(
        of source: CSVSource, from start: Int, cancellation: CancellationFlag
    ) throws -> (blocks: [BlockResult], groups: [CSVRowGroup]) {
        let total = source.byteCount - start
        guard total > 0 else { return ([], []) }
        guessFromSample(source, start)
        let count = (total + blockSize - 1) / blockSize
        let first = Results(count: count)
        let places = try makePlaces(source, start)
        try run(count, first) { block in
            try cancellation.check()
            let nominal = start + block * blockSize
            let from = block == 0 ? start : try source.nextLine(after: nominal - 1)
            let to = block == count - 1 ? source.byteCount : try source.nextLine(after: nominal + blockSize - 1)
            return try analyze(source, from..<max(from, to), stopsAtQuote: true, placed: places.map { ($0, block) })
        }
        if let results = try collected(first) { return (results, places?.finish() ?? []) }
        let ranges = try CSVRowBoundary.blocks(source, tokenizer.dialect, from: start, blockSize: blockSize)
        let second = Results(count: ranges.count)
        let quotedPlaces = try makePlaces(source, start)
        try run(ranges.count, second) { block in
            try cancellation.check()
            return try analyze(source, ranges[block], stopsAtQuote: false, placed: quotedPlaces.map { ($0, block) })
        }
        return (try collected(second) ?? [], quotedPlaces?.finish() ?? [])
    }

    private static let sampledBytes = 64 << 10

    /// Learns what the first rows are. A sample that ends inside a quoted field is none; then the first block teaches.
    private func guessFromSample(_ source: CSVSource, _ start: Int) {
        guard let guesses, !guesses.hasSample, start < source.byteCount,
            let end = try? source.nextLine(after: min(source.byteCount, start + CSVBlockIndex.sampledBytes)),
            let sample = try? analyze(source, start..<end, stopsAtQuote: false, keepsValues: false)
        else { return }
        guesses.learn(sample.histories)
    }

    /// nil where values are not kept, and for a file of few rows.
    private func makePlaces(_ source: CSVSource, _ start: Int) throws(ZLError) -> CSVRowPlaces? {
        let total = source.byteCount - start
        let fewest = 2 * CSVRowGroup.capacity
        guard guesses != nil, total / tokenizer.columnCount > fewest else { return nil }
        let range = start..<min(source.byteCount, start + CSVBlockIndex.sampledBytes)
        let (buffer, end) = try source.load(range)
        defer { source.recycle(buffer) }
        let lineEnds = zl_summarize_text(buffer.values(UInt8.self), end, CSVDialect.newline).line_ends
        return total / range.count * lineEnds > fewest ? CSVRowPlaces(firstRow: firstRow, columnCount: tokenizer.columnCount) : nil
    }

    private func run(
        _ count: Int, _ results: Results, _ body: @escaping @Sendable (Int) throws -> BlockResult?
    ) throws {
        try WorkerPool.shared.forEach(count: count, threads: WorkerPool.processorCount) { task in
            do {
                results.slots[task].block = try body(task)
            } catch let error as ZLError where error.code != ZLError.interrupted.code {
                // why: without knowing quotes a row may seem broken that is not, so errors wait until all blocks are seen.
                results.slots[task].error = error
            }
        }
    }

    /// The blocks, or nil where some block holds a quote.
    private func collected(_ results: Results) throws -> [BlockResult]? {
        let slots = UnsafeBufferPointer(start: results.slots, count: results.count)
        var blocks: [BlockResult] = []
        for slot in slots where slot.block == nil && slot.error == nil { return nil }
        for slot in slots {
            if let error = slot.error { throw error }
            if let block = slot.block, !block.range.isEmpty { blocks.append(block) }
        }
        return blocks
    }

    /// nil if the block holds a quote and `stopsAtQuote`.
    private func analyze(
        _ source: CSVSource, _ range: Range<Int>, stopsAtQuote: Bool, keepsValues: Bool = true,
        placed: (places: CSVRowPlaces, block: Int)? = nil
    ) throws(ZLError) -> BlockResult? {
        let columnCount = tokenizer.columnCount
        var result = BlockResult(
            range: range, histories: [CSVColumnHistory](repeating: CSVColumnHistory(), count: columnCount))
        guard !range.isEmpty else {
            placed?.places.scanned(placed?.block ?? 0, lineEnds: 0)
            return result
        }
        guard range.count < CSVField.longest else {
            throw ZLError(.io, "csv_row_too_long", "\(source.path) line \(source.lineNumber(at: range.lowerBound)): the row is longer than 1 GB")
        }
        let (buffer, end) = try source.load(range)
        defer { source.recycle(buffer) }
        let base = UnsafePointer(buffer.values(UInt8.self))
        let summary = zl_summarize_text(base, end, tokenizer.dialect.quote ?? CSVDialect.newline)
        if let placed { placed.places.scanned(placed.block, lineEnds: summary.line_ends) }
        if tokenizer.dialect.quote != nil, summary.has_byte != 0 {
            if stopsAtQuote { return nil }
            result.isPlain = false
        }
        if summary.has_high != 0, let bad = UTF8Check.firstInvalid(UnsafeRawBufferPointer(start: buffer.address, count: end)) {
            throw CSVErrors.broken(source, CSVProblem(reason: .notUTF8, offset: range.lowerBound + bad), columnCount)
        }
        let tableBuffer = tokenizer.fieldTable(rows: CSVBlockIndex.rowsAtOnce)
        defer { withExtendedLifetime(tableBuffer) {} }
        let table = tableBuffer.values(CSVField.self)
        var parts = keepsValues ? guesses?.block(nullTexts: nullTexts, tokenizer: tokenizer) : nil
        if let placed, let row = placed.places.firstRow(of: placed.block) { parts?.start(at: row, in: placed.places) }
        var position = 0
        while position < end {
            let rows: Int
            do {
                rows = try tokenizer.tokenize(
                    base, position: &position, end: end, rowLimit: parts?.rowLimit ?? CSVBlockIndex.rowsAtOnce,
                    isPlain: result.isPlain, fields: table)
            } catch {
                throw CSVErrors.broken(
                    source, CSVProblem(reason: error.reason, offset: range.lowerBound + error.offset), columnCount)
            }
            guard rows > 0 else { continue }
            result.rowCount += rows
            parts?.read(table, rows, base, offset: range.lowerBound, &result.histories)
            for column in 0..<columnCount where detected[column] {
                let classified = parts?.classified(column) ?? 0
                guard classified < rows else { continue }
                classify(
                    table + column + classified * columnCount, rows - classified, base, range.lowerBound, &result.histories[column])
            }
            parts?.endChunk(rows)
        }
        if let parts {
            result.parsed = parts.finish()
            guesses?.learn(result.histories)
        }
        return result
    }

    private func classify(
        _ fields: UnsafePointer<CSVField>, _ rows: Int, _ base: UnsafePointer<UInt8>, _ offset: Int,
        _ history: inout CSVColumnHistory
    ) {
        let stride = tokenizer.columnCount
        var current = history.current
        if current.kind == .text { return }
        var memory = CSVFieldMemory()
        for row in 0..<rows {
            let field = fields[row &* stride]
            let bytes = field.bytes(in: base)
            if current.surelyHolds(bytes) || field.length == 0 || memory.isRepeated(bytes) { continue }
            if isNull(bytes) { continue }
            history.note(bytes, offset: offset + Int(field.start))
            current = history.current
            if current.kind == .text { return }
        }
    }

    private func isNull(_ bytes: UnsafeRawBufferPointer) -> Bool {
        nullTexts.contains { $0.count == bytes.count && bytes.elementsEqual($0) }
    }
}

/// Whether a short text is the one before it again: dates and names often come in runs.
struct CSVFieldMemory {
    private var length = -1
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    /// Remembers the text if it is not.
    @inline(__always)
    mutating func isRepeated(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count >= 8, bytes.count <= 16, let base = bytes.baseAddress else { return false }
        let first = base.loadUnaligned(as: UInt64.self)
        let last = (base + (bytes.count - 8)).loadUnaligned(as: UInt64.self)
        if bytes.count == length, first == low, last == high { return true }
        length = bytes.count
        low = first
        high = last
        return false
    }
}

/// Errors of CSV files, with file and line.
enum CSVErrors {
    static func broken(_ source: CSVSource, _ problem: CSVProblem, _ columnCount: Int) -> ZLError {
        let place = "\(source.path) line \(source.lineNumber(at: problem.offset))"
        switch problem.reason {
        case .fieldCount(let found):
            let fields = found == 1 ? "1 field" : "\(found) fields"
            return ZLError(
                .io, "csv_field_count", "\(place): \(fields) found, \(columnCount) expected: \(source.line(at: problem.offset))")
        case .unterminatedQuote:
            return ZLError(
                .io, "csv_unterminated_quote", "\(place): the quoted field that begins here has no closing quote: \(source.line(at: problem.offset))")
        case .textBehindQuote:
            return ZLError(
                .io, "csv_text_behind_quote",
                "\(place): text stands behind a closing quote, a delimiter or the end of the line is expected: \(source.line(at: problem.offset))")
        case .notUTF8:
            return ZLError(.io, "csv_not_utf8", "\(place): the text is not UTF-8 (byte \(problem.offset))")
        }
    }

    static func conversion(
        _ source: CSVSource, offset: Int, column: FileColumn, text: UnsafeRawBufferPointer
    ) -> ZLError {
        ZLError(
            .conversion, "csv_conversion",
            "\(source.path) line \(source.lineNumber(at: offset)): cannot convert \(TextParser.quoted(text)) to \(column.type) for column \"\(column.name)\"")
    }
}
