import ZLColumnar
import ZLFunctions

/// Arithmetic: operators are functions of the registry under their symbols.
extension Binder {
    mutating func bindBinary(
        _ expression: Expression, _ environment: inout ExpressionEnvironment
    ) throws(ZLError) -> BoundExpression {
        guard case .binary(let symbol, let left, let right) = expression.kind else { throw Binder.misrouted }
        let first = try bind(left, &environment)
        return try arithmetic(symbol, [first, try bind(right, &environment)], place(expression.range))
    }

    mutating func bindConcatenation(
        _ expression: Expression, _ environment: inout ExpressionEnvironment
    ) throws(ZLError) -> BoundExpression {
        guard case .concatenate(let operands) = expression.kind else { throw Binder.misrouted }
        return try concatenate(try bind(operands, &environment)[...], place(expression.range))
    }

    private func arithmetic(
        _ symbol: BinaryOperator, _ operands: [BoundExpression], _ range: Range<Int>?
    ) throws(ZLError) -> BoundExpression {
        let name = Binder.name(of: symbol, operands, context.settings)
        guard FunctionRegistry.shared.scalars[name] != nil else { throw ZLError.notYet("the operator \(name)", range: range) }
        return try guarded(try call(name, operands, range: range))
    }

    mutating func bindUnary(
        _ expression: Expression, _ environment: inout ExpressionEnvironment
    ) throws(ZLError) -> BoundExpression {
        guard case .unary(let symbol, let operand) = expression.kind else { throw Binder.misrouted }
        let range = place(expression.range)
        if symbol == .minus, case .literal(let literal) = operand.kind,
            let negative = try bindNegative(literal, expression.range)
        {
            return negative
        }
        let bound = try bind(operand, &environment)
        switch symbol {
        case .not:
            return BoundExpression(.not(try condition(bound, "NOT")), type: .boolean, range: range)
        case .absolute: return try call("abs", [bound], range: range)
        case .factorial: return try call("factorial", [bound], range: range)
        case .plus where bound.type.isNumeric || bound.type == .null: return bound
        case .plus, .minus, .bitwiseNot: return try call(symbol.rawValue, [bound], range: range)
        }
    }

    /// `/` gives DOUBLE unless the setting asks for integers.
    private static func name(of symbol: BinaryOperator, _ operands: [BoundExpression], _ settings: Settings) -> String {
        if symbol == .divide, settings.integerDivision, operands.allSatisfy({ $0.type.isInteger }) { return "//" }
        return symbol.rawValue
    }

    /// `//` and `%` of whole numbers fail on a divisor of zero unless the setting asks for NULL.
    private func guarded(_ division: BoundExpression) throws(ZLError) -> BoundExpression {
        guard context.settings.errorOnDivisionByZero, case .call(let call) = division.kind, division.type.isInteger,
            ["//", "%"].contains(call.function.description.name), call.arguments.count == 2
        else { return division }
        let divisor = call.arguments[1]
        if case .integer(let number)? = divisor.constantValue, number != 0 { return division }
        let isZero = try compare(.equal, divisor, .constant(.integer(0), .integer), range: division.range)
        let isKnown = BoundExpression(.not(BoundExpression(.isNull(call.arguments[0]), type: .boolean)), type: .boolean)
        let message = BoundExpression.constant(.string("division by zero"), .varchar)
        let failure = try cast(try self.call("error", [message], range: division.range), to: division.type)
        let branch = BoundBranch(condition: BoundExpression(.and([isZero, isKnown]), type: .boolean), result: failure)
        return BoundExpression(.conditional([branch], otherwise: division), type: division.type, range: division.range)
    }

    /// A balanced tree, since a chain may be as long as the text allows; joining texts is associative.
    private func concatenate(
        _ operands: ArraySlice<BoundExpression>, _ range: Range<Int>?
    ) throws(ZLError) -> BoundExpression {
        if operands.count == 1, let only = operands.first { return only }
        let middle = operands.startIndex + operands.count / 2
        let left = try concatenate(operands[operands.startIndex..<middle], range)
        let right = try concatenate(operands[middle...], range)
        return try call("||", [left, right], range: range)
    }
}
