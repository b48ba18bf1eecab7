import ZLColumnar
import ZLFunctions

/// A join's condition taken apart: equalities between a left and a right expression, and the rest.
struct SplitCondition {
    var keys: [JoinKey] = []
    var rest: [BoundExpression] = []

    var residual: BoundExpression? { .conjunction(rest) }

    /// - Parameters: the columns that each side gives.
    static func split(_ condition: BoundExpression, left: Set<ColumnID>, right: Set<ColumnID>) -> SplitCondition {
        var split = SplitCondition()
        for conjunct in condition.conjuncts {
            if let key = key(conjunct, left: left, right: right) {
                split.keys.append(key)
            } else {
                split.rest.append(conjunct)
            }
        }
        return split
    }

    /// The key that a conjunct is; nil where it is no equality of one side with the other.
    static func key(_ conjunct: BoundExpression, left: Set<ColumnID>, right: Set<ColumnID>) -> JoinKey? {
        switch conjunct.kind {
        case .call(let call) where call.function.description.name == "=" && call.arguments.count == 2:
            return key(call.arguments[0], call.arguments[1], left, right, nullsEqual: false)
        case .distinctFrom(let first, let second, isNegated: true):
            return key(first, second, left, right, nullsEqual: true)
        default: return nil
        }
    }

    private static func key(
        _ first: BoundExpression, _ second: BoundExpression, _ left: Set<ColumnID>, _ right: Set<ColumnID>,
        nullsEqual: Bool
    ) -> JoinKey? {
        if reads(first, only: left), reads(second, only: right) {
            return JoinKey(left: first, right: second, nullsEqual: nullsEqual)
        }
        if reads(first, only: right), reads(second, only: left) {
            return JoinKey(left: second, right: first, nullsEqual: nullsEqual)
        }
        return nil
    }

    /// Whether the expression reads at least one column, and none but these.
    static func reads(_ expression: BoundExpression, only columns: Set<ColumnID>) -> Bool {
        let ids = expression.columnIDs
        return !ids.isEmpty && ids.isSubset(of: columns) && !expression.isVolatile
    }
}

extension LogicalPlan {
    /// The ids of the columns that the operator gives.
    var columnIDs: Set<ColumnID> { Set(columns.map(\.id)) }
}

extension JoinKey {
    /// The condition that the key stands for.
    func condition() throws(ZLError) -> BoundExpression {
        if nullsEqual { return BoundExpression(.distinctFrom(left, right, isNegated: true), type: .boolean) }
        let equality = try FunctionRegistry.shared.resolveScalar("=", [left.type, right.type])
        let call = BoundCall(
            function: equality.function, overload: equality.overload, signature: equality.signature, arguments: [left, right])
        return BoundExpression(.call(call), type: .boolean)
    }
}
