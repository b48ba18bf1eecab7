import ZLColumnar

/// DELETE, UPDATE and TRUNCATE: a table's rows are read, changed and written anew.
extension Session {
    func truncate(_ name: ObjectName) throws(ZLError) -> QueryResult {
        let target = try requireTable(name)
        catalog.put(target.definition, TableData(types: target.definition.types))
        return QueryResult(changedRowCount: target.data.rowCount)
    }

    func delete(_ statement: Delete) throws(ZLError) -> QueryResult {
        try refuse(with: statement.with, from: statement.using, returning: statement.returning, "DELETE", statement.table.range)
        let target = try requireTable(statement.table)
        guard let filter = statement.filter else { return try truncate(statement.table) }
        let rows = TableRows(target.definition, target.data, self)
        let scan = rows.scan(Array(target.definition.columns.indices))
        let condition = try condition(filter, scan.columns, statement.alias?.text ?? target.definition.name)
        // why: a row whose condition is NULL stays.
        let stays = BoundExpression(
            .distinctFrom(condition, BoundExpression(.constant(.boolean(true)), type: .boolean), isNegated: false), type: .boolean)
        let kept = try executor().collect(.filter(.tableScan(scan), stays))
        let data = try TableData(types: target.definition.types).appending(kept, threads: settings.threads)
        let count = target.data.rowCount - data.rowCount
        if count > 0 { catalog.put(target.definition, data) }
        return QueryResult(changedRowCount: count)
    }

    func update(_ statement: Update) throws(ZLError) -> QueryResult {
        try refuse(with: statement.with, from: statement.from, returning: statement.returning, "UPDATE", statement.table.range)
        let target = try requireTable(statement.table)
        let definition = target.definition
        let rows = TableRows(definition, target.data, self)
        let scan = rows.scan(Array(definition.columns.indices))
        let tableName = statement.alias?.text ?? definition.name
        let isTrue = BoundExpression(.constant(.boolean(true)), type: .boolean)
        let condition = try statement.filter.map { (filter) throws(ZLError) in
            try self.condition(filter, scan.columns, tableName)
        }
        let changes = condition ?? isTrue
        var values: [Int: BoundExpression] = [:]
        for assignment in statement.assignments {
            let place = try definition.requireColumn(assignment.column)
            guard values[place] == nil else {
                throw ZLError(
                    .binding, "duplicate_column", "the column \"\(assignment.column.text)\" is set twice", range: assignment.column.range)
            }
            values[place] = try newValue(assignment, definition.columns[place], scan.columns, tableName)
        }
        let first = (scan.columns.map(\.id.number).max() ?? 0) + 1
        var projections = scan.columns.enumerated().map { place, column in
            let old = BoundExpression(.column(column.id), type: column.type)
            let expression = values[place].map { value in
                BoundExpression(.conditional([BoundBranch(condition: changes, result: value)], otherwise: old), type: column.type)
            }
            return Projection(id: ColumnID(number: first + place), expression: expression ?? old)
        }
        let marker = BoundExpression(.distinctFrom(changes, isTrue, isNegated: true), type: .boolean)
        projections.append(Projection(id: ColumnID(number: first + scan.columns.count), expression: marker))
        let chunks = try executor().collect(.projection(.tableScan(scan), projections))
        return try replaceRows(of: target, rows, by: chunks)
    }

    /// Checks changed rows, which carry a last column that marks them, and puts all in the table's place.
    private func replaceRows(of target: CatalogTable, _ rows: TableRows, by chunks: [DataChunk]) throws(ZLError) -> QueryResult {
        let definition = target.definition
        var count = 0
        var all: [DataChunk] = []
        for chunk in chunks {
            let marks = chunk.columns[definition.columns.count]
            count += Selection(whereTrue: marks).count
            all.append(DataChunk(columns: Array(chunk.columns[..<definition.columns.count]), rowCount: chunk.rowCount))
        }
        guard count > 0 else { return QueryResult(changedRowCount: 0) }
        try RowChecks(definition: definition, session: self).check(all)
        _ = try KeyCheck(definition: definition).admit(all, stored: .none, conflict: .fail, onKey: nil, catalog: catalog)
        catalog.put(definition, try rows.replaced(by: all))
        return QueryResult(changedRowCount: count)
    }

    private func condition(
        _ filter: Expression, _ columns: [OutputColumn], _ tableName: String
    ) throws(ZLError) -> BoundExpression {
        var binder = makeBinder()
        return try binder.cast(binder.bind(filter, over: columns, tableName: tableName), to: .boolean)
    }

    private func newValue(
        _ assignment: Assignment, _ column: TableDefinition.Column, _ columns: [OutputColumn], _ tableName: String
    ) throws(ZLError) -> BoundExpression {
        var binder = makeBinder()
        if case .defaultValue = assignment.value.kind {
            guard let value = column.defaultValue else { return BoundExpression(.constant(.null), type: column.type) }
            return try withoutRange { () throws(ZLError) in
                try binder.cast(binder.bind(value, over: [], tableName: nil), to: column.type)
            }
        }
        return try binder.cast(binder.bind(assignment.value, over: columns, tableName: tableName), to: column.type)
    }

    private func refuse(
        with: [CommonTableExpression], from: [TableReference], returning: [SelectItem], _ what: String, _ range: Range<Int>
    ) throws(ZLError) {
        if !with.isEmpty { throw ZLError.notYet("WITH before \(what)", range: range) }
        if let table = from.first { throw ZLError.notYet(what == "DELETE" ? "DELETE ... USING" : "UPDATE ... FROM", range: table.range) }
        if !returning.isEmpty { throw ZLError.notYet("RETURNING", range: range) }
    }
}
