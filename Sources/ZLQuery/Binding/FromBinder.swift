import ZLColumnar

/// Rows and the names under which an expression reaches their columns.
struct BoundSource {
    var plan: LogicalPlan
    var scope: Scope
}

/// FROM: tables, views, files, table functions, subqueries, VALUES, joins.
extension Binder {
    mutating func bindFrom(_ references: [TableReference]) throws(ZLError) -> BoundSource {
        guard let first = references.first else { return BoundSource(plan: .singleRow, scope: Scope()) }
        var source = try bindReference(first)
        for reference in references.dropFirst() {
            outerScopes.append(source.scope)
            let next = try bindReference(reference)
            outerScopes.removeLast()
            try countOperator(place(reference.range))
            try checkNames(source.scope, next.scope, place(reference.range))
            let join = JoinNode(kind: .cross, left: source.plan, right: next.plan, keys: [], residual: nil)
            source = BoundSource(plan: .join(join), scope: Scope(source.scope.tables + next.scope.tables))
        }
        return source
    }

    /// Two tables of one FROM need two names.
    func checkNames(_ left: Scope, _ right: Scope, _ range: Range<Int>?) throws(ZLError) {
        for table in right.tables where !table.name.isEmpty {
            guard left.tables.contains(where: { $0.name.isSameName(as: table.name) && $0.schema == table.schema }) else { continue }
            throw ZLError(
                .binding, "duplicate_alias", "the name \"\(table.name)\" stands for two tables in FROM",
                hint: "give one of them an alias", range: range)
        }
    }

    mutating func bindReference(_ reference: TableReference) throws(ZLError) -> BoundSource {
        if reference.sample != nil { throw ZLError.notYet("TABLESAMPLE", range: place(reference.range)) }
        switch reference.kind {
        case .join(let join):
            let source = try bindJoin(join)
            return try reference.alias.map { (alias) throws(ZLError) in try aliased(source, alias) } ?? source
        case .parenthesised(let inner):
            let source = try bindReference(inner)
            return try reference.alias.map { (alias) throws(ZLError) in try aliased(source, alias) } ?? source
        default: return try bindRelation(reference)
        }
    }

    /// A reference to one relation, under its alias or its own name.
    private mutating func bindRelation(_ reference: TableReference) throws(ZLError) -> BoundSource {
        let range = place(reference.range)
        switch reference.kind {
        case .table(let name):
            let found = try bindTable(name, range)
            return try named(found.query, found.name, schema: found.schema, reference.alias, range)
        case .file(let path):
            let query = try bindFile(path, range)
            return try named(query, Binder.fileTitle(path), schema: nil, reference.alias, range)
        case .function(let call, let isLateral, let withOrdinality):
            if isLateral { throw ZLError.notYet("LATERAL", range: range) }
            if withOrdinality { throw ZLError.notYet("WITH ORDINALITY", range: range) }
            let query = try bindTableFunction(call, range)
            return try named(query, call.name.last, schema: nil, reference.alias, range)
        case .subquery(let query, let isLateral):
            if isLateral { throw ZLError.notYet("LATERAL", range: range) }
            let bound = try bindQuery(query)
            return try named(bound, "unnamed_subquery", schema: nil, reference.alias, range)
        case .values(let rows):
            return try named(try bindValues(rows), "valueslist", schema: nil, reference.alias, range)
        case .pivot: throw ZLError.notYet("PIVOT", range: range)
        case .unpivot: throw ZLError.notYet("UNPIVOT", range: range)
        case .join, .parenthesised:
            throw ZLError(.internal, "not_a_relation", "a join is no relation", range: range)
        }
    }

    /// `bars` of `'data/bars.csv'`
    private static func fileTitle(_ path: String) -> String {
        let file = path.split(separator: "/").last ?? ""
        return String(file.split(separator: ".").first ?? "")
    }

    /// The query's columns under a table name, renamed where the alias lists columns.
    private func named(
        _ query: BoundQuery, _ name: String, schema: String?, _ alias: TableAlias?, _ range: Range<Int>?
    ) throws(ZLError) -> BoundSource {
        var columns = Binder.withUniqueNames(query.columns)
        if let alias {
            guard alias.columns.count <= columns.count else {
                throw ZLError(
                    .binding, "column_count",
                    "the alias \"\(alias.name.text)\" names \(alias.columns.count) columns, the table has \(columns.count)",
                    range: range)
            }
            for (position, column) in alias.columns.enumerated() { columns[position].name = column.text }
            return BoundSource(plan: query.plan, scope: Scope(name: alias.name.text, columns: columns))
        }
        return BoundSource(plan: query.plan, scope: Scope(name: name, schema: schema, columns: columns))
    }

    /// A join in parentheses as one table.
    private func aliased(_ source: BoundSource, _ alias: TableAlias) throws(ZLError) -> BoundSource {
        var columns = source.scope.starColumns
        guard alias.columns.count <= columns.count else {
            throw ZLError(
                .binding, "column_count",
                "the alias \"\(alias.name.text)\" names \(alias.columns.count) columns, the join has \(columns.count)",
                range: place(alias.name.range))
        }
        for (position, column) in alias.columns.enumerated() { columns[position].name = column.text }
        return BoundSource(
            plan: source.plan, scope: Scope([ScopeTable(name: alias.name.text, schema: nil, columns: columns)]))
    }

    /// A second column of the same name in a subquery gets a number: a, a_1, a_2.
    static func withUniqueNames(_ columns: [OutputColumn]) -> [OutputColumn] {
        var taken: Set<String> = []
        return columns.map { column in
            var name = column.name
            var number = 1
            while !taken.insert(name.nameKey).inserted {
                name = "\(column.name)_\(number)"
                number += 1
            }
            var renamed = column
            renamed.name = name
            return renamed
        }
    }
}
