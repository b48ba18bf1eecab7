import ZLColumnar
import ZLFunctions

/// Replaces expressions of constants by their values, and drops conditions that decide themselves.
///
/// Nothing is reordered, so floating results stay what they would be at run time. Where evaluation fails the expression
/// stays as it is: it fails when, and only if, a row reaches it.
enum ConstantFolding {
    /// The value of an expression without columns.
    static func value(of expression: BoundExpression) throws(ZLError) -> Value {
        if case .constant(let value) = expression.kind { return value }
        let physical = try PhysicalExpression(expression, ColumnLayout([]))
        return try physical.evaluate(DataChunk(columns: [], rowCount: 1)).value(at: 0)
    }

    static func fold(_ expression: BoundExpression) -> BoundExpression {
        guard !expression.children.isEmpty else { return foldWhole(expression) }
        guard let inner = try? expression.mapChildren({ (child) throws(ZLError) in fold(child) }) else { return expression }
        return foldWhole(simplified(inner))
    }

    /// The expression's value, where all operands are constants.
    private static func foldWhole(_ expression: BoundExpression) -> BoundExpression {
        switch expression.kind {
        case .constant, .column, .predict: return expression
        case .call(let call) where call.function.isVolatile: return expression
        default: break
        }
        guard expression.children.allSatisfy({ $0.constantValue != nil }), let value = try? value(of: expression) else {
            return expression
        }
        return .constant(value, expression.type, range: expression.range)
    }

    /// TRUE out of AND, FALSE out of OR, branches that are never or always taken.
    private static func simplified(_ expression: BoundExpression) -> BoundExpression {
        switch expression.kind {
        case .and(let operands):
            return combined(expression, operands, neutral: true) { .and($0) }
        case .or(let operands):
            return combined(expression, operands, neutral: false) { .or($0) }
        case .not(let operand):
            if case .not(let inner) = operand.kind { return inner }
            return expression
        case .conditional(let branches, let otherwise):
            return simplified(expression, branches, otherwise)
        default: return expression
        }
    }

    /// Operands after a deciding constant are never evaluated; those before it are kept where they may fail.
    private static func combined(
        _ expression: BoundExpression, _ operands: [BoundExpression], neutral: Bool,
        _ make: ([BoundExpression]) -> BoundExpressionKind
    ) -> BoundExpression {
        var kept: [BoundExpression] = []
        for operand in operands {
            if operand.constantValue == .boolean(neutral) { continue }
            kept.append(operand)
            if operand.constantValue == .boolean(!neutral) {
                if kept.allSatisfy(\.cannotFail) { return operand }
                break
            }
        }
        if kept.isEmpty { return .constant(.boolean(neutral), .boolean, range: expression.range) }
        if kept.count == 1 { return kept[0] }
        return BoundExpression(make(kept), type: .boolean, range: expression.range)
    }

    private static func simplified(
        _ expression: BoundExpression, _ branches: [BoundBranch], _ otherwise: BoundExpression?
    ) -> BoundExpression {
        var kept: [BoundBranch] = []
        for branch in branches {
            switch branch.condition.constantValue {
            case .boolean(true)?:
                if kept.isEmpty { return branch.result }
                return BoundExpression(
                    .conditional(kept, otherwise: branch.result), type: expression.type, range: expression.range)
            case .boolean(false)?, .null?: continue
            default: kept.append(branch)
            }
        }
        if kept.isEmpty { return otherwise ?? .constant(.null, expression.type, range: expression.range) }
        return BoundExpression(.conditional(kept, otherwise: otherwise), type: expression.type, range: expression.range)
    }
}
