import ZLColumnar
import ZLFunctions

/// Conditions: logic, comparisons, ranges, lists, patterns.
extension Binder {
    mutating func bindPredicate(
        _ expression: Expression, _ environment: inout ExpressionEnvironment
    ) throws(ZLError) -> BoundExpression {
        let range = place(expression.range)
        switch expression.kind {
        case .and(let operands):
            return BoundExpression(.and(try bindConditions(operands, "AND", &environment)), type: .boolean, range: range)
        case .or(let operands):
            return BoundExpression(.or(try bindConditions(operands, "OR", &environment)), type: .boolean, range: range)
        case .distinctFrom(let left, let right, let isNegated):
            let operands = [try bind(left, &environment), try bind(right, &environment)]
            let unified = try unify(operands, "IS DISTINCT FROM", forComparison: true).expressions
            return BoundExpression(
                .distinctFrom(unified[0], unified[1], isNegated: isNegated), type: .boolean, range: range)
        case .between(let operand, let low, let high, let isNegated):
            return try bindBetween(operand, low, high, isNegated: isNegated, range, &environment)
        case .inList(let operand, let candidates, let isNegated):
            return try bindIn(operand, candidates, isNegated: isNegated, range, &environment)
        case .match(let kind, let operand, let pattern, let escape, let isNegated):
            var operands = [try bind(operand, &environment), try bind(pattern, &environment)]
            if let escape { operands.append(try bind(escape, &environment)) }
            return try bindMatch(kind, operands, isNegated: isNegated, range)
        default:
            throw ZLError.notYet("IN over a list value", range: range)
        }
    }

    mutating func bindComparison(
        _ expression: Expression, _ environment: inout ExpressionEnvironment
    ) throws(ZLError) -> BoundExpression {
        guard case .comparison(let symbol, let left, let right) = expression.kind else { throw Binder.misrouted }
        let first = try bind(left, &environment)
        return try compare(symbol, first, try bind(right, &environment), range: place(expression.range))
    }

    mutating func bindTest(
        _ expression: Expression, _ environment: inout ExpressionEnvironment
    ) throws(ZLError) -> BoundExpression {
        guard case .test(let test, let operand, let isNegated) = expression.kind else { throw Binder.misrouted }
        return try tested(test, try bind(operand, &environment), isNegated: isNegated, place(expression.range))
    }

    /// `left op right` in the type that both are compared in.
    func compare(
        _ symbol: ComparisonOperator, _ left: BoundExpression, _ right: BoundExpression, range: Range<Int>?
    ) throws(ZLError) -> BoundExpression {
        let operands: [BoundExpression]
        do { operands = try unify([left, right], symbol.rawValue, forComparison: true).expressions } catch {
            throw error.code == "type_mismatch"
                ? ZLError(
                    .binding, "type_mismatch", "cannot compare \(left.type) with \(right.type)",
                    hint: "add an explicit cast", range: range)
                : error
        }
        return try call(symbol.rawValue, operands, range: range)
    }

    func negated(_ expression: BoundExpression, if isNegated: Bool) -> BoundExpression {
        isNegated ? BoundExpression(.not(expression), type: .boolean, range: expression.range) : expression
    }

    private mutating func bindConditions(
        _ operands: [Expression], _ what: String, _ environment: inout ExpressionEnvironment
    ) throws(ZLError) -> [BoundExpression] {
        var bound: [BoundExpression] = []
        for operand in operands { bound.append(try condition(try bind(operand, &environment), what)) }
        return bound
    }

    private func tested(
        _ test: TruthTest, _ operand: BoundExpression, isNegated: Bool, _ range: Range<Int>?
    ) throws(ZLError) -> BoundExpression {
        switch test {
        case .null:
            return negated(BoundExpression(.isNull(operand), type: .boolean, range: range), if: isNegated)
        case .unknown:
            let flag = try condition(operand, "IS UNKNOWN")
            return negated(BoundExpression(.isNull(flag), type: .boolean, range: range), if: isNegated)
        case .isTrue, .isFalse:
            let flag = try condition(operand, "IS \(test.rawValue)")
            return BoundExpression(
                .distinctFrom(flag, .boolean(test == .isTrue), isNegated: !isNegated), type: .boolean, range: range)
        }
    }

    private mutating func bindBetween(
        _ operand: Expression, _ low: Expression, _ high: Expression, isNegated: Bool, _ range: Range<Int>?,
        _ environment: inout ExpressionEnvironment
    ) throws(ZLError) -> BoundExpression {
        let operands = try bind([operand, low, high], &environment)
        let unified = try unify(operands, "BETWEEN", forComparison: true).expressions
        let conditions = [
            try compare(.greaterOrEqual, unified[0], unified[1], range: range),
            try compare(.lessOrEqual, unified[0], unified[2], range: range),
        ]
        return negated(BoundExpression(.and(conditions), type: .boolean, range: range), if: isNegated)
    }

    private mutating func bindIn(
        _ operand: Expression, _ candidates: [Expression], isNegated: Bool, _ range: Range<Int>?,
        _ environment: inout ExpressionEnvironment
    ) throws(ZLError) -> BoundExpression {
        let bound = try bind([operand] + candidates, &environment)
        let unified = try unify(bound, "IN", forComparison: true).expressions
        let list = BoundExpression(.inList(unified[0], Array(unified.dropFirst())), type: .boolean, range: range)
        return negated(list, if: isNegated)
    }

    private func bindMatch(
        _ kind: PatternKind, _ operands: [BoundExpression], isNegated: Bool, _ range: Range<Int>?
    ) throws(ZLError) -> BoundExpression {
        let function: String
        switch kind {
        case .like: function = operands.count > 2 ? "like_escape" : "~~"
        case .ilike: function = operands.count > 2 ? "ilike_escape" : "~~*"
        case .glob: function = "~~~"
        case .similar, .regularExpression: function = "regexp_full_match"
        }
        if FunctionRegistry.shared.scalars[function] == nil { throw ZLError.notYet(kind.rawValue, range: range) }
        if operands.count > 2, kind == .similar { throw ZLError.notYet("SIMILAR TO with ESCAPE", range: range) }
        let texts = try BoundExpression.map(operands) { (operand) throws(ZLError) in
            guard operand.type == .varchar || operand.type == .null else {
                throw ZLError(
                    .binding, "type_mismatch", "\(kind.rawValue) needs text, found \(operand.type)",
                    hint: "cast it to VARCHAR", range: operand.range ?? range)
            }
            return operand
        }
        return negated(try call(function, texts, range: range), if: isNegated)
    }
}
