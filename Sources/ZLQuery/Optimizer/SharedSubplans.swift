import ZLColumnar

/// Decides which subplans with a name (views, WITH queries) run once for all their places.
///
/// One that is read at a single place, or that only scans and computes row by row, is written out there, so that conditions and
/// column needs can enter it; the others stay shared.
struct SharedSubplans {
    private var counts: [ObjectIdentifier: Int] = [:]
    private var written: [ObjectIdentifier: LogicalPlan] = [:]
    private var kept: [ObjectIdentifier: SharedPlan] = [:]
    private var lastNumber: Int

    /// - Parameter plan: the whole query.
    static func apply(_ plan: LogicalPlan) throws(ZLError) -> LogicalPlan {
        var rule = SharedSubplans(lastNumber: 0)
        rule.count(plan)
        return try rule.rewrite(plan)
    }

    private init(lastNumber: Int) { self.lastNumber = lastNumber }

    private mutating func count(_ plan: LogicalPlan) {
        for column in plan.columns { lastNumber = max(lastNumber, column.id.number) }
        if case .shared(let shared, _) = plan {
            counts[ObjectIdentifier(shared), default: 0] += 1
            if counts[ObjectIdentifier(shared)] == 1 { count(shared.plan) }
        }
        for child in plan.children { count(child) }
    }

    private mutating func rewrite(_ plan: LogicalPlan) throws(ZLError) -> LogicalPlan {
        guard case .shared(let shared, let columns) = plan else {
            var mapped: [LogicalPlan] = []
            for child in plan.children { mapped.append(try rewrite(child)) }
            var next = 0
            return try plan.mapChildren { (_) throws(ZLError) in
                defer { next += 1 }
                return mapped[next]
            }
        }
        let key = ObjectIdentifier(shared)
        if counts[key] == 1 { return renamed(try rewrite(shared.plan), columns) }
        if let known = kept[key] { return .shared(known, columns: columns) }
        let inner: LogicalPlan
        if let known = written[key] { inner = known } else { inner = try rewrite(shared.plan) }
        written[key] = inner
        if SharedSubplans.isRowByRow(inner) { return renamed(copy(inner), columns) }
        let made = SharedPlan(name: shared.name, plan: inner)
        kept[key] = made
        return .shared(made, columns: columns)
    }

    private func renamed(_ plan: LogicalPlan, _ columns: [OutputColumn]) -> LogicalPlan {
        .projection(
            plan, zip(columns, plan.columns).map { Projection(id: $0.id, expression: .column($1)) })
    }

    /// Reading it again costs no more than reading its rows from memory would save.
    private static func isRowByRow(_ plan: LogicalPlan) -> Bool {
        switch plan {
        case .tableScan, .values, .series, .singleRow: return true
        case .filter(let child, let predicate): return !predicate.isVolatile && isRowByRow(child)
        case .projection(let child, let projections):
            return projections.allSatisfy { isPlain($0.expression) } && isRowByRow(child)
        default: return false
        }
    }

    private static func isPlain(_ expression: BoundExpression) -> Bool {
        expression.columnID != nil || expression.constantValue != nil
    }

    /// The same operators with columns of their own.
    private mutating func copy(_ plan: LogicalPlan) -> LogicalPlan {
        var replacements: [ColumnID: BoundExpression] = [:]
        return copy(plan, &replacements)
    }

    private mutating func copy(_ plan: LogicalPlan, _ replacements: inout [ColumnID: BoundExpression]) -> LogicalPlan {
        switch plan {
        case .tableScan(var scan):
            scan.columns = fresh(scan.columns, &replacements)
            let known = replacements
            scan.filters = scan.filters.map { $0.replacingColumns(known) }
            return .tableScan(scan)
        case .values(let rows, let columns): return .values(rows: rows, columns: fresh(columns, &replacements))
        case .series(var node):
            node.column = fresh([node.column], &replacements)[0]
            return .series(node)
        case .filter(let child, let predicate):
            let inner = copy(child, &replacements)
            return .filter(inner, predicate.replacingColumns(replacements))
        case .projection(let child, let projections):
            let inner = copy(child, &replacements)
            let known = replacements
            let made = projections.map { $0.expression.replacingColumns(known) }
            let outputs = fresh(projections.map(\.outputColumn), &replacements)
            return .projection(inner, zip(outputs, made).map { Projection(id: $0.id, expression: $1) })
        default: return plan
        }
    }

    private mutating func fresh(
        _ columns: [OutputColumn], _ replacements: inout [ColumnID: BoundExpression]
    ) -> [OutputColumn] {
        columns.map { column in
            lastNumber += 1
            var renamed = column
            renamed.id = ColumnID(number: lastNumber)
            replacements[column.id] = .column(renamed)
            return renamed
        }
    }
}
