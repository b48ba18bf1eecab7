import ZLColumnar

/// Finding what a name means among the tables of a scope.
extension Scope {
    enum Match {
        case none
        case one(BoundExpression)
        /// Where the name was found, as `table.column`.
        case several([String])
    }

    /// The meaning of `close`, `b.close` or `market_data.bars.close`.
    func match(_ parts: [Identifier]) -> Match {
        guard let last = parts.last else { return .none }
        var found: [(place: String, expression: BoundExpression)] = []
        for table in tables where parts.count == 1 || table.answers(to: parts.dropLast()) {
            for column in table.columns where column.name.isSameName(as: last.text) {
                if parts.count == 1 {
                    if !column.isMerged { found.append((table.place(of: column), column.unqualified)) }
                } else {
                    found.append((table.place(of: column), .column(column.column)))
                }
            }
        }
        if found.isEmpty { return .none }
        return found.count == 1 ? .one(found[0].expression) : .several(found.map(\.place))
    }

    /// The tables that `name.*` means.
    func tables(named parts: [Identifier]) -> [ScopeTable] { tables.filter { $0.answers(to: parts[...]) } }

    /// The error for a column name that means nothing here.
    func unknownColumn(_ parts: [Identifier], range: Range<Int>?) -> ZLError {
        let text = parts.map(\.text).joined(separator: ".")
        if parts.count > 1 {
            let qualifier = parts.dropLast()
            let owners = tables(named: Array(qualifier))
            let qualifierText = qualifier.map(\.text).joined(separator: ".")
            if owners.isEmpty {
                return ZLError(
                    .binding, "unknown_table", "there is no table \"\(qualifierText)\" in the FROM clause for \"\(text)\"",
                    hint: NearestName.hint(qualifierText, among: tables.map(\.name).filter { !$0.isEmpty }), range: range)
            }
            let names = owners.flatMap { $0.columns.map(\.name) }
            return ZLError(
                .binding, "unknown_column", "the table \"\(qualifierText)\" has no column \"\(parts[parts.count - 1].text)\"",
                hint: NearestName.hint(parts[parts.count - 1].text, among: names), range: range)
        }
        if tables.isEmpty {
            return ZLError(
                .binding, "unknown_column", "the column \"\(text)\" cannot be found: there is no FROM clause",
                hint: "text is written in single quotes", range: range)
        }
        return ZLError(
            .binding, "unknown_column", "there is no column \"\(text)\" in the FROM clause",
            hint: NearestName.hint(text, among: outputColumns.map(\.name)), range: range)
    }

    static func ambiguousColumn(_ parts: [Identifier], _ places: [String], range: Range<Int>?) -> ZLError {
        let text = parts.map(\.text).joined(separator: ".")
        return ZLError(
            .binding, "ambiguous_column", "the column name \"\(text)\" is ambiguous",
            hint: "use \(places.map { "\"\($0)\"" }.joined(separator: " or "))", range: range)
    }
}

extension ScopeTable {
    /// Whether the table can be called `parts`: `bars`, `market_data.bars`, `db.market_data.bars`.
    func answers(to parts: ArraySlice<Identifier>) -> Bool {
        guard let last = parts.last, !name.isEmpty, last.text.isSameName(as: name) else { return false }
        guard parts.count > 1 else { return true }
        guard let schema else { return false }
        return parts[parts.endIndex - 2].text.isSameName(as: schema)
    }

    func place(of column: ScopeColumn) -> String { name.isEmpty ? column.name : "\(name).\(column.name)" }
}
