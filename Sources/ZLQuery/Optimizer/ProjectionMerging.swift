import ZLColumnar

/// Folds a projection into the one above it where that computes nothing twice, and drops projections that change nothing.
enum ProjectionMerging {
    static func apply(_ plan: LogicalPlan) throws(ZLError) -> LogicalPlan {
        let inner = try plan.mapChildren { (child) throws(ZLError) in try apply(child) }
        guard case .projection(let child, let projections) = inner else { return inner }
        if isIdentity(projections, over: child) { return child }
        guard case .projection(let source, let lower) = child, isMergeable(projections, lower) else { return inner }
        let replacements = Dictionary(lower.map { ($0.id, $0.expression) }, uniquingKeysWith: { first, _ in first })
        let merged = projections.map { $0.mapped { $0.replacingColumns(replacements) } }
        return isIdentity(merged, over: source) ? source : .projection(source, merged)
    }

    private static func isIdentity(_ projections: [Projection], over child: LogicalPlan) -> Bool {
        let columns = child.columns
        return columns.count == projections.count
            && zip(projections, columns).allSatisfy { $0.id == $1.id && $0.expression.columnID == $1.id }
    }

    /// A lower expression may be written out where it is read once, or is a column or a constant.
    private static func isMergeable(_ upper: [Projection], _ lower: [Projection]) -> Bool {
        var uses: [ColumnID: Int] = [:]
        for projection in upper { count(projection.expression, &uses) }
        return lower.allSatisfy { projection in
            let expression = projection.expression
            if expression.columnID != nil || expression.constantValue != nil { return true }
            return (uses[projection.id] ?? 0) <= 1 && !expression.isVolatile
                && isLow(expression) && upper.allSatisfy { isLow($0.expression) }
        }
    }

    /// Whether the expression and another such one stacked on it stay within the limit.
    private static func isLow(_ expression: BoundExpression) -> Bool {
        expression.extent(limit: Binder.maximumExpressionSize).height < Binder.maximumExpressionHeight / 2
    }

    private static func count(_ expression: BoundExpression, _ uses: inout [ColumnID: Int]) {
        if let id = expression.columnID { uses[id, default: 0] += 1 }
        for child in expression.children { count(child, &uses) }
    }
}
