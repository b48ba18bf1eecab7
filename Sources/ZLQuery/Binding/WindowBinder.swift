import ZLColumnar
import ZLFunctions

/// Window calls: each distinct one becomes a column that a window operator adds.
extension Binder {
    mutating func bindWindowCall(
        _ call: FunctionCall, _ name: String, _ range: Range<Int>?, _ environment: inout ExpressionEnvironment
    ) throws(ZLError) -> BoundExpression {
        try checkWindowAllowed(name, range, environment)
        guard let reference = call.window else {
            throw ZLError(.internal, "no_window", "the call has no window", range: range)
        }
        let outer = environment
        environment.clause = .windowArgument
        environment.allowsWindows = false
        let definition = try resolve(reference, environment.namedWindows)
        let window = try bindWindow(definition, &environment)
        var collected = try bindWindowFunction(call, name, window, definition, range, &environment)
        environment.clause = outer.clause
        environment.allowsWindows = outer.allowsWindows
        let type = collected.call.resultType
        if let known = environment.windows.first(where: { $0.isSame(as: collected) }) {
            return BoundExpression(.column(known.id), type: type, range: range)
        }
        collected.id = newColumnID()
        environment.windows.append(collected)
        return BoundExpression(.column(collected.id), type: type, range: range)
    }

    private func checkWindowAllowed(
        _ name: String, _ range: Range<Int>?, _ environment: ExpressionEnvironment
    ) throws(ZLError) {
        if environment.allowsWindows { return }
        if environment.clause == .windowArgument || environment.clause == .aggregateArgument {
            throw ZLError(
                .binding, "misplaced_window",
                "the window function \(name) cannot stand within \(environment.clause.rawValue)",
                hint: "compute the inner one in a subquery", range: range)
        }
        throw ZLError(
            .binding, "misplaced_window", "the window function \(name) cannot be used in \(environment.clause.rawValue)",
            hint: environment.clause == .filter || environment.clause == .having ? "use QUALIFY" : nil, range: range)
    }

    /// PARTITION BY and ORDER BY.
    private mutating func bindWindow(
        _ definition: WindowDefinition, _ environment: inout ExpressionEnvironment
    ) throws(ZLError) -> BoundWindow {
        var window = BoundWindow()
        for expression in definition.partitionBy {
            let key = try bind(expression, &environment)
            if !window.partitionBy.contains(where: { $0.isSame(as: key) }) { window.partitionBy.append(key) }
        }
        for item in definition.orderBy { window.orderBy.append(try bindSortKey(item, &environment)) }
        return window
    }

    private mutating func bindWindowFunction(
        _ call: FunctionCall, _ name: String, _ window: BoundWindow, _ definition: WindowDefinition,
        _ range: Range<Int>?, _ environment: inout ExpressionEnvironment
    ) throws(ZLError) -> CollectedWindow {
        let frame = try bindFrame(definition.frame, window, &environment)
        if let function = FunctionRegistry.shared.windows[name] {
            let bound = try bindOwnFunction(call, function, definition, frame, range, &environment)
            return CollectedWindow(id: ColumnID(number: 0), window: window, call: bound.call, constants: bound.constants)
        }
        guard let aggregate = FunctionRegistry.shared.aggregates[name] else {
            if FunctionRegistry.shared.scalars[name] != nil {
                throw ZLError(
                    .binding, "not_a_window", "\(name) is neither an aggregate nor a window function and takes no OVER",
                    range: range)
            }
            throw FunctionRegistry.shared.unknownFunction(call.name.last).at(range)
        }
        let parts = try bindAggregateParts(call, aggregate, range, &environment, overFrames: true)
        if !parts.orderBy.isEmpty, aggregate.isOrderSensitive {
            throw ZLError.notYet("ORDER BY within an aggregate with OVER", range: range)
        }
        if parts.isDistinct { throw ZLError.notYet("DISTINCT within an aggregate with OVER", range: range) }
        let evaluator = AggregateWindow.makeEvaluator(
            aggregate.description.name, parts.overload, signature: parts.signature, constants: parts.constants,
            isOrderSensitive: aggregate.isOrderSensitive)
        let bound = BoundWindowCall(
            name: aggregate.description.name, evaluator: evaluator, resultType: parts.signature.result,
            arguments: parts.arguments, filter: parts.filter, ignoresNulls: false, frame: frame, frameUse: .frame,
            range: range)
        return CollectedWindow(id: ColumnID(number: 0), window: window, call: bound, constants: "")
    }

    /// A function of the registry's window family.
    private mutating func bindOwnFunction(
        _ call: FunctionCall, _ function: WindowFunction, _ definition: WindowDefinition, _ frame: BoundFrame,
        _ range: Range<Int>?, _ environment: inout ExpressionEnvironment
    ) throws(ZLError) -> (call: BoundWindowCall, constants: String) {
        let name = function.description.name
        try checkOwnFunction(call, function, definition, range)
        var arguments: [BoundExpression] = []
        var named: [String: Value] = [:]
        for argument in call.arguments {
            let bound = try bind(argument.value, &environment)
            if let label = argument.name {
                named[label.text.nameKey] = try constantArgument(bound, "\(label.text) of \(name)")
            } else {
                arguments.append(bound)
            }
        }
        let found = try resolve(name, arguments, range)
        var cast: [BoundExpression] = []
        for (argument, type) in zip(arguments, found.signature.arguments) { cast.append(try self.cast(argument, to: type)) }
        let evaluator: any WindowEvaluator
        do {
            evaluator = try found.overload.makeEvaluator(found.signature, Binder.constants(cast), named)
        } catch {
            throw error.at(range)
        }
        let bound = BoundWindowCall(
            name: name, evaluator: evaluator, resultType: found.signature.result, arguments: cast, filter: nil,
            ignoresNulls: call.nullTreatment == .ignore, frame: frame, frameUse: function.frameUse, range: range)
        let constants = named.sorted { $0.key < $1.key }.map { "\($0.key) => \($0.value)" }.joined(separator: ", ")
        return (bound, constants)
    }

    private func resolve(
        _ name: String, _ arguments: [BoundExpression], _ range: Range<Int>?
    ) throws(ZLError) -> (overload: WindowOverload, signature: ResolvedSignature) {
        let types = arguments.map(\.type)
        let adapted = Binder.adaptedTypes(arguments)
        if adapted != types, let found = try? FunctionRegistry.shared.resolveWindow(name, adapted) {
            return (found.overload, found.signature)
        }
        do {
            let found = try FunctionRegistry.shared.resolveWindow(name, types)
            return (found.overload, found.signature)
        } catch { throw error.at(range) }
    }

    private func checkOwnFunction(
        _ call: FunctionCall, _ function: WindowFunction, _ definition: WindowDefinition, _ range: Range<Int>?
    ) throws(ZLError) {
        let name = function.description.name
        if call.isDistinct || call.filter != nil || !call.withinGroup.isEmpty {
            throw ZLError(
                .binding, "not_an_aggregate", "\(name) is no aggregate and takes no DISTINCT, FILTER or WITHIN GROUP", range: range)
        }
        if !call.orderBy.isEmpty { throw ZLError.notYet("ORDER BY within a window function", range: range) }
        if function.needsOrder, definition.orderBy.isEmpty {
            throw ZLError(
                .binding, "missing_order", "\(name) needs an ORDER BY in its window: its result depends on the rows' order",
                range: range)
        }
        if function.frameUse == .trailing, let frame = definition.frame {
            throw ZLError(
                .binding, "misplaced_frame", "\(name) has its length as an argument and takes no frame",
                range: place(frame.range))
        }
    }
}

extension CollectedWindow {
    func isSame(as other: CollectedWindow) -> Bool {
        call.name == other.call.name && constants == other.constants && call.resultType == other.call.resultType
            && call.ignoresNulls == other.call.ignoresNulls
            && window.isSame(as: other.window) && BoundExpression.areSame(call.arguments, other.call.arguments)
            && call.frame.isSame(as: other.call.frame) && isSameFilter(other)
            && !call.arguments.contains(where: \.isVolatile)
    }

    private func isSameFilter(_ other: CollectedWindow) -> Bool {
        switch (call.filter, other.call.filter) {
        case (nil, nil): true
        case (let left?, let right?): left.isSame(as: right)
        default: false
        }
    }
}
