import ZLColumnar

/// A table as statements that change it see it.
struct CatalogTable {
    var definition: TableDefinition
    var data: TableData
}

extension CatalogEntry.Kind {
    /// As messages call it.
    var word: String {
        switch self {
        case .table: "table"
        case .view: "view"
        case .model: "model"
        case .macro: "macro"
        case .sequence: "sequence"
        case .index: "index"
        }
    }
}

extension Catalog {
    /// The schema that a new object of this name goes to, as it is spelled.
    func requireSchema(of name: ObjectName) throws(ZLError) -> String {
        if name.database != nil { throw ZLError.notYet("an object of another database", range: name.range) }
        let wanted = name.schema ?? Catalog.defaultSchema
        if let schema = schema(named: wanted) { return schema }
        throw ZLError(
            .binding, "unknown_schema", "there is no schema \"\(wanted)\"",
            hint: NearestName.hint(wanted, among: schemas) ?? "CREATE SCHEMA \(wanted) makes it", range: name.range)
    }

    func schema(named name: String) -> String? { schemas.first { $0.isSameName(as: name) } }

    func definition(of entry: CatalogEntry) throws(ZLError) -> TableDefinition {
        try TableDefinition(parsing: entry.text, schema: entry.schema)
    }

    /// Adds a table or gives it other rows.
    mutating func put(_ definition: TableDefinition, _ data: TableData) {
        put(
            CatalogEntry(
                schema: definition.schema, name: definition.name, kind: .table,
                columns: definition.columns.map { column in
                    ZLColumnar.ColumnDefinition(
                        name: column.name, type: column.type, isNotNull: column.isNotNull,
                        defaultText: column.defaultValue?.canonicalText)
                },
                text: definition.sql, sortOrder: definition.order.map(\.column), data: data))
    }

    /// The statements that make the tables, views and indexes of a name (of any schema), or all of them.
    func definitions(of name: String?) -> [String] {
        var statements = name == nil ? schemas.filter { $0 != Catalog.defaultSchema }.map { "CREATE SCHEMA \(SQLText.name($0))" } : []
        for kind in [CatalogEntry.Kind.table, .view, .index] {
            for entry in entries where entry.kind == kind {
                let fullName = "\(entry.schema).\(entry.name)"
                guard name.map({ $0.isSameName(as: entry.name) || $0.isSameName(as: fullName) }) ?? true else { continue }
                statements.append(
                    kind != .view
                        ? entry.text : "CREATE VIEW \(SQLText.name(entry.schema)).\(SQLText.name(entry.name)) AS \(entry.text)")
            }
        }
        return statements
    }
}

extension Session {
    /// The table that a statement is about to change.
    func requireTable(_ name: ObjectName) throws(ZLError) -> CatalogTable {
        let binder = makeBinder()
        guard let entry = binder.lookUp(name) else { throw binder.unknownTable(name, name.range) }
        guard entry.kind == .table, let data = entry.data else {
            throw ZLError(
                .binding, "not_a_table", "\"\(name.text)\" is a \(entry.kind.word), whose rows cannot be changed", range: name.range)
        }
        var definition = try catalog.definition(of: entry)
        for (_, index) in try catalog.indexes(ofTable: entry.name, schema: entry.schema) where index.isUnique {
            definition.keys.append(try definition.key(of: index))
        }
        return CatalogTable(definition: definition, data: data)
    }
}
