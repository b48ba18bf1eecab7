import ZLColumnar

/// A subplan that a name stands for.
struct CommonTable {
    var plan: SharedPlan
    /// The subplan's columns under the names they have for readers.
    var columns: [OutputColumn]
}

/// What a table name in FROM stands for: a WITH query, a table, a view, or a table that the engine makes.
extension Binder {
    mutating func bindTable(
        _ name: ObjectName, _ range: Range<Int>?
    ) throws(ZLError) -> (query: BoundQuery, name: String, schema: String?) {
        if name.parts.count == 1, let common = commonTable(name.last) {
            return (reference(to: common), name.last, nil)
        }
        if let entry = lookUp(name) {
            if entry.kind == .view { return (reference(to: try bindView(entry, range)), entry.name, entry.schema) }
            return (try scan(entry, range), entry.name, entry.schema)
        }
        let functionName = name.schema.map { "\($0).\(name.last)" } ?? name.last
        if let function = context.tableFunctions.view(functionName) {
            return (try bind(function, [], [:], range), name.last, name.schema)
        }
        if name.parts.count == 1, Binder.isFileName(name.last) {
            return (try bindFile(name.last, range), name.last, nil)
        }
        throw unknownTable(name, range)
    }

    private func commonTable(_ name: String) -> CommonTable? {
        for tables in commonTables.reversed() {
            if let found = tables[name.nameKey] { return found }
        }
        return nil
    }

    /// Columns of its own for one more place that reads the subplan.
    private mutating func reference(to common: CommonTable) -> BoundQuery {
        let columns = common.columns.map { newColumn($0.name, $0.type) }
        return BoundQuery(plan: .shared(common.plan, columns: columns), columns: columns)
    }

    /// A scan of all columns; the optimizer takes away what is not read.
    private mutating func scan(_ entry: CatalogEntry, _ range: Range<Int>?) throws(ZLError) -> BoundQuery {
        guard let data = entry.data else {
            throw ZLError(.internal, "no_rows", "the table \(entry.schema).\(entry.name) has no rows attached", range: range)
        }
        let columns = entry.columns.map { newColumn($0.name, $0.type) }
        let scan = TableScan(
            schema: entry.schema, name: entry.name, data: data, columns: columns, indices: Array(columns.indices))
        return BoundQuery(plan: .tableScan(scan), columns: columns)
    }

    /// `name [(columns)] AS (query)`: bound once, whether or not it is read.
    mutating func bindCommonTable(
        _ table: CommonTableExpression, isRecursive: Bool
    ) throws(ZLError) {
        let key = table.name.text.nameKey
        let range = place(table.name.range)
        if isRecursive, Binder.mentions(table.query.body, table.name.text) {
            throw ZLError.notYet("a recursive query", range: range)
        }
        guard commonTables[commonTables.count - 1][key] == nil else {
            throw ZLError(.binding, "duplicate_alias", "WITH defines \"\(table.name.text)\" twice", range: range)
        }
        let bound = try bindQuery(table.query)
        let columns = try renamed(bound.columns, table.columns.map(\.text), "\"\(table.name.text)\"", range)
        commonTables[commonTables.count - 1][key] = CommonTable(
            plan: SharedPlan(name: table.name.text, plan: bound.plan), columns: columns)
    }

    private func renamed(
        _ columns: [OutputColumn], _ names: [String], _ what: String, _ range: Range<Int>?
    ) throws(ZLError) -> [OutputColumn] {
        guard names.count <= columns.count else {
            throw ZLError(
                .binding, "column_count", "\(what) names \(names.count) columns, its query has \(columns.count)", range: range)
        }
        var renamed = columns
        for (position, name) in names.enumerated() { renamed[position].name = name }
        return Binder.withUniqueNames(renamed)
    }

    /// Whether the right side of a set operation reads a table of that name: what makes a query recursive.
    private static func mentions(_ body: QueryBody, _ name: String) -> Bool {
        guard case .setOperation(_, _, _, _, let right, _) = body else { return false }
        return reads(right, name)
    }

    private static func reads(_ body: QueryBody, _ name: String) -> Bool {
        switch body {
        case .select(let select): select.from.contains { reads($0, name) }
        case .setOperation(_, _, _, let left, let right, _): reads(left, name) || reads(right, name)
        case .query(let query): reads(query.body, name)
        case .values, .show, .table: false
        }
    }

    private static func reads(_ reference: TableReference, _ name: String) -> Bool {
        switch reference.kind {
        case .table(let table): table.parts.count == 1 && table.last.isSameName(as: name)
        case .subquery(let query, _): reads(query.body, name)
        case .join(let join): reads(join.left, name) || reads(join.right, name)
        case .parenthesised(let inner): reads(inner, name)
        default: false
        }
    }

    /// The view's query, parsed and bound at its first mention in the statement. Its text is all there is to it; the columns
    /// in the catalog are those it had when it was made.
    private mutating func bindView(_ entry: CatalogEntry, _ range: Range<Int>?) throws(ZLError) -> CommonTable {
        let title = "\(entry.schema).\(entry.name)"
        let key = title.nameKey
        if let plan = views[key], let columns = viewColumns[key] { return CommonTable(plan: plan, columns: columns) }
        guard !openViews.contains(key) else {
            throw ZLError(.binding, "view_cycle", "the view \(title) stands on itself", range: range)
        }
        guard openViews.count < Binder.maximumQueryDepth else {
            throw ZLError(
                .binding, "too_deep", "views stand on views more than \(Binder.maximumQueryDepth) deep", range: range)
        }
        let outer = (commonTables, outerScopes)
        commonTables = []
        outerScopes = []
        openViews.append(key)
        let bound: BoundQuery
        let columns: [OutputColumn]
        do {
            bound = try bindQuery(try Parser.parseQuery(entry.text))
            columns = Binder.withUniqueNames(bound.columns)
        } catch {
            throw ZLError(
                error.kind, error.code, error.message.hasPrefix("view ") ? error.message : "view \(title): \(error.message)",
                hint: error.hint, range: openViews.count == 1 ? range : nil)
        }
        openViews.removeLast()
        (commonTables, outerScopes) = outer
        let plan = SharedPlan(name: title, plan: bound.plan)
        views[key] = plan
        viewColumns[key] = columns
        return CommonTable(plan: plan, columns: columns)
    }
}
