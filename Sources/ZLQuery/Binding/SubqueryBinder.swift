import ZLColumnar
import ZLFunctions

/// Subqueries within expressions. Each becomes a join that gives the expression a column; those that stand as conjuncts of
/// a filter become semi and anti joins.
extension Binder {
    mutating func bindSubqueryExpression(
        _ expression: Expression, _ environment: inout ExpressionEnvironment
    ) throws(ZLError) -> BoundExpression {
        let range = place(expression.range)
        guard environment.allowsSubqueries || environment.clause == .aggregateArgument || environment.clause == .windowArgument
        else {
            throw ZLError(
                .binding, "misplaced_subquery", "a subquery cannot be used in \(environment.clause.rawValue)", range: range)
        }
        switch expression.kind {
        case .subquery(let query):
            return try bindScalarSubquery(query, range, &environment)
        case .exists(let query):
            let bound = try bindSubquery(query, environment.scope)
            return markColumn([], bound.plan, isThreeValued: false, range, &environment)
        case .inQuery(let operand, let query, let isNegated):
            let keys = try bindInKeys(operand, query, range, &environment)
            if keys.keys.count > 1 { throw ZLError.notYet("IN over several columns as a value", range: range) }
            return negated(markColumn(keys.keys, keys.plan, isThreeValued: true, range, &environment), if: isNegated)
        case .quantified(let symbol, let operand, let quantifier, let query):
            return try bindQuantified(symbol, operand, quantifier, query, range, &environment)
        default:
            throw ZLError(.internal, "no_subquery", "the expression is no subquery", range: range)
        }
    }

    /// A query that sees the scope around it only to say that it is correlated.
    private mutating func bindSubquery(_ query: Query, _ scope: Scope) throws(ZLError) -> BoundQuery {
        try countOperator(place(query.range))
        outerScopes.append(scope)
        let bound = try bindQuery(query)
        outerScopes.removeLast()
        return bound
    }

    private func singleColumn(_ query: BoundQuery, _ range: Range<Int>?) throws(ZLError) -> OutputColumn {
        guard query.columns.count == 1 else {
            throw ZLError(
                .binding, "column_count", "a subquery as a value needs one column, found \(query.columns.count)", range: range)
        }
        return query.columns[0]
    }

    private mutating func bindScalarSubquery(
        _ query: Query, _ range: Range<Int>?, _ environment: inout ExpressionEnvironment
    ) throws(ZLError) -> BoundExpression {
        let bound = try bindSubquery(query, environment.scope)
        let column = try singleColumn(bound, range)
        environment.joins.append(PendingJoin(kind: .scalar, plan: .scalarRow(bound.plan)))
        return .column(column, range: range)
    }

    private mutating func markColumn(
        _ keys: [JoinKey], _ plan: LogicalPlan, isThreeValued: Bool, _ range: Range<Int>?,
        _ environment: inout ExpressionEnvironment
    ) -> BoundExpression {
        let mark = newColumn("mark", .boolean)
        environment.joins.append(
            PendingJoin(kind: .mark(keys: keys, mark: mark, isThreeValued: isThreeValued), plan: plan))
        return .column(mark, range: range)
    }

    /// The operand's values against the subquery's columns, in common types. `(a, b) IN (SELECT x, y)` has two keys.
    private mutating func bindInKeys(
        _ operand: Expression, _ query: Query, _ range: Range<Int>?, _ environment: inout ExpressionEnvironment
    ) throws(ZLError) -> (keys: [JoinKey], plan: LogicalPlan) {
        var members = [operand]
        if case .row(let row) = operand.kind { members = row }
        let left = try bind(members, &environment)
        let bound = try bindSubquery(query, environment.scope)
        guard bound.columns.count == left.count else {
            throw ZLError(
                .binding, "column_count", "IN compares \(left.count) values with \(bound.columns.count) columns", range: range)
        }
        var keys: [JoinKey] = []
        for (value, column) in zip(left, bound.columns) {
            let unified = try unify([value, .column(column)], "IN", forComparison: true).expressions
            keys.append(JoinKey(left: unified[0], right: unified[1]))
        }
        return (keys, bound.plan)
    }

    /// `x op ANY (query)` from the least, the greatest and the counts of the query's values, NULLs by SQL's rules.
    private mutating func bindQuantified(
        _ symbol: ComparisonOperator, _ operand: Expression, _ quantifier: Quantifier, _ query: Query,
        _ range: Range<Int>?, _ environment: inout ExpressionEnvironment
    ) throws(ZLError) -> BoundExpression {
        if symbol == .equal, quantifier == .any {
            let keys = try bindInKeys(operand, query, range, &environment)
            return markColumn(keys.keys, keys.plan, isThreeValued: true, range, &environment)
        }
        if symbol == .notEqual, quantifier == .all {
            let keys = try bindInKeys(operand, query, range, &environment)
            return negated(markColumn(keys.keys, keys.plan, isThreeValued: true, range, &environment), if: true)
        }
        let value = try bind(operand, &environment)
        let bound = try bindSubquery(query, environment.scope)
        let column = try singleColumn(bound, range)
        let unified = try unify([value, .column(column)], symbol.rawValue, forComparison: true).expressions
        let least = try aggregateColumn("min", [unified[1]], range)
        let greatest = try aggregateColumn("max", [unified[1]], range)
        let known = try aggregateColumn("count", [unified[1]], range)
        let all = try aggregateColumn("count", [], range)
        let columns = [least, greatest, known, all]
        let node = AggregateNode(child: bound.plan, groups: [], groupingSets: nil, aggregates: columns)
        environment.joins.append(PendingJoin(kind: .scalar, plan: .scalarRow(.aggregate(node))))
        return try quantified(symbol, unified[0], quantifier, columns.map(Binder.reference), range)
    }

    private mutating func aggregateColumn(
        _ name: String, _ arguments: [BoundExpression], _ range: Range<Int>?
    ) throws(ZLError) -> (id: ColumnID, aggregate: BoundAggregate) {
        guard let function = FunctionRegistry.shared.aggregates[name] else {
            throw ZLError(.internal, "missing_function", "the aggregate \(name) is not registered")
        }
        let found = try resolveAggregate(function, arguments, range)
        let aggregate = BoundAggregate(
            function: function, overload: found.overload, signature: found.signature, arguments: found.arguments,
            constants: found.arguments.map { _ in nil }, range: range)
        return (newColumnID(), aggregate)
    }

    private static func reference(_ column: (id: ColumnID, aggregate: BoundAggregate)) -> BoundExpression {
        BoundExpression(.column(column.id), type: column.aggregate.signature.result)
    }

    /// No row: ALL is true, ANY false. Else the deciding comparison; NULL where only NULLs among the values could decide.
    private func quantified(
        _ symbol: ComparisonOperator, _ value: BoundExpression, _ quantifier: Quantifier, _ columns: [BoundExpression],
        _ range: Range<Int>?
    ) throws(ZLError) -> BoundExpression {
        let (least, greatest, known, all) = (columns[0], columns[1], columns[2], columns[3])
        let decisive = quantifier == .any
        let comparison: BoundExpression
        switch symbol {
        case .equal, .notEqual:
            // = ALL: the least and the greatest both equal; <> ANY is its opposite.
            let both = [
                try compare(.equal, value, least, range: range), try compare(.equal, value, greatest, range: range),
            ]
            comparison = negated(BoundExpression(.and(both), type: .boolean, range: range), if: symbol == .notEqual)
        case .less, .lessOrEqual:
            comparison = try compare(symbol, value, decisive ? greatest : least, range: range)
        case .greater, .greaterOrEqual:
            comparison = try compare(symbol, value, decisive ? least : greatest, range: range)
        }
        let isDecided = negated(comparison, if: !decisive)
        let branches = [
            BoundBranch(
                condition: try compare(.equal, all, .constant(.integer(0), .integer), range: range), result: .boolean(!decisive)),
            BoundBranch(condition: isDecided, result: .boolean(decisive)),
            BoundBranch(condition: try compare(.less, known, all, range: range), result: .constant(.null, .boolean)),
        ]
        return BoundExpression(.conditional(branches, otherwise: comparison), type: .boolean, range: range)
    }
}

/// Filters, whose conjuncts may be subqueries.
extension Binder {
    /// The rows of `plan` for which a condition holds. EXISTS and IN as conjuncts become semi and anti joins.
    mutating func bindFilter(
        _ filter: Expression, over plan: LogicalPlan, _ environment: inout ExpressionEnvironment
    ) throws(ZLError) -> LogicalPlan {
        var plan = plan
        var rest: [BoundExpression] = []
        for conjunct in Binder.conjuncts(filter) {
            if let join = try bindFilterJoin(conjunct, &environment) {
                plan = .join(
                    JoinNode(kind: join.kind, left: plan, right: join.plan, keys: join.keys, residual: nil))
            } else {
                rest.append(try condition(try bind(conjunct, &environment), environment.clause.rawValue))
            }
        }
        for join in environment.joins { plan = join.applied(to: plan) }
        environment.joins = []
        return BoundExpression.conjunction(rest).map { .filter(plan, $0) } ?? plan
    }

    private static func conjuncts(_ expression: Expression) -> [Expression] {
        if case .and(let operands) = expression.kind { return operands.flatMap(conjuncts) }
        return [expression]
    }

    private mutating func bindFilterJoin(
        _ conjunct: Expression, _ environment: inout ExpressionEnvironment
    ) throws(ZLError) -> (kind: LogicalJoinKind, keys: [JoinKey], plan: LogicalPlan)? {
        switch conjunct.kind {
        case .exists(let query):
            return (.semi, [], try bindSubquery(query, environment.scope).plan)
        case .unary(.not, let operand):
            if case .exists(let query) = operand.kind {
                return (.anti, [], try bindSubquery(query, environment.scope).plan)
            }
            if case .inQuery(let value, let query, let isNegated) = operand.kind {
                return try bindInJoin(value, query, isNegated: !isNegated, place(conjunct.range), &environment)
            }
            return nil
        case .inQuery(let value, let query, let isNegated):
            return try bindInJoin(value, query, isNegated: isNegated, place(conjunct.range), &environment)
        default: return nil
        }
    }

    private mutating func bindInJoin(
        _ operand: Expression, _ query: Query, isNegated: Bool, _ range: Range<Int>?,
        _ environment: inout ExpressionEnvironment
    ) throws(ZLError) -> (kind: LogicalJoinKind, keys: [JoinKey], plan: LogicalPlan)? {
        let joinsBefore = environment.joins.count
        let bound = try bindInKeys(operand, query, range, &environment)
        if isNegated, bound.keys.count > 1 { throw ZLError.notYet("NOT IN over several columns", range: range) }
        if environment.joins.count > joinsBefore {
            throw ZLError.notYet("a subquery on both sides of IN", range: range)
        }
        return (isNegated ? .nullAwareAnti : .semi, bound.keys, bound.plan)
    }
}
