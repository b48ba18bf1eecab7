import ZLColumnar

extension Session {
    func insert(_ statement: Insert) throws(ZLError) -> QueryResult {
        guard statement.returning.isEmpty else { throw ZLError.notYet("RETURNING", range: statement.table.range) }
        let target = try requireTable(statement.table)
        let plan = try insertPlan(statement, target.definition)
        guard let rule = statement.onConflict else { return QueryResult(changedRowCount: try append(plan, to: target)) }
        let chunks = try executor().collect(plan)
        let key = try key(of: rule, in: target.definition)
        switch rule.action {
        case .nothing:
            return QueryResult(changedRowCount: try append(chunks, to: target, onConflict: .skip, key: key))
        case .update(let assignments, let filter):
            return try upsert(chunks, target, rule, key, .assign(assignments, filter: filter))
        case .replace:
            return try upsert(chunks, target, rule, key, .replace)
        }
    }

    private func upsert(
        _ chunks: [DataChunk], _ target: CatalogTable, _ rule: OnConflict, _ named: TableDefinition.Key?, _ change: RowUpsert.Change
    ) throws(ZLError) -> QueryResult {
        let keys = target.definition.keys
        guard let key = named ?? (keys.count == 1 ? keys.first : nil) else {
            let found = keys.isEmpty ? "no PRIMARY KEY or UNIQUE" : "\(keys.count) keys"
            throw ZLError(
                .binding, "no_conflict_target", "\"\(target.definition.fullName)\" has \(found), so ON CONFLICT has to name its columns",
                range: rule.range)
        }
        let result = try RowUpsert(target: target, key: key, change: change, session: self).rows(adding: chunks)
        catalog.put(target.definition, result.data)
        return QueryResult(changedRowCount: result.count)
    }

    /// Checks the rows of a plan with the table's columns and adds them to the table; the number of rows.
    func append(_ plan: LogicalPlan, to target: CatalogTable) throws(ZLError) -> Int {
        let definition = target.definition
        // why: rows that nothing is asked of become an empty table's as those of a new one.
        guard target.data.rowCount == 0, definition.order.isEmpty, definition.keys.isEmpty, definition.checks.isEmpty,
            !definition.columns.contains(where: \.isNotNull)
        else {
            let chunks = try executor().collect(plan)
            return try append(chunks, to: target)
        }
        let data = try executor().table(plan, types: definition.types)
        if data.rowCount > 0 { catalog.put(definition, data) }
        return data.rowCount
    }

    /// Checks rows and adds them to a table; the number of rows that went in.
    func append(
        _ chunks: [DataChunk], to target: CatalogTable, onConflict conflict: KeyCheck.Conflict = .fail,
        key: TableDefinition.Key? = nil
    ) throws(ZLError) -> Int {
        let definition = target.definition
        let rows = TableRows(definition, target.data, self)
        try RowChecks(definition: definition, session: self).check(chunks)
        let admission = try KeyCheck(definition: definition).admit(
            chunks,
            stored: .rows(target.data, keyTables, read: { (columns) throws(ZLError) in try rows.stored(columns) }),
            conflict: conflict, onKey: key, catalog: catalog)
        var data = target.data
        if !admission.rows.isEmpty {
            data = try rows.appending(admission.rows)
            catalog.put(definition, data)
        }
        for (key, table) in admission.tables { keyTables.keep(table, key, of: definition, data, in: catalog) }
        return admission.rows.reduce(0) { $0 + $1.rowCount }
    }

    /// The key that `ON CONFLICT (columns)` names; nil: any.
    private func key(of rule: OnConflict, in definition: TableDefinition) throws(ZLError) -> TableDefinition.Key? {
        guard !rule.columns.isEmpty else { return nil }
        var places: Set<Int> = []
        for name in rule.columns { places.insert(try definition.requireColumn(name)) }
        if let key = definition.keys.first(where: { Set($0.columns) == places }) { return key }
        throw ZLError(
            .binding, "no_such_key",
            "\"\(definition.fullName)\" has no PRIMARY KEY or UNIQUE over (\(rule.columns.map(\.text).joined(separator: ", ")))",
            range: rule.range)
    }

    /// The plan of the rows, with the table's columns and types.
    private func insertPlan(_ statement: Insert, _ definition: TableDefinition) throws(ZLError) -> LogicalPlan {
        guard case .query(var query) = statement.source else {
            return try columnsPlan(.singleRow, sources: [:], definition)
        }
        query.with = statement.with + query.with
        query.isRecursive = query.isRecursive || statement.isRecursive
        let columns = try statement.columns.map { (name) throws(ZLError) in try definition.requireColumn(name) }
        if let twice = duplicate(in: columns) {
            throw ZLError(
                .binding, "duplicate_column", "the column \"\(definition.columns[twice].name)\" is named twice",
                range: statement.table.range)
        }
        let wanted = columns.isEmpty ? Array(definition.columns.indices) : columns
        if !statement.isByName { fillDefaults(in: &query.body, definition, wanted) }
        let bound = try optimized(query)
        var sources: [Int: OutputColumn] = [:]
        if statement.isByName {
            for column in bound.columns {
                guard let place = definition.column(named: column.name) else {
                    throw ZLError(
                        .binding, "unknown_column",
                        "the table \"\(definition.fullName)\" has no column \"\(column.name)\", which BY NAME looks for",
                        hint: NearestName.hint(column.name, among: definition.columns.map(\.name)), range: query.range)
                }
                sources[place] = column
            }
        } else {
            guard wanted.count == bound.columns.count else {
                let expected = columns.isEmpty ? "the table \"\(definition.fullName)\" has" : "the statement names"
                throw ZLError(
                    .binding, "column_count", "\(expected) \(wanted.count) columns, but \(bound.columns.count) values come",
                    range: query.range)
            }
            for (place, column) in zip(wanted, bound.columns) { sources[place] = column }
        }
        return try columnsPlan(bound.plan, sources: sources, definition)
    }

    private func duplicate(in places: [Int]) -> Int? {
        var seen: Set<Int> = []
        return places.first { !seen.insert($0).inserted }
    }

    /// Casts each column to the table's type; columns without a source get their default.
    func columnsPlan(
        _ plan: LogicalPlan, sources: [Int: OutputColumn], _ definition: TableDefinition
    ) throws(ZLError) -> LogicalPlan {
        var binder = makeBinder()
        var projections: [Projection] = []
        // why: ids that this binder makes must differ from those of the plan below.
        var next = (plan.columns.map(\.id.number).max() ?? 0) + 1
        for (place, column) in definition.columns.enumerated() {
            let expression: BoundExpression
            do {
                if let source = sources[place] {
                    expression = try binder.cast(BoundExpression(.column(source.id), type: source.type), to: column.type)
                } else if let value = column.defaultValue {
                    expression = try withoutRange { () throws(ZLError) in
                        try binder.cast(binder.bind(value, over: [], tableName: nil), to: column.type)
                    }
                } else {
                    expression = BoundExpression(.constant(.null), type: column.type)
                }
            } catch {
                var named = error
                named.message = "column \"\(column.name)\": \(error.message)"
                throw named
            }
            projections.append(Projection(id: ColumnID(number: next), expression: expression))
            next += 1
        }
        return .projection(plan, projections)
    }

    /// Writes out DEFAULT in VALUES.
    private func fillDefaults(in body: inout QueryBody, _ definition: TableDefinition, _ columns: [Int]) {
        guard case .values(var rows) = body else { return }
        var changed = false
        for row in rows.indices {
            for (index, place) in columns.enumerated() where index < rows[row].count {
                guard case .defaultValue = rows[row][index].kind else { continue }
                let range = rows[row][index].range
                rows[row][index] = definition.columns[place].defaultValue ?? Expression(kind: .literal(.null), range: range)
                changed = true
            }
        }
        if changed { body = .values(rows) }
    }
}
