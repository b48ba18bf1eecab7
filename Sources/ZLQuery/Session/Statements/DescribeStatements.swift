import ZLColumnar

/// DESCRIBE and SHOW.
extension Session {
    func describe(_ target: DescribeTarget, _ range: Range<Int>) throws(ZLError) -> QueryResult {
        switch target {
        case .table(let name): return try describe(name)
        case .file(let path, let range):
            let table = TableReference(kind: .file(path), range: range)
            return try describe(columnsOf: Query(selectingAllFrom: table, range: range))
        case .query(let query): return try describe(columnsOf: query)
        case .everything: return try show(.allTables)
        }
    }

    private static let describeColumns: [(name: String, type: DataType)] = [
        ("column_name", .varchar), ("column_type", .varchar), ("null", .varchar), ("key", .varchar), ("default", .varchar),
    ]

    private func describe(_ name: ObjectName) throws(ZLError) -> QueryResult {
        guard let entry = makeBinder().lookUp(name), entry.kind == .table else {
            let table = TableReference(kind: .table(name), range: name.range)
            return try describe(columnsOf: Query(selectingAllFrom: table, range: name.range))
        }
        let definition = try catalog.definition(of: entry)
        let rows = definition.columns.enumerated().map { place, column -> [Value] in
            let keys = definition.keys.filter { $0.columns.contains(place) }
            let key = keys.contains(where: \.isPrimary) ? "PRI" : keys.isEmpty ? nil : "UNI"
            return [
                .string(column.name), .string(column.type.description), .string(column.isNotNull ? "NO" : "YES"),
                key.map { .string($0) } ?? .null, column.defaultValue.map { .string($0.canonicalText) } ?? .null,
            ]
        }
        return QueryResult(columns: Session.describeColumns, rows: rows)
    }

    private func describe(columnsOf query: Query) throws(ZLError) -> QueryResult {
        var binder = makeBinder()
        let rows = try binder.bind(query).columns.map { column -> [Value] in
            [.string(column.name), .string(column.type.description), .string("YES"), .null, .null]
        }
        return QueryResult(columns: Session.describeColumns, rows: rows)
    }

    func show(_ target: ShowTarget) throws(ZLError) -> QueryResult {
        switch target {
        case .tables(let schema): return try showTables(in: schema)
        case .allTables: return showAllTables()
        case .schemas:
            return QueryResult(columns: [("schema_name", .varchar)], rows: catalog.schemas.map { [.string($0)] })
        case .models: return try select("SELECT * FROM zl_models()")
        case .settings: return showSettings()
        case .variables: return showVariables()
        case .functions: return try select("SELECT * FROM zl_functions()")
        case .databases: throw ZLError.notYet("SHOW DATABASES")
        case .name(let name): return try show(name)
        }
    }

    /// A table's columns, or else a setting's value.
    private func show(_ name: ObjectName) throws(ZLError) -> QueryResult {
        if name.parts.count == 1, makeBinder().lookUp(name) == nil, let part = name.parts.first,
            let setting = try? SettingTable.setting(named: part)
        {
            return QueryResult(columns: [(setting.name, .varchar)], rows: [[.string(setting.text(settings))]])
        }
        return try describe(name)
    }

    private var relations: [CatalogEntry] { catalog.entries.filter { $0.kind == .table || $0.kind == .view } }

    private func showTables(in name: ObjectName?) throws(ZLError) -> QueryResult {
        let schema = name?.last ?? Catalog.defaultSchema
        guard catalog.hasSchema(schema) else {
            throw ZLError(
                .binding, "unknown_schema", "there is no schema \"\(schema)\"",
                hint: NearestName.hint(schema, among: catalog.schemas), range: name?.range)
        }
        let names = relations.filter { $0.schema.isSameName(as: schema) }.map(\.name)
        return QueryResult(columns: [("name", .varchar)], rows: names.map { [.string($0)] })
    }

    private func showAllTables() -> QueryResult {
        let rows = relations.map { entry -> [Value] in
            [
                .string(entry.schema), .string(entry.name), .string(entry.kind.word), .integer(Int128(entry.columns.count)),
                entry.data.map { .integer(Int128($0.rowCount)) } ?? .null,
            ]
        }
        return QueryResult(
            columns: [("schema", .varchar), ("name", .varchar), ("kind", .varchar), ("columns", .bigint), ("rows", .bigint)],
            rows: rows)
    }

    private func showSettings() -> QueryResult {
        QueryResult(
            columns: [("name", .varchar), ("value", .varchar), ("description", .varchar)],
            rows: SettingTable.all.map { [.string($0.name), .string($0.text(settings)), .string($0.summary)] })
    }

    private func showVariables() -> QueryResult {
        let rows = variables.sorted { $0.key < $1.key }.map { name, variable -> [Value] in
            let text: Value = variable.value.isNull ? .null : .string(TextFormat.text(of: variable.value, type: variable.type))
            return [.string(name), text, .string(variable.type.description)]
        }
        return QueryResult(columns: [("name", .varchar), ("value", .varchar), ("type", .varchar)], rows: rows)
    }

    /// The rows of a query that the session makes itself.
    private func select(_ text: String) throws(ZLError) -> QueryResult { try runQuery(Parser.parseQuery(text)) }
}

extension Query {
    /// `SELECT * FROM table`
    init(selectingAllFrom table: TableReference, range: Range<Int>) {
        let star = SelectItem(expression: Expression(kind: .star(Star()), range: range), alias: nil)
        self.init(body: .select(Select(items: [star], from: [table], range: range)), range: range)
    }
}
