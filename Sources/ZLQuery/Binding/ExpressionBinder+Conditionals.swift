import ZLColumnar

/// CASE and the functions that are short for it.
extension Binder {
    mutating func bindConditional(
        _ expression: Expression, _ environment: inout ExpressionEnvironment
    ) throws(ZLError) -> BoundExpression {
        guard case .conditional(let conditional) = expression.kind else { throw Binder.misrouted }
        let range = place(expression.range)
        let conditions = try bindBranchConditions(conditional, &environment)
        var results: [BoundExpression] = []
        for branch in conditional.branches { results.append(try bind(branch.result, &environment)) }
        if let otherwise = conditional.otherwise { results.append(try bind(otherwise, &environment)) }
        let unified = try unify(results, "CASE")
        let branches = zip(conditions, unified.expressions).map { BoundBranch(condition: $0, result: $1) }
        let otherwise = conditional.otherwise == nil ? nil : unified.expressions.last
        return BoundExpression(.conditional(branches, otherwise: otherwise), type: unified.type, range: range)
    }

    /// The conditions of WHEN, or with an operand its equality to what stands after each WHEN.
    private mutating func bindBranchConditions(
        _ conditional: Conditional, _ environment: inout ExpressionEnvironment
    ) throws(ZLError) -> [BoundExpression] {
        var conditions: [BoundExpression] = []
        guard let operand = conditional.operand else {
            for branch in conditional.branches {
                conditions.append(try condition(try bind(branch.condition, &environment), "WHEN"))
            }
            return conditions
        }
        let bound = try bind([operand] + conditional.branches.map(\.condition), &environment)
        let unified = try unify(bound, "CASE", forComparison: true).expressions
        for candidate in unified.dropFirst() {
            conditions.append(try compare(.equal, unified[0], candidate, range: candidate.range))
        }
        return conditions
    }

    /// The first argument that is not NULL.
    func coalesce(_ arguments: [BoundExpression], range: Range<Int>?) throws(ZLError) -> BoundExpression {
        let unified = try unify(arguments, "coalesce")
        guard let last = unified.expressions.last else {
            throw ZLError(.binding, "argument_count", "coalesce takes at least one argument", range: range)
        }
        if unified.expressions.count == 1 { return last }
        let branches = unified.expressions.dropLast().map { argument in
            let isNull = BoundExpression(.isNull(argument), type: .boolean)
            return BoundBranch(condition: BoundExpression(.not(isNull), type: .boolean), result: argument)
        }
        return BoundExpression(.conditional(branches, otherwise: last), type: unified.type, range: range)
    }

    /// NULL where the two are equal, else the first, in the first one's type.
    func nullIf(_ arguments: [BoundExpression], range: Range<Int>?) throws(ZLError) -> BoundExpression {
        try checkCount(arguments, 2...2, "nullif", range)
        let equal = try compare(.equal, arguments[0], arguments[1], range: range)
        let type = arguments[0].type
        let branch = BoundBranch(condition: equal, result: .constant(.null, type))
        return BoundExpression(.conditional([branch], otherwise: arguments[0]), type: type, range: range)
    }

    /// `if(condition, then, else)`
    func ifElse(_ arguments: [BoundExpression], range: Range<Int>?) throws(ZLError) -> BoundExpression {
        try checkCount(arguments, 2...3, "if", range)
        let test = try condition(arguments[0], "if")
        let unified = try unify(Array(arguments.dropFirst()), "if")
        let branch = BoundBranch(condition: test, result: unified.expressions[0])
        let otherwise = unified.expressions.count > 1 ? unified.expressions[1] : nil
        return BoundExpression(.conditional([branch], otherwise: otherwise), type: unified.type, range: range)
    }

    func checkCount(
        _ arguments: [BoundExpression], _ allowed: ClosedRange<Int>, _ name: String, _ range: Range<Int>?
    ) throws(ZLError) {
        guard allowed.contains(arguments.count) else {
            let wanted = allowed.count == 1 ? "\(allowed.lowerBound)" : "\(allowed.lowerBound) to \(allowed.upperBound)"
            throw ZLError(
                .binding, "argument_count", "\(name) takes \(wanted) arguments, found \(arguments.count)", range: range)
        }
    }
}
