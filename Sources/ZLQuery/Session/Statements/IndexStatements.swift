import ZLColumnar

/// CREATE and DROP INDEX. An index is a hint: it is recorded, and zone maps and declared orders do the work. A UNIQUE index is a
/// key that holds as long as the index is there.
extension Session {
    func createIndex(_ statement: CreateIndex) throws(ZLError) -> QueryResult {
        let target = try requireTable(statement.table)
        let definition = target.definition
        guard let name = statement.name else { throw ZLError.notYet("an index without a name", range: statement.table.range) }
        var binder = makeBinder()
        let columns = definition.columns.map { binder.newColumn($0.name, $0.type) }
        for expression in statement.expressions { _ = try binder.bind(expression, over: columns, tableName: definition.name) }
        if let existing = catalog.entry(schema: definition.schema, name: name.text) {
            switch statement.onConflict {
            case .ignore where existing.kind == .index: return QueryResult()
            case .replace where existing.kind == .index: break
            default:
                throw ZLError(
                    .binding, "already_exists", "there is \(existing.kind == .index ? "an" : "a") \(existing.kind.word) \"\(name.text)\" already", range: name.range)
            }
        }
        if statement.isUnique { try checkUnique(statement, target) }
        let keys = statement.expressions.map(\.canonicalText).joined(separator: ", ")
        let table = "\(SQLText.name(definition.schema)).\(SQLText.name(definition.name))"
        catalog.put(
            CatalogEntry(
                schema: definition.schema, name: name.text, kind: .index,
                text: "CREATE \(statement.isUnique ? "UNIQUE " : "")INDEX \(name.canonicalText) ON \(table) (\(keys))"))
        return QueryResult()
    }

    func dropIndex(_ name: ObjectName, ifExists: Bool) throws(ZLError) {
        let schema = name.schema ?? Catalog.defaultSchema
        if let entry = catalog.entry(schema: schema, name: name.last), entry.kind == .index { return catalog.remove(entry) }
        if ifExists { return }
        let names = catalog.entries.filter { $0.kind == .index }.map(\.name)
        throw ZLError(
            .binding, "unknown_index", "there is no index \"\(name.text)\"", hint: NearestName.hint(name.last, among: names),
            range: name.range)
    }

    /// The rows that are there have to be unique already.
    private func checkUnique(_ statement: CreateIndex, _ target: CatalogTable) throws(ZLError) {
        var definition = target.definition
        definition.keys = [try definition.key(of: statement)]
        let rows = try TableRows(definition, target.data, self).stored(Array(definition.columns.indices))
        _ = try KeyCheck(definition: definition).admit(rows, stored: .none, conflict: .fail, onKey: nil, catalog: catalog)
    }

    /// The indexes of a table go with it.
    func dropIndexes(of table: CatalogEntry) throws(ZLError) {
        for (entry, _) in try catalog.indexes(ofTable: table.name, schema: table.schema) { catalog.remove(entry) }
    }
}

extension Catalog {
    func indexes(ofTable name: String, schema: String) throws(ZLError) -> [(entry: CatalogEntry, statement: CreateIndex)] {
        var indexes: [(CatalogEntry, CreateIndex)] = []
        for entry in entries where entry.kind == .index && entry.schema.isSameName(as: schema) {
            guard case .createIndex(let index)? = try Parser.parseScript(entry.text).first?.kind else { continue }
            if index.table.last.isSameName(as: name) { indexes.append((entry, index)) }
        }
        return indexes
    }
}

extension TableDefinition {
    /// The key that a UNIQUE index stands for.
    func key(of index: CreateIndex) throws(ZLError) -> Key {
        var places: [Int] = []
        for expression in index.expressions {
            guard case .column(let parts) = expression.kind, let name = parts.last else {
                throw ZLError.notYet("a UNIQUE index over an expression", range: expression.range)
            }
            places.append(try requireColumn(name))
        }
        return Key(columns: places, isPrimary: false, isIndex: true)
    }
}
