import ZLColumnar
import ZLFunctions

/// Calls: which kind of function the name is, and the arguments.
extension Binder {
    mutating func bindCall(
        _ expression: Expression, _ environment: inout ExpressionEnvironment
    ) throws(ZLError) -> BoundExpression {
        guard case .call(let call) = expression.kind else { throw Binder.misrouted }
        let range = place(expression.range)
        let name = call.name.last.nameKey
        if call.window != nil { return try bindWindowCall(call, name, range, &environment) }
        let registry = FunctionRegistry.shared
        if let aggregate = registry.aggregates[name] ?? registry.aggregates[Binder.orderedSetName(name, call)] {
            return try bindAggregate(call, aggregate, range, &environment)
        }
        if let special = try bindSpecialCall(name, call, range, &environment) { return special }
        if registry.windows[name] != nil {
            throw ZLError(
                .binding, "missing_over", "the window function \(name) needs an OVER clause", range: range)
        }
        try checkPlain(call, name, range)
        var arguments: [BoundExpression] = []
        for argument in call.arguments {
            if let label = argument.name {
                throw ZLError(
                    .binding, "named_argument", "\(name) has no named argument \"\(label.text)\"", range: place(label.range))
            }
            arguments.append(try bind(argument.value, &environment))
        }
        guard registry.scalars[name] != nil else { throw registry.unknownFunction(call.name.last).at(range) }
        return try self.call(name, arguments, range: range)
    }

    /// `percentile_cont(0.5) WITHIN GROUP (ORDER BY x)` is an aggregate of another name.
    static func orderedSetName(_ name: String, _ call: FunctionCall) -> String {
        switch name {
        case "percentile_cont": "quantile_cont"
        case "percentile_disc": "quantile_disc"
        default: name
        }
    }

    /// A scalar call has nothing of an aggregate about it.
    private func checkPlain(_ call: FunctionCall, _ name: String, _ range: Range<Int>?) throws(ZLError) {
        let found: String? =
            call.isDistinct ? "DISTINCT" : call.filter != nil ? "FILTER" : !call.orderBy.isEmpty ? "ORDER BY"
            : !call.withinGroup.isEmpty ? "WITHIN GROUP" : call.nullTreatment?.rawValue
        guard let found else { return }
        guard FunctionRegistry.shared.scalars[name] != nil else { throw FunctionRegistry.shared.unknownFunction(call.name.last).at(range) }
        throw ZLError(.binding, "not_an_aggregate", "\(name) is no aggregate and takes no \(found)", range: range)
    }

    /// The value of an argument that must be known before any row is read.
    func constantArgument(_ argument: BoundExpression, _ what: String) throws(ZLError) -> Value {
        guard argument.columnIDs.isEmpty, !argument.isVolatile else {
            throw ZLError(.binding, "not_constant", "\(what) must be a constant", range: argument.range)
        }
        do { return try ConstantFolding.value(of: argument) } catch { throw error.at(argument.range) }
    }
}
