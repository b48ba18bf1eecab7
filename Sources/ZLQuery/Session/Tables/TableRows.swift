import ZLColumnar

/// A table's rows on their way from one state to the next, under its constraints and its declared order.
struct TableRows {
    let definition: TableDefinition
    let data: TableData
    let session: Session

    init(_ definition: TableDefinition, _ data: TableData, _ session: Session) {
        self.definition = definition
        self.data = data
        self.session = session
    }

    /// The stored rows of some columns.
    func stored(_ columns: [Int]) throws(ZLError) -> [DataChunk] {
        try session.executor().collect(.tableScan(scan(columns)))
    }

    /// All stored rows as a plan; column ids count from 0 on.
    func scan(_ columns: [Int]) -> TableScan {
        TableScan(
            schema: definition.schema, name: definition.name, data: data,
            columns: columns.enumerated().map { place, column in
                OutputColumn(id: ColumnID(number: place), name: definition.columns[column].name, type: definition.columns[column].type)
            }, indices: columns)
    }

    /// The table with more rows, which have the table's types and passed its checks.
    ///
    /// Rows of a table with a declared order go to their places: behind the stored ones where they belong there, else all rows are
    /// sorted anew. Equal rows stay in the order in which they came.
    func appending(_ chunks: [DataChunk]) throws(ZLError) -> TableData {
        let rows = chunks.filter { $0.rowCount > 0 }
        guard !rows.isEmpty else { return data }
        let threads = session.settings.threads
        guard !definition.order.isEmpty else { return try data.appending(rows, threads: threads) }
        let sorted = try sort(rows)
        let isBehind = data.rowCount == 0 ? true : try follows(sorted)
        if isBehind { return try data.appending(sorted, threads: threads) }
        let everything = try stored(Array(definition.columns.indices)) + sorted
        return try TableData(types: definition.types).appending(sort(everything), threads: threads)
    }

    /// A table of these rows alone.
    func replaced(by chunks: [DataChunk]) throws(ZLError) -> TableData {
        let rows = chunks.filter { $0.rowCount > 0 }
        return try TableData(types: definition.types).appending(
            definition.order.isEmpty ? rows : sort(rows), threads: session.settings.threads)
    }

    private var outputColumns: [OutputColumn] { scan(Array(definition.columns.indices)).columns }

    private func sort(_ chunks: [DataChunk]) throws(ZLError) -> [DataChunk] {
        let columns = outputColumns
        return try session.executor().collect(
            .sort(.materialized(chunks: chunks, columns: columns), sortKeys(columns)))
    }

    private func sortKeys(_ columns: [OutputColumn]) -> [SortKey] {
        definition.order.map { key in
            SortKey(
                expression: BoundExpression(.column(columns[key.column].id), type: columns[key.column].type),
                isDescending: key.isDescending, nullsFirst: key.nullsFirst)
        }
    }

    /// Whether sorted rows belong behind the last stored one.
    private func follows(_ sorted: [DataChunk]) throws(ZLError) -> Bool {
        guard let first = sorted.first else { return true }
        let keys = definition.order.map(\.column)
        guard let last = try lastRow(keys) else { return true }
        let marker = OutputColumn(id: ColumnID(number: definition.columns.count), name: "is_new", type: .boolean)
        var columns: [OutputColumn] = []
        var vectors: [ColumnVector] = []
        let all = outputColumns
        for (place, column) in keys.enumerated() {
            columns.append(all[column])
            vectors.append(ColumnVector.concatenate([first.columns[column].slice(0..<1), last[place]], type: all[column].type))
        }
        let flags = ColumnBuilder(type: .boolean)
        flags.append(value: .boolean(true))
        flags.append(value: .boolean(false))
        let pair = DataChunk(columns: vectors + [flags.finish()], rowCount: 2)
        // why: the new row stands first, so a stable sort leaves it there unless it is greater.
        let order = try session.executor().collect(
            .sort(.materialized(chunks: [pair], columns: columns + [marker]), sortKeys(all)))
        guard let place = order.first, place.rowCount == 2 else { return false }
        if place.columns[keys.count].value(at: 0) == .boolean(false) { return true }
        return try equalKeys(pair, count: keys.count)
    }

    /// The last stored row's values of some columns.
    private func lastRow(_ columns: [Int]) throws(ZLError) -> [ColumnVector]? {
        guard let group = data.rowGroups.last, group.rowCount > 0 else { return nil }
        let row = group.rowCount - 1
        let start = row / DataChunk.capacity * DataChunk.capacity
        var values: [ColumnVector] = []
        for column in columns {
            values.append(try group.segments[column].decode(start..<group.rowCount).slice(row - start..<row - start + 1))
        }
        return values
    }

    private func equalKeys(_ pair: DataChunk, count: Int) throws(ZLError) -> Bool {
        pair.columns[..<count].allSatisfy { $0.value(at: 0) == $0.value(at: 1) }
    }
}
