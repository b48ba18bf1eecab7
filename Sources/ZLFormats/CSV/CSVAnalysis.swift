import ZLColumnar

/// Settles dialect, header, names and types over all files of a scan.
struct CSVAnalysis {
    private let options: CSVOptions
    private let blockSize: Int
    private var tokenizer: CSVTokenizer?
    private var names: [String] = []
    private var hasHeader = false
    private var firstPath = ""
    private var classes: [CSVColumnClass] = []
    private var notes: [String] = []
    private var blocks: [CSVBlock] = []
    private let keepsRows: Bool
    private var guesses: CSVGuesses?
    private var rowCount = 0
    private var rowGroups: [CSVRowGroup] = []

    private static let sampleSize = 256 << 10

    /// - Parameter keepsRows: whether rows that the analysis parses are kept for the scan.
    init(options: CSVOptions, blockSize: Int, keepsRows: Bool) {
        self.options = options
        self.blockSize = blockSize
        self.keepsRows = keepsRows
    }

    /// What a scan needs to read.
    struct Findings {
        var tokenizer: CSVTokenizer
        var columns: [FileColumn]
        var blocks: [CSVBlock]
        var notes: [String]
        /// What the rows were packed into, in order.
        var rowGroups: [CSVRowGroup]
    }

    mutating func add(_ path: String, _ cancellation: CancellationFlag) throws {
        let source = try CSVSource(path: path)
        let contentStart = try source.contentStart(skippingLines: options.skippedLines)
        let start = try firstRowStart(source, contentStart)
        guard start < source.byteCount else { return }
        let isFirst = tokenizer == nil
        let dialect = try tokenizer?.dialect ?? detectedDialect(source, start)
        let bodyStart = try CSVRowBoundary.rowEnd(source, dialect, from: start)
        let (buffer, end) = try source.load(start..<bodyStart)
        defer { withExtendedLifetime(buffer) {} }
        let bytes = UnsafeRawBufferPointer(start: buffer.address, count: end)
        if let bad = UTF8Check.firstInvalid(bytes) {
            throw CSVErrors.broken(source, CSVProblem(reason: .notUTF8, offset: start + bad), 0)
        }
        let firstRow = dialect.fields(of: bytes, rowLimit: 1)[0]
        let tokenizer = self.tokenizer ?? CSVTokenizer(dialect: dialect, columnCount: options.columns?.count ?? firstRow.count)
        if isFirst {
            self.tokenizer = tokenizer
            firstPath = path
            classes = [CSVColumnClass](repeating: CSVColumnClass(), count: tokenizer.columnCount)
            if keepsRows { guesses = CSVGuesses(stated: statedTypes(tokenizer)) }
        }
        guard firstRow.count == tokenizer.columnCount else {
            throw CSVErrors.broken(
                source, CSVProblem(reason: .fieldCount(found: firstRow.count), offset: start), tokenizer.columnCount)
        }
        if isFirst, options.hasHeader != nil { settleHeader(options.hasHeader ?? false, firstRow) }
        let index = CSVBlockIndex(
            tokenizer: tokenizer, nullTexts: options.nullTexts.map { Array($0.utf8) }, detected: detectedColumns(tokenizer),
            blockSize: blockSize, guesses: guesses, firstRow: rowCount)
        let (results, groups) = try index.blocks(of: source, from: bodyStart, cancellation: cancellation)
        rowGroups += groups
        if isFirst, options.hasHeader == nil { settleHeader(looksLikeHeader(firstRow, results), firstRow) }
        if hasHeader {
            try checkHeader(firstRow, path)
        } else {
            join(firstRow)
            blocks.append(CSVBlock(source: source, range: start..<bodyStart, rowCount: 1, isPlain: false, parsed: nil))
            rowCount += 1
        }
        for (number, result) in results.enumerated() {
            join(result, isLate: number > 0 || !isFirst, source)
            rowCount += result.rowCount
            blocks.append(
                CSVBlock(
                    source: source, range: result.range, rowCount: result.rowCount, isPlain: result.isPlain, parsed: result.parsed))
        }
    }

    func finish() throws(ZLError) -> Findings {
        guard let tokenizer else {
            // why: DuckDB gives a file without any text one column.
            let columns = options.columns ?? [FileColumn(name: options.names.first ?? "column0", type: .varchar)]
            let tokenizer = CSVTokenizer(
                dialect: CSVDialect(delimiter: options.delimiter ?? UInt8(ascii: ",")), columnCount: columns.count)
            return Findings(tokenizer: tokenizer, columns: columns, blocks: [], notes: [], rowGroups: [])
        }
        if let columns = options.columns {
            return Findings(tokenizer: tokenizer, columns: columns, blocks: blocks, notes: [], rowGroups: rowGroups)
        }
        var overrides: [String: DataType] = [:]
        for (name, type) in options.types { overrides[name.lowercased()] = type }
        var columns: [FileColumn] = []
        for (index, name) in names.enumerated() {
            let type = overrides.removeValue(forKey: name.lowercased()) ?? (options.isAllVarchar ? .varchar : classes[index].type)
            columns.append(FileColumn(name: name, type: type))
        }
        if let unknown = overrides.keys.min() {
            throw ZLError(
                .binding, "unknown_column", "\(firstPath) has no column \"\(unknown)\" to give a type to",
                hint: "its columns are \(names.joined(separator: ", "))")
        }
        return Findings(tokenizer: tokenizer, columns: columns, blocks: blocks, notes: notes, rowGroups: rowGroups)
    }

    // MARK: Dialect and header

    /// The first row that is not blank.
    private func firstRowStart(_ source: CSVSource, _ contentStart: Int) throws(ZLError) -> Int {
        var start = contentStart
        while start < source.byteCount {
            let range = start..<min(source.byteCount, start + 2)
            let (buffer, _) = try source.load(range)
            defer { withExtendedLifetime(buffer) {} }
            let bytes = buffer.values(UInt8.self)
            if bytes[0] == CSVDialect.newline {
                start += 1
            } else if range.count == 2, bytes[0] == CSVDialect.carriageReturn, bytes[1] == CSVDialect.newline {
                start += 2
            } else {
                break
            }
        }
        return start
    }

    private func detectedDialect(_ source: CSVSource, _ start: Int) throws(ZLError) -> CSVDialect {
        let range = start..<min(source.byteCount, start + CSVAnalysis.sampleSize)
        let (buffer, _) = try source.load(range)
        defer { withExtendedLifetime(buffer) {} }
        return CSVDialect(options: options, sample: UnsafeRawBufferPointer(start: buffer.address, count: range.count))
    }

    /// The types of the columns that are not detected.
    private func statedTypes(_ tokenizer: CSVTokenizer) -> [DataType?] {
        if let columns = options.columns, columns.count == tokenizer.columnCount { return columns.map(\.type) }
        return [DataType?](repeating: options.isAllVarchar ? .varchar : nil, count: tokenizer.columnCount)
    }

    private func detectedColumns(_ tokenizer: CSVTokenizer) -> [Bool] {
        [Bool](repeating: options.columns == nil && !options.isAllVarchar, count: tokenizer.columnCount)
    }

    /// A first row is a header if some field does not fit what its column holds below, or if there is nothing but text.
    private func looksLikeHeader(_ firstRow: [CSVDialect.Field], _ results: [CSVBlockIndex.BlockResult]) -> Bool {
        if let columns = options.columns { return CSVAnalysis.isHeader(firstRow, of: columns) }
        var allText = true
        for (column, field) in firstRow.enumerated() {
            var body = CSVColumnClass()
            for result in results { body = body.joined(result.histories[column].current) }
            let own = field.bytes.isEmpty ? CSVColumnClass() : field.bytes.withUnsafeBytes { CSVColumnClass(of: $0) }
            if body.kind == .empty || body.kind == .text {
                if own.kind != .text { allText = false }
                continue
            }
            if own.kind != .empty, body.joined(own).type != body.type { return true }
            allText = false
        }
        return allText
    }

    /// With stated columns the first row is a header if it holds their names, or texts that do not convert.
    private static func isHeader(_ firstRow: [CSVDialect.Field], of columns: [FileColumn]) -> Bool {
        let names = firstRow.map { trimmed($0).lowercased() }
        if names == columns.map({ $0.name.lowercased() }) { return true }
        return zip(firstRow, columns).contains { field, column in
            !field.bytes.isEmpty && field.bytes.withUnsafeBytes { TextParser.value($0, as: column.type) } == nil
        }
    }

    private mutating func settleHeader(_ hasHeader: Bool, _ firstRow: [CSVDialect.Field]) {
        self.hasHeader = hasHeader
        var taken: Set<String> = []
        for (index, field) in firstRow.enumerated() {
            var name = hasHeader ? CSVAnalysis.trimmed(field) : ""
            if index < options.names.count { name = options.names[index] }
            if name.isEmpty { name = "column\(index)" }
            var unique = name
            var suffix = 1
            while !taken.insert(unique.lowercased()).inserted {
                unique = "\(name)_\(suffix)"
                suffix += 1
            }
            names.append(unique)
        }
    }

    private static func trimmed(_ field: CSVDialect.Field) -> String {
        let text = field.bytes.drop { $0 == 32 }
        let end = text.lastIndex { $0 != 32 }.map { $0 + 1 } ?? text.startIndex
        return String(decoding: text[text.startIndex..<end], as: UTF8.self)
    }

    private func checkHeader(_ firstRow: [CSVDialect.Field], _ path: String) throws(ZLError) {
        guard path != firstPath, options.names.isEmpty, options.columns == nil else { return }
        for (index, field) in firstRow.enumerated() {
            let name = CSVAnalysis.trimmed(field)
            guard !name.isEmpty, name.lowercased() != names[index].lowercased() else { continue }
            // why: a repeated name carries a suffix in the first file.
            if names[index].lowercased().hasPrefix(name.lowercased() + "_") { continue }
            throw ZLError(
                .io, "csv_different_headers",
                "column \(index + 1) is \"\(name)\" in \(path) but \"\(names[index])\" in \(firstPath)",
                hint: "files read together need the same columns in the same order")
        }
    }

    // MARK: Types

    private mutating func join(_ firstRow: [CSVDialect.Field]) {
        for (column, field) in firstRow.enumerated() where !options.nullTexts.contains(String(decoding: field.bytes, as: UTF8.self)) {
            let own = field.bytes.withUnsafeBytes { CSVColumnClass(of: $0) }
            classes[column] = classes[column].joined(own)
        }
    }

    private mutating func join(_ result: CSVBlockIndex.BlockResult, isLate: Bool, _ source: CSVSource) {
        for (column, history) in result.histories.enumerated() {
            for change in history.changes {
                let before = classes[column]
                classes[column] = before.joined(change.kind)
                guard isLate, before.kind != .empty, classes[column].type != before.type else { continue }
                notes.append(
                    "column \"\(names[column])\" is \(classes[column].type) and not \(before.type) because of \(change.text) in \(source.path) line \(source.lineNumber(at: change.offset))")
            }
        }
    }
}
