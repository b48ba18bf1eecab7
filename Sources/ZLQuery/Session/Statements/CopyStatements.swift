import ZLColumnar
import ZLFormats

/// COPY between tables and files.
extension Session {
    func copy(_ statement: Copy) throws(ZLError) -> QueryResult {
        let options = try CopyOptions(statement.options, self)
        let path = try self.path(statement.target)
        switch (statement.direction, statement.source) {
        case (.from, .table(let name, let columns)):
            return try withRange(statement.target.range) { () throws(ZLError) in
                try load(path, into: name, columns: columns, options)
            }
        case (.from, .query(let query)):
            throw ZLError(.binding, "copy_source", "COPY FROM goes into a table, not into a query", range: query.range)
        case (.to, .table(let name, let columns)):
            var query = Query(selectingAllFrom: TableReference(kind: .table(name), range: name.range), range: name.range)
            if !columns.isEmpty, case .select(var select) = query.body {
                select.items = columns.map {
                    SelectItem(expression: Expression(kind: .column([$0]), range: $0.range), alias: nil)
                }
                query.body = .select(select)
            }
            return try save(query, to: path, options, statement.target.range)
        case (.to, .query(let query)):
            return try save(query, to: path, options, statement.target.range)
        }
    }

    // MARK: FROM

    private func load(
        _ path: String, into name: ObjectName, columns names: [Identifier], _ options: CopyOptions
    ) throws(ZLError) -> QueryResult {
        let target = try requireTable(name)
        let definition = target.definition
        let listed = try names.map { (name) throws(ZLError) in try definition.requireColumn(name) }
        let wanted = listed.isEmpty ? Array(definition.columns.indices) : listed
        let scan: any FileScan
        var sources: [Int: OutputColumn] = [:]
        var columns: [OutputColumn] = []
        if try isDBN(path, options) {
            scan = try opened { try DBNScan(pattern: path) }
            for (place, column) in scan.columns.enumerated() {
                guard let target = definition.column(named: column.name), wanted.contains(target) else {
                    throw ZLError(
                        .execution, "unknown_column",
                        "\(path) has a column \(column.name), which the table \"\(definition.fullName)\" lacks",
                        hint: "INSERT ... SELECT from read_dbn takes the columns that are wanted")
                }
                columns.append(OutputColumn(id: ColumnID(number: place), name: column.name, type: column.type))
                sources[target] = columns[place]
            }
        } else {
            scan = try opened { try CSVScan(pattern: path, options: csvOptions(options, wanted.map { definition.columns[$0] })) }
            for (place, column) in scan.columns.enumerated() where place < wanted.count {
                columns.append(OutputColumn(id: ColumnID(number: place), name: column.name, type: column.type))
                sources[wanted[place]] = columns[place]
            }
        }
        let read = LogicalPlan.fileScan(
            FileScanNode(functionName: "COPY", scan: scan, columns: columns, indices: Array(columns.indices)))
        let plan = try columnsPlan(read, sources: sources, definition)
        return QueryResult(changedRowCount: try append(plan, to: target))
    }

    /// By the FORMAT option, else by what the file holds; one that cannot be unpacked goes by its ending.
    private func isDBN(_ path: String, _ options: CopyOptions) throws(ZLError) -> Bool {
        if let format = options.format { return format == .dbn }
        guard let first = try FileGlob.expand(path).first else { return false }
        if let isRecognized = try? DBNScan.recognizes(first), isRecognized { return true }
        let lower = first.lowercasedASCII
        return lower.hasSuffix(".dbn") || lower.hasSuffix(".dbn.zst")
    }

    /// Every column has the table's type: nothing is detected.
    private func csvOptions(_ options: CopyOptions, _ columns: [TableDefinition.Column]) -> CSVOptions {
        var csv = CSVOptions()
        csv.hasHeader = options.hasHeader
        csv.delimiter = options.delimiter
        if let quote = options.quote { csv.quote = quote }
        csv.escape = options.escape
        if let nullText = options.nullText { csv.nullTexts = [nullText] }
        csv.columns = columns.map { FileColumn(name: $0.name, type: $0.type) }
        return csv
    }

    private func opened<Scan>(_ body: () throws -> Scan) throws(ZLError) -> Scan {
        do { return try body() } catch let error as ZLError { throw error } catch {
            throw ZLError(.internal, "unexpected_error", "a file reader failed with \(error)")
        }
    }

    // MARK: TO

    private func save(
        _ query: Query, to path: String, _ options: CopyOptions, _ range: Range<Int>
    ) throws(ZLError) -> QueryResult {
        try refuse(path, options, range)
        let bound = try optimized(query)
        var format = CSVWriterOptions()
        format.hasHeader = options.hasHeader ?? true
        if let delimiter = options.delimiter { format.delimiter = delimiter }
        if let quote = options.quote { format.quote = quote }
        format.escape = options.escape
        if let nullText = options.nullText { format.nullText = nullText }
        return try withRange(range) { () throws(ZLError) in
            let writer = try CSVWriter(
                columns: bound.columns.map { FileColumn(name: $0.name, type: $0.type) }, options: format,
                output: OutputFile(path: path))
            let format = writer.format
            try executor().runWritingText(
                bound.plan, flushSize: CSVWriter.flushSize, format: { format.append($0, to: $1) },
                write: { (lines, rows) throws(ZLError) in try writer.write(lines: lines, rowCount: rows) })
            try writer.finish()
            return QueryResult(changedRowCount: writer.rowCount)
        }
    }

    /// Formats that are read but not written, and those to come.
    private func refuse(_ path: String, _ options: CopyOptions, _ range: Range<Int>) throws(ZLError) {
        if options.format == .csv { return }
        let ending = path.lowercasedASCII.split(separator: "/").last?.split(separator: ".").last.map { String($0) } ?? ""
        if options.format == .dbn || ["parquet", "json", "jsonl", "ndjson", "dbn"].contains(ending) {
            throw ZLError.notYet("COPY TO a .\(options.format == .dbn ? "dbn" : ending) file", range: range)
        }
    }

    /// Blames file errors on the file's name in the statement.
    private func withRange<R>(_ range: Range<Int>, _ body: () throws(ZLError) -> R) throws(ZLError) -> R {
        do { return try body() } catch { throw error.kind == .io ? error.at(range) : error }
    }
}
