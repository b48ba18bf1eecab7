import ZLColumnar

/// The plan as a tree: children, rebuilding, the expressions in it. A shared subplan is a leaf.
extension LogicalPlan {
    var children: [LogicalPlan] {
        switch self {
        case .singleRow, .tableScan, .fileScan, .values, .materialized, .series, .shared: []
        case .filter(let child, _), .projection(let child, _), .sort(let child, _), .limit(let child, _, _, _),
            .distinct(let child, _), .scalarRow(let child):
            [child]
        case .aggregate(let node): [node.child]
        case .window(let node): [node.child]
        case .join(let node): [node.left, node.right]
        case .asofJoin(let node): [node.left, node.right]
        case .setOperation(_, _, let left, let right, _): [left, right]
        }
    }

    /// The same operator over other children.
    func mapChildren(_ transform: (LogicalPlan) throws(ZLError) -> LogicalPlan) throws(ZLError) -> LogicalPlan {
        switch self {
        case .singleRow, .tableScan, .fileScan, .values, .materialized, .series, .shared:
            return self
        case .filter(let child, let predicate): return .filter(try transform(child), predicate)
        case .projection(let child, let projections): return .projection(try transform(child), projections)
        case .aggregate(var node):
            node.child = try transform(node.child)
            return .aggregate(node)
        case .window(var node):
            node.child = try transform(node.child)
            return .window(node)
        case .join(var node):
            node.left = try transform(node.left)
            node.right = try transform(node.right)
            return .join(node)
        case .asofJoin(var node):
            node.left = try transform(node.left)
            node.right = try transform(node.right)
            return .asofJoin(node)
        case .sort(let child, let keys): return .sort(try transform(child), keys)
        case .limit(let child, let limit, let offset, let percent):
            return .limit(try transform(child), limit: limit, offset: offset, percent: percent)
        case .distinct(let child, let on): return .distinct(try transform(child), on: on)
        case .setOperation(let operation, let isAll, let left, let right, let columns):
            return .setOperation(operation, isAll: isAll, try transform(left), try transform(right), columns: columns)
        case .scalarRow(let child): return .scalarRow(try transform(child))
        }
    }

    /// The same operator with each of its own expressions replaced; children stay.
    func mapExpressions(_ transform: (BoundExpression) -> BoundExpression) -> LogicalPlan {
        switch self {
        case .singleRow, .fileScan, .materialized, .series, .shared, .limit, .setOperation, .scalarRow:
            return self
        case .tableScan(var scan):
            scan.filters = scan.filters.map(transform)
            return .tableScan(scan)
        case .values(let rows, let columns): return .values(rows: rows.map { $0.map(transform) }, columns: columns)
        case .filter(let child, let predicate): return .filter(child, transform(predicate))
        case .projection(let child, let projections): return .projection(child, projections.map { $0.mapped(transform) })
        case .aggregate(var node):
            node.groups = node.groups.map { $0.mapped(transform) }
            node.aggregates = node.aggregates.map { ($0.id, $0.aggregate.mapped(transform)) }
            return .aggregate(node)
        case .window(var node):
            node.window = node.window.mapped(transform)
            node.calls = node.calls.map { ($0.id, $0.call.mapped(transform)) }
            return .window(node)
        case .join(var node):
            node.keys = node.keys.map { $0.mapped(transform) }
            node.residual = node.residual.map(transform)
            return .join(node)
        case .asofJoin(var node):
            node.keys = node.keys.map { $0.mapped(transform) }
            node.leftKey = transform(node.leftKey)
            node.rightKey = transform(node.rightKey)
            node.residual = node.residual.map(transform)
            return .asofJoin(node)
        case .sort(let child, let keys): return .sort(child, keys.map { $0.mapped(transform) })
        case .distinct(let child, let on): return .distinct(child, on: on.map { $0.map(transform) })
        }
    }

    /// The columns that the operator's own expressions read.
    var readColumns: Set<ColumnID> {
        var ids: Set<ColumnID> = []
        _ = mapExpressions { expression in
            expression.collectColumns(into: &ids)
            return expression
        }
        return ids
    }

    /// Rows of exactly these columns in this order; the plan itself where it gives that already.
    func giving(_ wanted: [OutputColumn]) -> LogicalPlan {
        if columns.map(\.id) == wanted.map(\.id) { return self }
        return .projection(self, wanted.map { Projection(id: $0.id, expression: .column($0)) })
    }
}

extension Projection {
    func mapped(_ transform: (BoundExpression) -> BoundExpression) -> Projection {
        Projection(id: id, expression: transform(expression))
    }
}

extension SortKey {
    func mapped(_ transform: (BoundExpression) -> BoundExpression) -> SortKey {
        SortKey(expression: transform(expression), isDescending: isDescending, nullsFirst: nullsFirst)
    }
}

extension JoinKey {
    func mapped(_ transform: (BoundExpression) -> BoundExpression) -> JoinKey {
        JoinKey(left: transform(left), right: transform(right), nullsEqual: nullsEqual)
    }
}

extension BoundAggregate {
    func mapped(_ transform: (BoundExpression) -> BoundExpression) -> BoundAggregate {
        var copy = self
        copy.arguments = arguments.map(transform)
        copy.orderBy = orderBy.map { $0.mapped(transform) }
        copy.filter = filter.map(transform)
        return copy
    }
}

extension BoundWindow {
    func mapped(_ transform: (BoundExpression) -> BoundExpression) -> BoundWindow {
        BoundWindow(partitionBy: partitionBy.map(transform), orderBy: orderBy.map { $0.mapped(transform) })
    }
}

extension BoundWindowCall {
    func mapped(_ transform: (BoundExpression) -> BoundExpression) -> BoundWindowCall {
        var copy = self
        copy.arguments = arguments.map(transform)
        copy.filter = filter.map(transform)
        copy.frame.start = frame.start.mapped(transform)
        copy.frame.end = frame.end.mapped(transform)
        return copy
    }
}

extension BoundFrameBound {
    func mapped(_ transform: (BoundExpression) -> BoundExpression) -> BoundFrameBound {
        switch self {
        case .preceding(let offset): .preceding(transform(offset))
        case .following(let offset): .following(transform(offset))
        default: self
        }
    }
}
