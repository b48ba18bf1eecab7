import ZLColumnar

/// Calls of table functions, and files in the place of a table.
extension Binder {
    mutating func bindTableFunction(_ call: FunctionCall, _ range: Range<Int>?) throws(ZLError) -> BoundQuery {
        let name = call.name.last
        let qualified = call.name.schema.map { "\($0).\(name)" } ?? name
        guard let function = context.tableFunctions.function(qualified) ?? context.tableFunctions.function(name) else {
            throw ZLError(
                .binding, "unknown_function", "there is no table function \"\(name)\"",
                hint: NearestName.hint(name, among: context.tableFunctions.names), range: range)
        }
        var arguments: [Value] = []
        var named: [String: Value] = [:]
        var environment = ExpressionEnvironment(.constant, Scope())
        for argument in call.arguments {
            let value = try tableArgument(try bind(argument.value, &environment), name)
            guard let label = argument.name else {
                arguments.append(value)
                continue
            }
            guard function.namedArguments.contains(label.text.nameKey) else {
                throw ZLError(
                    .binding, "named_argument", "\(name) has no argument \"\(label.text)\"",
                    hint: NearestName.hint(label.text, among: function.namedArguments), range: place(label.range))
            }
            named[label.text.nameKey] = value
        }
        return try bind(function, arguments, named, range)
    }

    private func tableArgument(_ bound: BoundExpression, _ name: String) throws(ZLError) -> Value {
        let isInstant = bound.type == .date || bound.type.isTimestamp
        return try constantArgument(isInstant ? try cast(bound, to: .timestamp) : bound, "an argument of \(name)")
    }

    mutating func bind(
        _ function: TableFunction, _ arguments: [Value], _ named: [String: Value], _ range: Range<Int>?
    ) throws(ZLError) -> BoundQuery {
        let table: BoundTable
        do { table = try function.bind(arguments, named, context) } catch { throw error.at(range) }
        switch table {
        case .file(let scan):
            let columns = scan.columns.map { newColumn($0.name, $0.type) }
            let node = FileScanNode(
                functionName: function.description.name, scan: scan, columns: columns, indices: Array(columns.indices))
            return BoundQuery(plan: .fileScan(node), columns: columns)
        case .rows(let columns, let chunks):
            let outputs = columns.map { newColumn($0.name, $0.type) }
            return BoundQuery(plan: .materialized(chunks: chunks, columns: outputs), columns: outputs)
        case .series(let name, let type, let start, let count, let step):
            let column = newColumn(name, type)
            let node = SeriesNode(column: column, start: start, count: count, step: nil, integerStep: step)
            return BoundQuery(plan: .series(node), columns: [column])
        }
    }

    /// Endings by which a path is read, in front of `.gz` and `.zst`.
    private static let fileFunctions = ["csv": "read_csv", "tsv": "read_csv", "dbn": "read_dbn"]

    private static func ending(_ path: String) -> String? {
        var parts = path.nameKey.split(separator: ".").map(String.init)
        guard parts.count > 1, let last = parts.popLast() else { return nil }
        guard last == "gz" || last == "zst" else { return last }
        return parts.count > 1 ? parts.last : nil
    }

    static func isFileName(_ name: String) -> Bool {
        ending(name).map { fileFunctions[$0] != nil } ?? false
    }

    /// `FROM 'bars/*.csv'`
    mutating func bindFile(_ path: String, _ range: Range<Int>?) throws(ZLError) -> BoundQuery {
        let ending = Binder.ending(path)
        guard let name = ending.flatMap({ Binder.fileFunctions[$0] }), let function = context.tableFunctions.function(name) else {
            if let ending, ["parquet", "json", "jsonl", "ndjson"].contains(ending) {
                throw ZLError.notYet("reading .\(ending) files", range: range)
            }
            throw ZLError(
                .binding, "unknown_file_type", "no reader is known for the file '\(path)'",
                hint: "files ending in .csv, .tsv or .dbn, also .gz and .zst, can be read", range: range)
        }
        return try bind(function, [.string(path)], [:], range)
    }
}
