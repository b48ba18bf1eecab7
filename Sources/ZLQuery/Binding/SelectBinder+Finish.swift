import ZLColumnar

/// The upper half of a SELECT's plan: windows, QUALIFY, the SELECT list, DISTINCT, ORDER BY, LIMIT.
extension Binder {
    mutating func finish(
        _ source: LogicalPlan, _ state: SelectState, _ limit: Limit?, _ offset: Expression?
    ) throws(ZLError) -> BoundQuery {
        let windowIDs = Set(state.environment.windows.map(\.id))
        var plan = source
        var late: [PendingJoin] = []
        for join in state.environment.joins {
            if join.reads(windowIDs) { late.append(join) } else { plan = join.applied(to: plan) }
        }
        if let having = state.having { plan = .filter(plan, having) }
        for window in state.environment.windows {
            if case .window(var node) = plan, node.window.isSame(as: window.window) {
                node.calls.append((window.id, window.call))
                plan = .window(node)
            } else {
                try countOperator(window.call.range)
                plan = .window(WindowNode(child: plan, window: window.window, calls: [(window.id, window.call)]))
            }
        }
        for join in late { plan = join.applied(to: plan) }
        if let qualify = state.qualify { plan = .filter(plan, qualify) }
        return try bindLimit(limit, offset, project(plan, state))
    }

    /// The SELECT list with DISTINCT and ORDER BY; what those need beyond the list is computed beside it and dropped again.
    private mutating func project(_ source: LogicalPlan, _ state: SelectState) -> BoundQuery {
        var projections: [Projection] = []
        var outputs: [OutputColumn] = []
        for (column, expression) in zip(state.list, state.expressions) {
            let output = newColumn(column.name, expression.type)
            outputs.append(output)
            projections.append(Projection(id: output.id, expression: expression))
        }
        var keys: [SortKey] = []
        for (reference, key) in state.orderBy {
            var placed = key
            placed.expression = hidden(reference, &projections)
            if !keys.contains(where: { $0.expression.isSame(as: placed.expression) }) { keys.append(placed) }
        }
        var distinctOn: [BoundExpression]?
        if let references = state.distinctOn {
            var on: [BoundExpression] = []
            for reference in references { on.append(hidden(reference, &projections)) }
            distinctOn = on
        }
        var plan = LogicalPlan.projection(source, projections)
        let hasHidden = projections.count > outputs.count
        if state.isDistinct, !hasHidden { plan = .distinct(plan, on: nil) }
        if !keys.isEmpty { plan = .sort(plan, keys) }
        // why: keys beyond the list say which of the equal rows comes first, and that one stands for them
        if state.isDistinct, hasHidden { plan = .distinct(plan, on: outputs.map { .column($0) }) }
        if let distinctOn { plan = .distinct(plan, on: distinctOn) }
        if hasHidden {
            plan = .projection(plan, outputs.map { Projection(id: $0.id, expression: .column($0)) })
        }
        return BoundQuery(plan: plan, columns: outputs)
    }

    /// The column of a reference, added behind the SELECT list if it is not in it.
    private mutating func hidden(
        _ reference: SelectState.Reference, _ projections: inout [Projection]
    ) -> BoundExpression {
        let expression: BoundExpression
        switch reference {
        case .position(let position):
            let projection = projections[position]
            return BoundExpression(.column(projection.id), type: projection.expression.type)
        case .expression(let own): expression = own
        }
        if expression.columnIDs.isEmpty, !expression.isVolatile { return expression }
        if let known = projections.first(where: { $0.expression.isSame(as: expression) }) {
            return BoundExpression(.column(known.id), type: expression.type)
        }
        let id = newColumnID()
        projections.append(Projection(id: id, expression: expression))
        return BoundExpression(.column(id), type: expression.type)
    }
}

extension PendingJoin {
    /// Whether the join's condition reads one of the columns.
    func reads(_ ids: Set<ColumnID>) -> Bool {
        guard case .mark(let keys, _, _) = kind else { return false }
        return keys.contains { !$0.left.columnIDs.isDisjoint(with: ids) }
    }
}
