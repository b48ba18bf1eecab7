import ZLColumnar

/// Turns expressions over FROM's columns into expressions over an aggregation's: what equals a grouping expression becomes
/// its column; aggregates, windows and subqueries have columns already; any other column is an error that names it.
struct GroupedColumns {
    let groups: [Projection]
    let made: Set<ColumnID>
    let scope: Scope

    func rewrite(_ expression: BoundExpression) throws(ZLError) -> BoundExpression {
        if let group = groups.first(where: { $0.expression.isSame(as: expression) }) {
            return BoundExpression(.column(group.id), type: expression.type, range: expression.range)
        }
        if case .column(let id) = expression.kind {
            if made.contains(id) { return expression }
            let name = scope.name(of: id) ?? "?"
            throw ZLError(
                .binding, "ungrouped_column",
                "the column \"\(name)\" must stand in GROUP BY or within an aggregate",
                hint: "any_value(\(name)) takes one value of each group", range: expression.range)
        }
        return try expression.mapChildren { (child) throws(ZLError) in try rewrite(child) }
    }

    func rewrite(_ expressions: [BoundExpression]) throws(ZLError) -> [BoundExpression] {
        try BoundExpression.map(expressions) { (expression) throws(ZLError) in try rewrite(expression) }
    }

    func rewrite(_ references: [SelectState.Reference]?) throws(ZLError) -> [SelectState.Reference]? {
        guard let references else { return nil }
        var rewritten: [SelectState.Reference] = []
        for reference in references {
            switch reference {
            case .position: rewritten.append(reference)
            case .expression(let expression): rewritten.append(.expression(try rewrite(expression)))
            }
        }
        return rewritten
    }

    func rewrite(_ collected: CollectedWindow) throws(ZLError) -> CollectedWindow {
        var copy = collected
        copy.window.partitionBy = try rewrite(collected.window.partitionBy)
        for index in copy.window.orderBy.indices {
            copy.window.orderBy[index].expression = try rewrite(collected.window.orderBy[index].expression)
        }
        copy.call.arguments = try rewrite(collected.call.arguments)
        if let filter = collected.call.filter { copy.call.filter = try rewrite(filter) }
        let rewriteOffset = { (offset: BoundExpression) throws(ZLError) in try rewrite(offset) }
        copy.call.frame.start = try collected.call.frame.start.mapOffset(rewriteOffset)
        copy.call.frame.end = try collected.call.frame.end.mapOffset(rewriteOffset)
        return copy
    }

    func rewrite(_ join: PendingJoin) throws(ZLError) -> PendingJoin {
        guard case .mark(let keys, let mark, let isThreeValued) = join.kind else { return join }
        var rewritten: [JoinKey] = []
        for key in keys {
            rewritten.append(JoinKey(left: try rewrite(key.left), right: key.right, nullsEqual: key.nullsEqual))
        }
        return PendingJoin(kind: .mark(keys: rewritten, mark: mark, isThreeValued: isThreeValued), plan: join.plan)
    }
}
