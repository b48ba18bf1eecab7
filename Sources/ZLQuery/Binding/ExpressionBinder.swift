import ZLColumnar
import ZLFunctions

/// Expressions, by the shape of the tree; the families have files of their own.
///
/// The tree's height is bounded by the parser, so recursion is.
extension Binder {
    mutating func bind(
        _ expression: Expression, _ environment: inout ExpressionEnvironment
    ) throws(ZLError) -> BoundExpression {
        switch expression.kind {
        case .literal(let literal): return try bindLiteral(literal, expression.range)
        case .column(let parts): return try bindColumn(parts, expression.range, &environment)
        case .call(let call): return try bindCall(call, expression.range, &environment)
        case .interval, .cast, .parameter, .defaultValue, .star, .columns:
            return try bindLeaf(expression, &environment)
        case .unary, .binary, .concatenate:
            return try bindArithmetic(expression, &environment)
        case .and, .or, .comparison, .distinctFrom, .test, .between, .inList, .inExpression, .match:
            return try bindPredicate(expression, &environment)
        case .conditional(let conditional):
            return try bindConditional(conditional, expression.range, &environment)
        case .subquery, .exists, .inQuery, .quantified:
            return try bindSubqueryExpression(expression, &environment)
        case .quantifiedExpression, .arrayQuery, .list, .comprehension, .structure, .map, .element, .slice, .field, .lambda, .collate,
            .row:
            throw ZLError.notYet(Binder.name(ofUnsupported: expression.kind), range: place(expression.range))
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

    private mutating func bindLeaf(
        _ expression: Expression, _ environment: inout ExpressionEnvironment
    ) throws(ZLError) -> BoundExpression {
        let range = place(expression.range)
        switch expression.kind {
        case .interval(let count, let unit):
            return try bindInterval(count, unit, range, &environment)
        case .cast(let operand, let name, let isTry):
            return try bindCast(try bind(operand, &environment), name, isTry: isTry, range: range)
        case .parameter:
            throw ZLError.notYet("a parameter of a prepared statement", range: range)
        case .defaultValue:
            throw ZLError(.binding, "misplaced_default", "DEFAULT stands only among the values of INSERT and UPDATE", range: range)
        case .columns:
            throw ZLError.notYet("COLUMNS within an expression", range: range)
        default:
            throw ZLError(.binding, "misplaced_star", "* stands only in a SELECT list and in count(*)", range: range)
        }
    }

    private func bindCast(
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
        _ parts: [Identifier], _ sourceRange: Range<Int>, _ environment: inout ExpressionEnvironment
    ) throws(ZLError) -> BoundExpression {
        let range = place(sourceRange)
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
