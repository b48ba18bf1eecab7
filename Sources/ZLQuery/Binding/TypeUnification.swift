import ZLColumnar
import ZLFunctions

/// One type for several expressions, by DuckDB's rules: a literal adapts to what stands beside it.
///
/// An integer literal takes the integer type of the others where its value fits; a text literal takes any type. A constant
/// that an explicit cast gave is no literal: the binder leaves such casts for the optimizer to fold.
enum TypeUnification {
    /// Whether the expression is an integer in the text, with its value.
    static func integerLiteral(_ expression: BoundExpression) -> Int128? {
        guard case .constant(.integer(let value)) = expression.kind else { return nil }
        return value
    }

    static func isTextLiteral(_ expression: BoundExpression) -> Bool {
        if case .constant(.string) = expression.kind { return expression.type == .varchar }
        return false
    }

    /// The type that all can be cast to without loss of meaning; nil where there is none. `.null` for only bare NULLs.
    static func commonType(_ expressions: [BoundExpression], forComparison: Bool = false) -> DataType? {
        let typed = expressions.filter { $0.type != .null && !isError($0) }
        let fixed = typed.filter { !isLiteral($0) }
        guard var common = fixed.first?.type else { return plainCommonType(typed.map(\.type), forComparison) }
        for expression in fixed.dropFirst() {
            guard let next = pair(common, expression.type, forComparison) else { return nil }
            common = next
        }
        for expression in typed where isLiteral(expression) {
            if isTextLiteral(expression) { continue }
            if let value = integerLiteral(expression), let range = common.integerRange, range.contains(value) { continue }
            guard let next = pair(common, expression.type, forComparison) else { return nil }
            common = next
        }
        return common
    }

    /// `error('...')` has no value and so any type.
    private static func isError(_ expression: BoundExpression) -> Bool {
        if case .call(let call) = expression.kind { call.isError } else { false }
    }

    /// The common type of columns, whose literals are past.
    static func plainCommonType(_ types: [DataType], _ forComparison: Bool = false) -> DataType? {
        var common = DataType.null
        for type in types {
            guard let next = pair(common, type, forComparison) else { return nil }
            common = next
        }
        return common
    }

    private static func isLiteral(_ expression: BoundExpression) -> Bool {
        integerLiteral(expression) != nil || isTextLiteral(expression)
    }

    /// Text compared with a number or a date is read as one; elsewhere both become text.
    private static func pair(_ left: DataType, _ right: DataType, _ forComparison: Bool) -> DataType? {
        if left == right || right == .null { return left }
        if left == .null { return right }
        if forComparison, left == .varchar, right != .blob { return right }
        if forComparison, right == .varchar, left != .blob { return left }
        return Cast.commonType(left, right)
    }
}
