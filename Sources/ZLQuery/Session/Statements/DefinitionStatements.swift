import ZLColumnar

extension Session {
    func createSchema(_ statement: CreateSchema) throws(ZLError) -> QueryResult {
        guard statement.name.parts.count == 1 else { throw ZLError.notYet("a schema in another database", range: statement.name.range) }
        let name = statement.name.last
        if catalog.schema(named: name) != nil {
            switch statement.onConflict {
            case .ignore: return QueryResult()
            case .replace: throw ZLError.notYet("CREATE OR REPLACE SCHEMA", range: statement.name.range)
            case .fail:
                throw ZLError(
                    .binding, "already_exists", "there is a schema \"\(name)\" already",
                    hint: "CREATE SCHEMA IF NOT EXISTS leaves it alone", range: statement.name.range)
            }
        }
        catalog.createSchema(name)
        return QueryResult()
    }

    func createTable(_ statement: CreateTable) throws(ZLError) -> QueryResult {
        if statement.isTemporary { throw ZLError.notYet("CREATE TEMP TABLE", range: statement.name.range) }
        let schema = try catalog.requireSchema(of: statement.name)
        guard try makeRoom(for: statement.name, in: schema, .table, statement.onConflict) else { return QueryResult() }
        guard let query = statement.query else {
            let definition = try TableDefinition(statement, schema: schema)
            try checkExpressions(of: definition)
            catalog.put(definition, TableData(types: definition.types))
            return QueryResult()
        }
        return try createTable(statement, schema: schema, as: query)
    }

    private func createTable(_ statement: CreateTable, schema: String, as query: Query) throws(ZLError) -> QueryResult {
        var bound = try optimized(query)
        var definition = TableDefinition(schema: schema, name: statement.name.last)
        guard statement.columnNames.count <= bound.columns.count else {
            throw ZLError(
                .binding, "column_count",
                "\(statement.columnNames.count) column names for \(bound.columns.count) columns of the query",
                range: statement.name.range)
        }
        for (place, column) in bound.columns.enumerated() {
            let name = place < statement.columnNames.count ? statement.columnNames[place].text : column.name
            definition.columns.append(
                TableDefinition.Column(
                    name: definition.freeName(name), type: column.type == .null ? .integer : column.type))
        }
        definition.order = try definition.order(of: statement.orderBy)
        if bound.columns.contains(where: { $0.type == .null }) {
            var binder = makeBinder()
            bound = try Optimizer.optimize(
                binder.assign(binder.bind(query), to: definition.columnTypes), settings: settings)
        }
        let data = statement.withNoData ? TableData(types: definition.types) : try rows(of: bound.plan, as: definition)
        catalog.put(definition, data)
        return QueryResult(changedRowCount: data.rowCount)
    }

    /// The rows of a query as those of a new table.
    private func rows(of plan: LogicalPlan, as definition: TableDefinition) throws(ZLError) -> TableData {
        guard definition.order.isEmpty else {
            let chunks = try executor().collect(plan)
            return try TableRows(definition, TableData(types: definition.types), self).appending(chunks)
        }
        return try executor().table(plan, types: definition.types)
    }

    /// Finds out at once whether defaults and checks can be evaluated.
    private func checkExpressions(of definition: TableDefinition) throws(ZLError) {
        var binder = makeBinder()
        let columns = definition.columns.map { binder.newColumn($0.name, $0.type) }
        for check in definition.checks {
            _ = try binder.cast(binder.bind(check, over: columns, tableName: definition.name), to: .boolean)
        }
        for column in definition.columns {
            guard let value = column.defaultValue else { continue }
            _ = try binder.cast(binder.bind(value, over: [], tableName: nil), to: column.type)
        }
    }

    func createView(_ statement: CreateView) throws(ZLError) -> QueryResult {
        if statement.isTemporary { throw ZLError.notYet("CREATE TEMP VIEW", range: statement.name.range) }
        let schema = try catalog.requireSchema(of: statement.name)
        guard try makeRoom(for: statement.name, in: schema, .view, statement.onConflict) else { return QueryResult() }
        var binder = makeBinder()
        let bound = try binder.bind(statement.query)
        guard statement.columnNames.count <= bound.columns.count else {
            throw ZLError(
                .binding, "column_count",
                "\(statement.columnNames.count) column names for \(bound.columns.count) columns of the view",
                range: statement.name.range)
        }
        var columns: [(name: String, type: DataType)] = []
        for (place, column) in bound.columns.enumerated() {
            columns.append((place < statement.columnNames.count ? statement.columnNames[place].text : column.name, column.type))
        }
        let text = String(decoding: statementSource[statement.query.range], as: UTF8.self)
        catalog.put(
            CatalogEntry(
                schema: schema, name: statement.name.last, kind: .view,
                columns: columns.map { ZLColumnar.ColumnDefinition(name: $0.name, type: $0.type) },
                text: statement.columnNames.isEmpty ? text : SQLText.renaming(text, to: statement.columnNames)))
        return QueryResult()
    }

    /// Clears the way for a new object. False: there is one already and it shall stay.
    private func makeRoom(
        for name: ObjectName, in schema: String, _ kind: CatalogEntry.Kind, _ rule: ConflictRule
    ) throws(ZLError) -> Bool {
        guard let existing = catalog.entry(schema: schema, name: name.last)?.kind else { return true }
        guard existing == kind else {
            throw ZLError(
                .binding, "already_exists", "\"\(name.text)\" is a \(existing.word) already", hint: "DROP \(existing.word.uppercasedASCII) \(name.text) removes it",
                range: name.range)
        }
        switch rule {
        case .ignore: return false
        case .replace: return true
        case .fail:
            throw ZLError(
                .binding, "already_exists", "there is a \(kind.word) \"\(name.text)\" already",
                hint: "CREATE OR REPLACE \(kind.word.uppercasedASCII) takes its place, CREATE \(kind.word.uppercasedASCII) IF NOT EXISTS leaves it alone",
                range: name.range)
        }
    }

    func drop(_ statement: Drop) throws(ZLError) -> QueryResult {
        for name in statement.names {
            switch statement.object {
            case .schema: try dropSchema(name, statement)
            case .table: try dropObject(name, .table, statement)
            case .view: try dropObject(name, .view, statement)
            case .index: try dropIndex(name, ifExists: statement.ifExists)
            default: throw ZLError.notYet("DROP \(statement.object.rawValue)", range: name.range)
            }
        }
        return QueryResult()
    }

    private func dropSchema(_ name: ObjectName, _ statement: Drop) throws(ZLError) {
        guard let schema = catalog.schema(named: name.last) else {
            if statement.ifExists { return }
            throw ZLError(
                .binding, "unknown_schema", "there is no schema \"\(name.text)\"",
                hint: NearestName.hint(name.last, among: catalog.schemas), range: name.range)
        }
        guard !schema.isSameName(as: "main") else {
            throw ZLError(.binding, "main_schema", "the schema \"main\" cannot be dropped", range: name.range)
        }
        let objects = catalog.entries.filter { $0.schema.isSameName(as: schema) }.map(\.name)
        guard objects.isEmpty || statement.isCascading else {
            throw ZLError(
                .binding, "schema_not_empty",
                "the schema \"\(schema)\" is not empty: it holds \(objects.prefix(3).joined(separator: ", "))\(objects.count > 3 ? ", ..." : "")",
                hint: "DROP SCHEMA \(schema) CASCADE drops all of it", range: name.range)
        }
        catalog.dropSchema(schema)
    }

    private func dropObject(_ name: ObjectName, _ kind: CatalogEntry.Kind, _ statement: Drop) throws(ZLError) {
        let binder = makeBinder()
        guard let entry = binder.lookUp(name) else {
            if statement.ifExists { return }
            throw binder.unknownTable(name, name.range)
        }
        guard entry.kind == kind else {
            throw ZLError(
                .binding, "wrong_kind", "\"\(name.text)\" is a \(entry.kind.word), not a \(kind.word)",
                hint: "DROP \(entry.kind.word.uppercasedASCII) \(name.text)", range: name.range)
        }
        if kind == .table { try dropIndexes(of: entry) }
        catalog.remove(entry)
    }
}

extension TableDefinition {
    init(schema: String, name: String) {
        self.schema = schema
        self.name = name
    }

    /// A name that no column has yet: `a`, `a_1`, `a_2`.
    fileprivate func freeName(_ wanted: String) -> String {
        if column(named: wanted) == nil { return wanted }
        var number = 1
        while column(named: "\(wanted)_\(number)") != nil { number += 1 }
        return "\(wanted)_\(number)"
    }
}

extension SQLText {
    /// A query whose columns are called otherwise.
    fileprivate static func renaming(_ query: String, to names: [Identifier]) -> String {
        "SELECT * FROM (\(query)\n) AS renamed(\(names.map(\.canonicalText).joined(separator: ", ")))"
    }
}
