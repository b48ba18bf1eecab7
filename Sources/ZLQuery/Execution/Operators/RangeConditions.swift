import ZLColumnar
import ZLFunctions

/// One or two inequalities between the sides of a join, taken from its condition: `right <= left` in the order of each pair's words.
struct RangeConditions: Sendable {
    private(set) var left: [BoundExpression] = []
    private(set) var right: [BoundExpression] = []
    /// What order words are turned round with: all bits where the right value is the greater one, else none.
    private(set) var turns: [UInt64] = []

    /// nil where the condition has no such inequality, and for kinds of joins that ask whether a condition is unknown.
    init?(_ node: JoinNode, left leftColumns: Set<ColumnID>, right rightColumns: Set<ColumnID>) {
        guard node.kind != .mark, node.kind != .nullAwareAnti, let residual = node.residual else { return nil }
        for conjunct in residual.conjuncts {
            add(conjunct, leftColumns, rightColumns)
            // why: pairs that are not looked at must not be those for which an earlier part of the condition fails
            if turns.count == 2 || !RangeConditions.isSafe(conjunct) { break }
        }
        if turns.isEmpty { return nil }
    }

    private mutating func add(_ conjunct: BoundExpression, _ leftColumns: Set<ColumnID>, _ rightColumns: Set<ColumnID>) {
        guard case .call(let call) = conjunct.kind, call.arguments.count == 2, RangeConditions.isSafe(conjunct) else { return }
        let name = call.function.description.name
        guard ["<", "<=", ">", ">="].contains(name), call.arguments[0].type == call.arguments[1].type else { return }
        let (first, second) = (call.arguments[0], call.arguments[1])
        let firstIsLess = name == "<" || name == "<="
        if SplitCondition.reads(first, only: leftColumns), SplitCondition.reads(second, only: rightColumns) {
            append(first, second, rightIsLess: !firstIsLess)
        } else if SplitCondition.reads(first, only: rightColumns), SplitCondition.reads(second, only: leftColumns) {
            append(second, first, rightIsLess: firstIsLess)
        }
    }

    private mutating func append(_ leftValue: BoundExpression, _ rightValue: BoundExpression, rightIsLess: Bool) {
        left.append(leftValue)
        right.append(rightValue)
        turns.append(rightIsLess ? 0 : .max)
    }

    /// Whether evaluation gives a value on every row, casts of whole numbers to wider ones or DOUBLE among them.
    private static func isSafe(_ expression: BoundExpression) -> Bool {
        if expression.cannotFail { return true }
        switch expression.kind {
        case .cast(let operand, _):
            guard isWhole(operand.type), isWhole(expression.type) || expression.type == .double else { return false }
            return Cast.implicitCost(from: operand.type, to: expression.type) != nil && isSafe(operand)
        case .call(let call):
            return ["=", "!=", "<", "<=", ">", ">="].contains(call.function.description.name) && call.arguments.allSatisfy(isSafe)
        default: return false
        }
    }

    private static func isWhole(_ type: DataType) -> Bool {
        switch type {
        case .tinyint, .smallint, .integer, .bigint, .utinyint, .usmallint, .uinteger: true
        default: false
        }
    }
}
