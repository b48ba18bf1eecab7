import ZLColumnar
import ZLFunctions

/// Casts that the binder adds.
extension Binder {
    /// The expression as `type`. A literal is converted on the spot; where that fails the cast stays, and fails at run time.
    ///
    /// - Throws: class binding, where there is no cast between the types.
    func cast(_ expression: BoundExpression, to type: DataType) throws(ZLError) -> BoundExpression {
        if expression.type == type { return expression }
        if case .constant(let value) = expression.kind {
            if value.isNull { return .constant(.null, type, range: expression.range) }
            if case .integer(let number) = value, let range = type.integerRange, range.contains(number) {
                return .constant(value, type, range: expression.range)
            }
        }
        guard Cast.isPossible(from: expression.type, to: type) else {
            throw ZLError(
                .binding, "no_cast", "there is no cast from \(expression.type) to \(type)", range: expression.range)
        }
        let cast = BoundExpression(.cast(expression, isTry: false), type: type, range: expression.range)
        if case .constant = expression.kind, let value = try? ConstantFolding.value(of: cast) {
            return .constant(value, type, range: expression.range)
        }
        return cast
    }

    func cast(_ expressions: [BoundExpression], to type: DataType) throws(ZLError) -> [BoundExpression] {
        try BoundExpression.map(expressions) { (expression) throws(ZLError) in try cast(expression, to: type) }
    }

    /// The expressions in one type; `what` is for the message: "CASE", "IN".
    func unify(
        _ expressions: [BoundExpression], _ what: String, forComparison: Bool = false
    ) throws(ZLError) -> (expressions: [BoundExpression], type: DataType) {
        guard let type = TypeUnification.commonType(expressions, forComparison: forComparison) else {
            let types = expressions.map(\.type.description)
            let list = types.enumerated().filter { !types[..<$0.offset].contains($0.element) }.map(\.element)
            throw ZLError(
                .binding, "type_mismatch", "\(what) cannot mix \(list.joined(separator: " and "))",
                hint: "add an explicit cast", range: expressions.first?.range)
        }
        return (try cast(expressions, to: type), type)
    }

    /// A condition: BOOLEAN, or what casts to it.
    func condition(_ expression: BoundExpression, _ what: String) throws(ZLError) -> BoundExpression {
        if expression.type == .boolean || expression.type == .null { return try cast(expression, to: .boolean) }
        guard expression.type.isNumeric || expression.type == .varchar else {
            throw ZLError(
                .binding, "type_mismatch", "\(what) needs a BOOLEAN, found \(expression.type)", range: expression.range)
        }
        return try cast(expression, to: .boolean)
    }

    /// Refuses what aliases written out have made too large.
    func checked(_ expression: BoundExpression) throws(ZLError) -> BoundExpression {
        let extent = expression.extent(limit: Binder.maximumExpressionSize)
        if extent.size >= Binder.maximumExpressionSize || extent.height > Binder.maximumExpressionHeight {
            throw ZLError(
                .binding, "expression_too_large", "the expression is too large once its aliases are written out",
                hint: "compute parts of it in a subquery", range: expression.range)
        }
        return expression
    }
}
