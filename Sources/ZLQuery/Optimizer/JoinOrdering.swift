import ZLColumnar

/// Orders the tables of comma and inner joins: a table is joined when an equality connects it with those before it, so that no
/// cross product arises where it can be avoided; and the smaller side of an inner join is the right one, which is hashed.
///
/// Sizes are row counts of tables and files, a filter keeps a fifth; nothing else is estimated. The order of FROM decides where
/// sizes are alike.
enum JoinOrdering {
    /// A side must be this many times larger before the sides are exchanged.
    private static let swapFactor = 2.0
    private static let keptByFilter = 0.2

    static func apply(_ plan: LogicalPlan) throws(ZLError) -> LogicalPlan {
        guard case .join(let node) = plan, node.kind == .inner || node.kind == .cross else {
            return try plan.mapChildren { (child) throws(ZLError) in try apply(child) }
        }
        var pool = Pool()
        try pool.add(node)
        if pool.isConnected || pool.relations.count < 3 {
            return exchanged(try plan.mapChildren { (child) throws(ZLError) in try apply(child) })
        }
        var relations: [LogicalPlan] = []
        for relation in pool.relations { relations.append(try apply(relation)) }
        return order(relations, pool.conditions)
    }

    /// The tables of nested inner joins, and all their conditions.
    private struct Pool {
        var relations: [LogicalPlan] = []
        var conditions: [BoundExpression] = []
        /// No join of the pool is a cross product.
        var isConnected = true

        mutating func add(_ node: JoinNode) throws(ZLError) {
            if node.keys.isEmpty { isConnected = false }
            for side in [node.left, node.right] {
                if case .join(let inner) = side, inner.kind == .inner || inner.kind == .cross {
                    try add(inner)
                } else {
                    relations.append(side)
                }
            }
            for key in node.keys { conditions.append(try key.condition()) }
            conditions += node.residual?.conjuncts ?? []
        }
    }

    private static func order(_ relations: [LogicalPlan], _ conditions: [BoundExpression]) -> LogicalPlan {
        var open = relations
        var pending = conditions
        var result = open.removeFirst()
        while !open.isEmpty {
            let known = result.columnIDs
            let connected = open.firstIndex { candidate in
                let columns = candidate.columnIDs
                return pending.contains { SplitCondition.key($0, left: known, right: columns) != nil }
            }
            let next = open.remove(at: connected ?? 0)
            let both = known.union(next.columnIDs)
            let usable = pending.filter { $0.columnIDs.isSubset(of: both) }
            pending.removeAll { $0.columnIDs.isSubset(of: both) }
            var node = JoinNode(kind: .cross, left: result, right: next, keys: [], residual: nil)
            if let condition = BoundExpression.conjunction(usable) {
                let split = SplitCondition.split(condition, left: known, right: next.columnIDs)
                node.keys = split.keys
                node.residual = split.residual
                node.kind = .inner
            }
            result = exchanged(.join(node))
        }
        return BoundExpression.conjunction(pending).map { .filter(result, $0) } ?? result
    }

    /// The inner join with its sides exchanged where the right one is clearly the larger.
    private static func exchanged(_ plan: LogicalPlan) -> LogicalPlan {
        guard case .join(var node) = plan, node.kind == .inner, !node.keys.isEmpty,
            let left = estimate(node.left), let right = estimate(node.right), right > left * swapFactor
        else { return plan }
        (node.left, node.right) = (node.right, node.left)
        node.keys = node.keys.map { JoinKey(left: $0.right, right: $0.left, nullsEqual: $0.nullsEqual) }
        return .join(node)
    }

    /// Rows that a plan gives; nil where that is anyone's guess.
    static func estimate(_ plan: LogicalPlan) -> Double? {
        switch plan {
        case .singleRow, .scalarRow: return 1
        case .tableScan(let scan):
            return Double(scan.data.rowCount) * (scan.filters.isEmpty ? 1 : keptByFilter)
        case .fileScan(let node): return node.scan.estimatedRowCount.map(Double.init)
        case .values(let rows, _): return Double(rows.count)
        case .materialized(let chunks, _): return Double(chunks.reduce(0) { $0 + $1.rowCount })
        case .series(let series): return Double(series.count)
        case .filter(let child, _): return estimate(child).map { $0 * keptByFilter }
        case .projection(let child, _), .sort(let child, _), .distinct(let child, _): return estimate(child)
        case .window(let node): return estimate(node.child)
        case .aggregate(let node): return node.groups.isEmpty ? 1 : estimate(node.child)
        case .limit(let child, let limit, _, _):
            let rows = estimate(child)
            guard let limit else { return rows }
            return min(rows ?? Double(limit), Double(limit))
        case .join(let node): return estimate(node)
        case .asofJoin(let node): return estimate(node.left)
        case .setOperation(let operation, _, let left, let right, _):
            guard let first = estimate(left), let second = estimate(right) else { return nil }
            return operation == .union ? first + second : first
        case .shared(let shared, _): return estimate(shared.plan)
        }
    }

    private static func estimate(_ node: JoinNode) -> Double? {
        guard let left = estimate(node.left), let right = estimate(node.right) else { return nil }
        switch node.kind {
        case .semi, .anti, .nullAwareAnti, .mark, .left: return left
        case .right: return right
        case .full: return left + right
        case .positional: return max(left, right)
        case .cross: return left * right
        case .inner: return node.keys.isEmpty ? left * right : max(left, right)
        }
    }
}
