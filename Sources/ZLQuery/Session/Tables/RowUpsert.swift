import ZLColumnar

/// ON CONFLICT DO UPDATE and INSERT OR REPLACE: new rows whose key is in the table change the stored row instead.
///
/// Builds a hash table of the key's stored values and writes the table anew: O(stored + new rows).
struct RowUpsert {
    /// What happens to a stored row.
    enum Change {
        /// `SET column = value [WHERE condition]`, where `excluded.column` is the new row's.
        case assign([Assignment], filter: Expression?)
        case replace
    }

    let target: CatalogTable
    let key: TableDefinition.Key
    let change: Change
    let session: Session

    private var definition: TableDefinition { target.definition }

    /// The table's rows after the new ones went in, and how many of those changed or added a row.
    ///
    /// - Throws: class constraint, where two new rows would change one stored row, or the outcome breaks a constraint.
    func rows(adding chunks: [DataChunk]) throws(ZLError) -> (data: TableData, count: Int) {
        let rows = TableRows(definition, target.data, session)
        let all = Array(definition.columns.indices)
        let stored = RowUpsert.whole(try rows.stored(all), definition.types)
        let new = RowUpsert.whole(chunks, definition.types)
        let matches = try self.matches(stored, new)
        let added = new.gather(matches.added, count: matches.added.count)
        let changed = try changedRows(stored, new, matches.pairs)
        try RowChecks(definition: definition, session: session).check([added, changed.rows])

        // why: the last change of a row wins, and there is one at most.
        var sources = (0..<stored.rowCount).map { UInt32($0) }
        for (place, row) in changed.storedRows.enumerated() { sources[row] = UInt32(stored.rowCount + place) }
        let pool = RowUpsert.whole([stored, changed.rows], definition.types)
        let result = [pool.gather(sources, count: sources.count), added].flatMap(RowUpsert.pieces)
        _ = try KeyCheck(definition: definition).admit(result, stored: .none, conflict: .fail, onKey: nil, catalog: session.catalog)
        return (try rows.replaced(by: result), added.rowCount + changed.rows.rowCount)
    }

    private struct Matches {
        /// New rows without a stored one.
        var added: [UInt32] = []
        /// Stored row and new row of one key.
        var pairs: [(stored: UInt32, new: UInt32)] = []
    }

    private func matches(_ stored: DataChunk, _ new: DataChunk) throws(ZLError) -> Matches {
        let table = KeyTable(types: key.columns.map { definition.columns[$0].type })
        let storedNumbers = numbers(of: stored, in: table)
        var storedRow: [UInt32: UInt32] = [:]
        for (row, number) in storedNumbers.enumerated() { storedRow[number] = UInt32(row) }
        var matches = Matches()
        var seen: Set<UInt32> = []
        let columns = key.columns.map { new.columns[$0] }
        for (row, number) in numbers(of: new, in: table).enumerated() {
            if columns.contains(where: { $0.isNull(row) }) {
                matches.added.append(UInt32(row))
                continue
            }
            guard seen.insert(number).inserted else {
                throw ZLError(
                    .constraint, "row_changed_twice", "two new rows of the statement have one key of \"\(definition.fullName)\"",
                    hint: "leave one of them out before they are inserted")
            }
            if let known = storedRow[number] {
                matches.pairs.append((known, UInt32(row)))
            } else {
                matches.added.append(UInt32(row))
            }
        }
        return matches
    }

    private func numbers(of rows: DataChunk, in table: KeyTable) -> [UInt32] {
        var numbers: [UInt32] = []
        let found = Selection(capacity: DataChunk.capacity)
        for piece in RowUpsert.pieces(rows) {
            table.insert(key.columns.map { piece.columns[$0] }, count: piece.rowCount, into: found.rows)
            numbers.append(contentsOf: UnsafeBufferPointer(start: found.rows, count: piece.rowCount))
        }
        return numbers
    }

    /// The new values of the stored rows that change.
    private func changedRows(
        _ stored: DataChunk, _ new: DataChunk, _ pairs: [(stored: UInt32, new: UInt32)]
    ) throws(ZLError) -> (rows: DataChunk, storedRows: [Int]) {
        let excluded = new.gather(pairs.map(\.new), count: pairs.count)
        guard case .assign(let assignments, let filter) = change else { return (excluded, pairs.map { Int($0.stored) }) }
        var binder = session.makeBinder()
        let old = definition.columns.map { binder.newColumn($0.name, $0.type) }
        let other = definition.columns.map { binder.newColumn($0.name, $0.type) }
        let place = binder.newColumn("row", .bigint)
        var scope = Scope(name: definition.name, schema: definition.schema, columns: old)
        var excludedTable = ScopeTable(name: "excluded", columns: other.map { ScopeColumn($0) })
        for index in excludedTable.columns.indices { excludedTable.columns[index].isMerged = true }
        scope.tables.append(excludedTable)

        let places = ColumnBuilder(type: .bigint, capacity: pairs.count)
        for pair in pairs { places.append(Int64(pair.stored)) }
        let columns = stored.gather(pairs.map(\.stored), count: pairs.count).columns + excluded.columns + [places.finish()]
        let both = DataChunk(columns: columns, rowCount: pairs.count)
        var plan = LogicalPlan.materialized(chunks: RowUpsert.pieces(both), columns: old + other + [place])
        if let filter { plan = .filter(plan, try binder.cast(binder.bind(filter, over: scope), to: .boolean)) }
        var values = old.map { BoundExpression(.column($0.id), type: $0.type) }
        for assignment in assignments {
            let column = try definition.requireColumn(assignment.column)
            values[column] = try binder.cast(binder.bind(assignment.value, over: scope), to: definition.columns[column].type)
        }
        values.append(BoundExpression(.column(place.id), type: .bigint))
        let projections = values.map { Projection(id: binder.newColumnID(), expression: $0) }
        let result = RowUpsert.whole(
            try session.executor().collect(.projection(plan, projections)), definition.types + [.bigint])
        let storedRows = result.columns[old.count]
        return (
            DataChunk(columns: Array(result.columns[..<old.count]), rowCount: result.rowCount),
            (0..<result.rowCount).map { Int(storedRows.values(Int64.self)[$0]) }
        )
    }

    /// One chunk of all rows, however many, with flat columns.
    private static func whole(_ chunks: [DataChunk], _ types: [DataType]) -> DataChunk {
        DataChunk(
            columns: types.indices.map { column in
                ColumnVector.concatenate(chunks.map { $0.columns[column] }, type: types[column])
            }, rowCount: chunks.reduce(0) { $0 + $1.rowCount })
    }

    private static func pieces(_ chunk: DataChunk) -> [DataChunk] {
        stride(from: 0, to: chunk.rowCount, by: DataChunk.capacity).map {
            chunk.slice($0..<min($0 + DataChunk.capacity, chunk.rowCount))
        }
    }
}
