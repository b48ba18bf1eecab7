import ZLColumnar

/// Tables and views by name.
extension Binder {
    /// The entry that a table name means, along the search path where no schema is written; nil where there is none.
    func lookUp(_ name: ObjectName) -> CatalogEntry? {
        let schemas = name.schema.map { [$0] } ?? context.searchPath
        for schema in schemas {
            guard let entry = context.catalog.entry(schema: schema, name: name.last) else { continue }
            if entry.kind == .table || entry.kind == .view { return entry }
        }
        return nil
    }

    /// The error for a table that does not exist, with the nearest name or the schema that has one of that name.
    func unknownTable(_ name: ObjectName, _ range: Range<Int>?) -> ZLError {
        let relations = context.catalog.entries.filter { $0.kind == .table || $0.kind == .view }
        if let schema = name.schema, !context.catalog.hasSchema(schema) {
            return ZLError(
                .binding, "unknown_schema", "there is no schema \"\(schema)\" for the table \"\(name.text)\"",
                hint: NearestName.hint(schema, among: context.catalog.schemas), range: range)
        }
        let elsewhere = relations.filter { $0.name.isSameName(as: name.last) }.map { "\($0.schema).\($0.name)" }
        if let found = elsewhere.first {
            return ZLError(
                .binding, "unknown_table", "there is no table \"\(name.text)\"", hint: "did you mean \"\(found)\"?", range: range)
        }
        let schema = name.schema
        let known = relations.filter { entry in
            schema.map { $0.isSameName(as: entry.schema) } ?? context.searchPath.contains { $0.isSameName(as: entry.schema) }
        }
        var near = NearestName.find(name.last, among: known.map(\.name))
        if schema != nil { near = near.map { "\(schema ?? "").\($0)" } }
        let anywhere = near ?? NearestName.find(name.text, among: relations.map { "\($0.schema).\($0.name)" })
        return ZLError(
            .binding, "unknown_table", "there is no table \"\(name.text)\"",
            hint: anywhere.map { "did you mean \"\($0)\"?" }, range: range)
    }
}
