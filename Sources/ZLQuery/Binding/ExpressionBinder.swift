import ZLColumnar
import ZLFunctions

/// Expressions, by the shape of the tree; the families have files of their own.
///
/// The tree's height is bounded by the parser, so recursion is.
extension Binder {
    mutating func bind(
        _ expression: Expression, _ environment: inout ExpressionEnvironment
    ) throws(ZLError) -> BoundExpression {
        // why: every call site costs stack, and there is one frame of this a level: what can form long chains goes the short way
        switch expression.kind {
        case .binary, .comparison, .cast, .test: return try bindLink(expression, &environment)
        default: return try bindNode(expression, &environment)
        }
    }

    /// A node that the text can chain without parentheses.
    private mutating func bindLink(
        _ expression: Expression, _ environment: inout ExpressionEnvironment
    ) throws(ZLError) -> BoundExpression {
        switch expression.kind {
        case .binary: return try bindBinary(expression, &environment)
        case .comparison: return try bindComparison(expression, &environment)
        case .cast: return try bindCast(expression, &environment)
        default: return try bindTest(expression, &environment)
        }
    }

    private mutating func bindNode(
        _ expression: Expression, _ environment: inout ExpressionEnvironment
    ) throws(ZLError) -> BoundExpression {
        switch expression.kind {
        case .literal: return try bindLiteral(expression)
        case .column: return try bindColumn(expression, &environment)
        case .call: return try bindCall(expression, &environment)
        case .interval: return try bindInterval(expression, &environment)
        case .unary: return try bindUnary(expression, &environment)
        case .concatenate: return try bindConcatenation(expression, &environment)
        case .and, .or, .distinctFrom, .between, .inList, .inExpression, .match:
            return try bindPredicate(expression, &environment)
        case .conditional: return try bindConditional(expression, &environment)
        case .subquery, .exists, .inQuery, .quantified:
            return try bindSubqueryExpression(expression, &environment)
        default: throw unsupported(expression)
        }
    }

    mutating func bind(
        _ expressions: [Expression], _ environment: inout ExpressionEnvironment
    ) throws(ZLError) -> [BoundExpression] {
        var bound: [BoundExpression] = []
        bound.reserveCapacity(expressions.count)
        for expression in expressions { bound.append(try bind(expression, &environment)) }
        return bound
    }

    /// The error for what no clause takes here, or nothing does yet.
    private func unsupported(_ expression: Expression) -> ZLError {
        let range = place(expression.range)
        switch expression.kind {
        case .defaultValue:
            return ZLError(.binding, "misplaced_default", "DEFAULT stands only among the values of INSERT and UPDATE", range: range)
        case .star:
            return ZLError(.binding, "misplaced_star", "* stands only in a SELECT list and in count(*)", range: range)
        default: return ZLError.notYet(Binder.name(ofUnsupported: expression.kind), range: range)
        }
    }

    private mutating func bindCast(
        _ expression: Expression, _ environment: inout ExpressionEnvironment
    ) throws(ZLError) -> BoundExpression {
        guard case .cast(let operand, let name, let isTry) = expression.kind else { throw Binder.misrouted }
        return try explicitCast(try bind(operand, &environment), name, isTry: isTry, range: place(expression.range))
    }

    /// A node that came to the function for another kind: our own defect.
    static let misrouted = ZLError(.internal, "misrouted_expression", "the expression is of another kind")

    private func explicitCast(
        _ operand: BoundExpression, _ name: TypeName, isTry: Bool, range: Range<Int>?
    ) throws(ZLError) -> BoundExpression {
        let type: DataType
        do { type = try Binder.type(name) } catch { throw openViews.isEmpty ? error : error.withoutRange }
        if operand.type == type { return operand }
        if operand.constantValue?.isNull == true { return .constant(.null, type, range: range) }
        guard Cast.isPossible(from: operand.type, to: type) else {
            throw ZLError(.binding, "no_cast", "there is no cast from \(operand.type) to \(type)", range: range)
        }
        return BoundExpression(.cast(operand, isTry: isTry), type: type, range: range)
    }

    private mutating func bindColumn(
        _ expression: Expression, _ environment: inout ExpressionEnvironment
    ) throws(ZLError) -> BoundExpression {
        guard case .column(let parts) = expression.kind else { throw Binder.misrouted }
        let range = place(expression.range)
        switch environment.scope.match(parts) {
        case .one(var found):
            found.range = range
            return found
        case .several(let places):
            throw Scope.ambiguousColumn(parts, places, range: range)
        case .none:
            if let alias = try bindAlias(parts, range, &environment) { return alias }
        }
        for outer in outerScopes {
            if case .none = outer.match(parts) { continue }
            throw ZLError.notYet("a correlated subquery", range: range)
        }
        throw environment.scope.unknownColumn(parts, range: range)
    }

    /// The expression behind an alias of the SELECT list, if the name is one.
    private mutating func bindAlias(
        _ parts: [Identifier], _ range: Range<Int>?, _ environment: inout ExpressionEnvironment
    ) throws(ZLError) -> BoundExpression? {
        guard parts.count == 1, let name = parts.first?.text else { return nil }
        if let alias = environment.aliases.last(where: { $0.name.isSameName(as: name) }) {
            try checkMadeColumns(of: alias.expression, name, range, environment)
            var expression = alias.expression
            expression.range = range
            return expression
        }
        guard let place = environment.openAliases.firstIndex(where: { $0.name.isSameName(as: name) }) else { return nil }
        let open = environment.openAliases
        let target = environment.openAliases.remove(at: place)
        let bound = try bind(target.expression, &environment)
        environment.openAliases = open
        return bound
    }

    /// An alias may stand for an aggregate or a window only where those may stand.
    private func checkMadeColumns(
        of expression: BoundExpression, _ name: String, _ range: Range<Int>?, _ environment: ExpressionEnvironment
    ) throws(ZLError) {
        let ids = expression.columnIDs
        if !environment.allowsAggregates, environment.aggregates.contains(where: { ids.contains($0.id) }) {
            throw ZLError(
                .binding, "misplaced_aggregate",
                "\"\(name)\" is an aggregate and cannot be used in \(environment.clause.rawValue)", range: range)
        }
        if !environment.allowsWindows, environment.windows.contains(where: { ids.contains($0.id) }) {
            throw ZLError(
                .binding, "misplaced_window",
                "\"\(name)\" is a window function and cannot be used in \(environment.clause.rawValue)",
                hint: environment.clause == .windowArgument ? "compute it in a subquery" : "use QUALIFY", range: range)
        }
    }

    private static func name(ofUnsupported kind: ExpressionKind) -> String {
        switch kind {
        case .parameter: "a parameter of a prepared statement"
        case .columns: "COLUMNS within an expression"
        case .quantifiedExpression: "ANY and ALL over a list"
        case .arrayQuery: "ARRAY (SELECT ...)"
        case .list, .comprehension, .element, .slice: "the type LIST"
        case .structure, .field: "the type STRUCT"
        case .row: "a row as a value"
        case .map: "the type MAP"
        case .lambda: "a lambda function"
        case .collate: "COLLATE"
        default: "this expression"
        }
    }
}

extension ZLError {
    /// The same error where ranges would point into another text.
    var withoutRange: ZLError {
        var error = self
        error.range = nil
        return error
    }
}
