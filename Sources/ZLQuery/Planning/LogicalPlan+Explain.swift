import ZLColumnar

/// The text of a plan for EXPLAIN: one operator a line, children indented under it.
///
/// A column is called by its name in a table where it comes from one unchanged, else `#number`, as the line says that makes it.
extension LogicalPlan {
    func explain() -> String {
        var printer = PlanPrinter()
        printer.collectNames(self)
        printer.add(self, prefix: "", childPrefix: "")
        return printer.lines.joined(separator: "\n")
    }
}

private struct PlanPrinter {
    var lines: [String] = []
    private var names: [ColumnID: String] = [:]
    private var namedPlans: Set<ObjectIdentifier> = []
    private var printedPlans: Set<ObjectIdentifier> = []

    init() {}

    mutating func collectNames(_ plan: LogicalPlan) {
        for child in plan.children { collectNames(child) }
        switch plan {
        case .tableScan(let scan): add(scan.columns)
        case .fileScan(let scan): add(scan.columns)
        case .values(_, let columns), .materialized(_, let columns): add(columns)
        case .setOperation(_, _, let left, _, let columns):
            for (column, source) in zip(columns, left.columns) { names[column.id] = names[source.id] ?? column.name }
        case .series(let series): add([series.column])
        case .shared(let shared, let columns):
            if namedPlans.insert(ObjectIdentifier(shared)).inserted { collectNames(shared.plan) }
            add(columns)
        case .projection(_, let projections): add(projections)
        case .aggregate(let node): add(node.groups)
        case .join(let node):
            if let mark = node.mark { names[mark.id] = "mark #\(mark.id.number)" }
        default: break
        }
    }

    private mutating func add(_ columns: [OutputColumn]) {
        for column in columns { names[column.id] = column.name }
    }

    /// A projection that passes a column on keeps its name.
    private mutating func add(_ projections: [Projection]) {
        for projection in projections {
            if let source = projection.expression.columnID, let name = names[source] { names[projection.id] = name }
        }
    }

    mutating func add(_ plan: LogicalPlan, prefix: String, childPrefix: String) {
        lines.append(prefix + title(plan))
        var children = plan.children
        if case .shared(let shared, _) = plan, printedPlans.insert(ObjectIdentifier(shared)).inserted {
            children = [shared.plan]
        }
        for (index, child) in children.enumerated() {
            let isLast = index == children.count - 1
            add(child, prefix: childPrefix + (isLast ? "└─ " : "├─ "), childPrefix: childPrefix + (isLast ? "   " : "│  "))
        }
    }

    private func title(_ plan: LogicalPlan) -> String {
        switch plan {
        case .singleRow: return "SingleRow"
        case .tableScan(let scan): return title(scan)
        case .fileScan(let scan): return "FileScan \(scan.functionName) [\(list(scan.columns.map(\.name)))]"
        case .values(let rows, let columns): return "Values \(rows.count) rows [\(list(columns.map(\.name)))]"
        case .materialized(let chunks, let columns):
            return "Materialized \(chunks.reduce(0) { $0 + $1.rowCount }) rows [\(list(columns.map(\.name)))]"
        case .series(let series): return "Series \(series.count) rows from \(series.start) by \(series.integerStep)"
        case .filter(_, let predicate): return "Filter \(predicate.text(names))"
        case .projection(_, let projections): return "Projection \(list(projections.map(text)))"
        case .aggregate(let node): return title(node)
        case .window(let node):
            let calls = node.calls.map { "#\($0.id.number): \($0.call.text(names))" }
            return "Window [\(node.window.text(names))] \(list(calls))"
        case .join(let node): return title(node)
        case .asofJoin(let node): return title(node)
        case .sort(_, let keys): return "Sort \(list(keys.map { $0.text(names) }))"
        case .limit(_, let limit, let offset, let percent):
            let count = percent.map { "\($0) percent" } ?? limit.map(String.init) ?? "all"
            return "Limit \(count)" + (offset > 0 ? " offset \(offset)" : "")
        case .distinct(_, let on): return "Distinct" + (on.map { " on \(list($0.map { $0.text(names) }))" } ?? "")
        case .setOperation(let operation, let isAll, _, _, _): return operation.rawValue + (isAll ? " ALL" : "")
        case .shared(let shared, _):
            return "SharedPlan \(shared.name)" + (printedPlans.contains(ObjectIdentifier(shared)) ? " (above)" : "")
        case .scalarRow: return "ScalarRow"
        }
    }

    private func list(_ items: [String]) -> String { items.joined(separator: ", ") }

    private func text(_ projection: Projection) -> String {
        let text = projection.expression.text(names)
        if projection.expression.columnID != nil { return text }
        return "#\(projection.id.number): \(text)"
    }

    private func title(_ scan: TableScan) -> String {
        let filters = scan.filters.isEmpty ? "" : " where \(scan.filters.map { $0.text(names) }.joined(separator: " AND "))"
        return "TableScan \(scan.schema).\(scan.name) [\(list(scan.columns.map(\.name)))]\(filters)"
    }

    private func title(_ node: AggregateNode) -> String {
        let aggregates = node.aggregates.map { "#\($0.id.number): \($0.aggregate.text(names))" }
        let groups = node.groups.isEmpty ? "" : "by \(list(node.groups.map(text))) "
        let sets = node.groupingSets.map { "sets \($0) " } ?? ""
        return "Aggregate \(groups)\(sets)\(list(aggregates))"
    }

    private func title(_ node: JoinNode) -> String {
        var parts = node.keys.map { "\($0.left.text(names)) \($0.nullsEqual ? "IS NOT DISTINCT FROM" : "=") \($0.right.text(names))" }
        if let residual = node.residual { parts.append(residual.text(names)) }
        return "Join \(node.kind.rawValue)" + (parts.isEmpty ? "" : " on \(parts.joined(separator: " AND "))")
    }

    private func title(_ node: AsofJoinNode) -> String {
        var parts = node.keys.map { "\($0.left.text(names)) = \($0.right.text(names))" }
        parts.append("\(node.leftKey.text(names)) \(node.comparison.rawValue) \(node.rightKey.text(names))")
        if let residual = node.residual { parts.append(residual.text(names)) }
        let tolerance = node.tolerance == nil ? "" : " with tolerance"
        return "AsofJoin\(node.isLeft ? " LEFT" : "") \(node.direction.rawValue) on \(parts.joined(separator: " AND "))\(tolerance)"
    }
}
