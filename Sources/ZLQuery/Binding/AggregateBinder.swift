import ZLColumnar
import ZLFunctions

/// Aggregate calls: each distinct one becomes a column of the query's aggregation.
extension Binder {
    mutating func bindAggregate(
        _ call: FunctionCall, _ function: AggregateFunction, _ range: Range<Int>?,
        _ environment: inout ExpressionEnvironment
    ) throws(ZLError) -> BoundExpression {
        try checkAggregateAllowed(function.description.name, range, environment)
        let outer = environment
        environment.clause = .aggregateArgument
        environment.allowsAggregates = false
        environment.allowsWindows = false
        environment.joins = []
        var aggregate = try bindAggregateParts(call, function, range, &environment)
        if environment.joins.isEmpty == false { environment.sourceJoins += environment.joins }
        environment.joins = outer.joins
        environment.clause = outer.clause
        environment.allowsAggregates = outer.allowsAggregates
        environment.allowsWindows = outer.allowsWindows
        if !aggregate.function.isOrderSensitive { aggregate.orderBy = [] }
        let type = aggregate.signature.result
        if let known = environment.aggregates.first(where: { $0.aggregate.isSame(as: aggregate) }) {
            return BoundExpression(.column(known.id), type: type, range: range)
        }
        let id = newColumnID()
        environment.aggregates.append((id, aggregate))
        return BoundExpression(.column(id), type: type, range: range)
    }

    /// Arguments, DISTINCT, ORDER BY and FILTER of an aggregate call, in an environment of its own.
    mutating func bindAggregateParts(
        _ call: FunctionCall, _ function: AggregateFunction, _ range: Range<Int>?,
        _ environment: inout ExpressionEnvironment, overFrames: Bool = false
    ) throws(ZLError) -> BoundAggregate {
        if call.nullTreatment == .ignore { throw ZLError.notYet("IGNORE NULLS in an aggregate", range: range) }
        var arguments = try bindAggregateArguments(call, function.description.name, range, &environment)
        var orderBy: [SortKey] = []
        for item in call.orderBy { orderBy.append(try bindSortKey(item, &environment)) }
        if !call.withinGroup.isEmpty {
            guard call.withinGroup.count == 1 else {
                throw ZLError(.binding, "bad_argument", "WITHIN GROUP takes one ORDER BY expression", range: range)
            }
            arguments.insert(try bind(call.withinGroup[0].expression, &environment), at: 0)
            if call.withinGroup[0].direction == .descending {
                throw ZLError.notYet("WITHIN GROUP (ORDER BY ... DESC)", range: range)
            }
        }
        var filter: BoundExpression?
        if let written = call.filter { filter = try condition(try bind(written, &environment), "FILTER") }
        let resolved = try resolveAggregate(function, arguments, range, overFrames: overFrames)
        return BoundAggregate(
            function: function, overload: resolved.overload, signature: resolved.signature,
            arguments: resolved.arguments, constants: Binder.constants(resolved.arguments), isDistinct: call.isDistinct,
            orderBy: orderBy, filter: filter, range: range)
    }

    /// The arguments; `count(*)` has none.
    private mutating func bindAggregateArguments(
        _ call: FunctionCall, _ name: String, _ range: Range<Int>?, _ environment: inout ExpressionEnvironment
    ) throws(ZLError) -> [BoundExpression] {
        if call.arguments.count == 1, case .star(let star) = call.arguments[0].value.kind, star.qualifier.isEmpty {
            guard name == "count", !call.isDistinct else {
                throw ZLError(
                    .binding, "misplaced_star", "\(call.isDistinct ? "count(DISTINCT *)" : "\(name)(*)") does not exist",
                    hint: "* stands in count(*) only", range: range)
            }
            return []
        }
        var arguments: [BoundExpression] = []
        for argument in call.arguments {
            if let label = argument.name {
                throw ZLError(
                    .binding, "named_argument", "\(name) has no named argument \"\(label.text)\"", range: place(label.range))
            }
            arguments.append(try bind(argument.value, &environment))
        }
        return arguments
    }

    func resolveAggregate(
        _ function: AggregateFunction, _ arguments: [BoundExpression], _ range: Range<Int>?, overFrames: Bool = false
    ) throws(ZLError) -> (overload: AggregateOverload, signature: ResolvedSignature, arguments: [BoundExpression]) {
        let found: (function: AggregateFunction, overload: AggregateOverload, signature: ResolvedSignature)
        do {
            found = try FunctionRegistry.shared.resolveAggregate(
                function.description.name, arguments.map(\.type), overFrames: overFrames)
        } catch { throw error.at(range) }
        var cast: [BoundExpression] = []
        for (argument, type) in zip(arguments, found.signature.arguments) { cast.append(try self.cast(argument, to: type)) }
        return (found.overload, found.signature, cast)
    }

    private func checkAggregateAllowed(
        _ name: String, _ range: Range<Int>?, _ environment: ExpressionEnvironment
    ) throws(ZLError) {
        if environment.allowsAggregates { return }
        if environment.clause == .aggregateArgument {
            throw ZLError(
                .binding, "misplaced_aggregate", "the aggregate \(name) cannot stand within another aggregate",
                hint: "compute the inner one in a subquery", range: range)
        }
        throw ZLError(
            .binding, "misplaced_aggregate", "the aggregate \(name) cannot be used in \(environment.clause.rawValue)",
            hint: environment.clause == .filter ? "use HAVING" : nil, range: range)
    }
}
