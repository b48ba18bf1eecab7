import ZLColumnar
import ZLFunctions

/// Finding the overload of a scalar function for bound arguments.
extension Binder {
    /// A call of the registry's function `name`, arguments cast to what the overload takes.
    ///
    /// Literals adapt: an integer literal is tried first in the integer type of the other arguments, a text literal last as
    /// whatever the overload takes.
    func call(
        _ name: String, _ arguments: [BoundExpression], range: Range<Int>?
    ) throws(ZLError) -> BoundExpression {
        let types = arguments.map(\.type)
        var attempts = [Binder.adaptedTypes(arguments)]
        if attempts[0] != types { attempts.append(types) }
        if arguments.contains(where: TypeUnification.isTextLiteral) {
            attempts.append(arguments.map { TypeUnification.isTextLiteral($0) ? .null : $0.type })
        }
        var refusal: ZLError?
        for attempt in attempts {
            do {
                let resolved = try FunctionRegistry.shared.resolveScalar(name, attempt)
                return try call(resolved, arguments, range: range)
            } catch {
                if refusal == nil || attempt == types { refusal = error }
            }
        }
        throw (refusal ?? ZLError(.internal, "no_attempt", "no overload of \(name) was tried")).at(range)
    }

    private func call(
        _ resolved: (function: ScalarFunction, overload: ScalarOverload, signature: ResolvedSignature),
        _ arguments: [BoundExpression], range: Range<Int>?
    ) throws(ZLError) -> BoundExpression {
        var cast: [BoundExpression] = []
        cast.reserveCapacity(arguments.count)
        for (argument, type) in zip(arguments, resolved.signature.arguments) {
            cast.append(try self.cast(argument, to: type))
        }
        let bound = BoundCall(
            function: resolved.function, overload: resolved.overload, signature: resolved.signature, arguments: cast)
        return BoundExpression(.call(bound), type: resolved.signature.result, range: range)
    }

    /// The arguments' types, with integer literals in the common integer type of the other integer arguments if they fit.
    static func adaptedTypes(_ arguments: [BoundExpression]) -> [DataType] {
        let types = arguments.map(\.type)
        let others = arguments.filter { TypeUnification.integerLiteral($0) == nil && $0.type.isInteger }.map(\.type)
        guard let common = TypeUnification.plainCommonType(others), let range = common.integerRange else { return types }
        return zip(arguments, types).map { argument, type in
            guard let value = TypeUnification.integerLiteral(argument), range.contains(value) else { return type }
            return common
        }
    }

    /// The values of arguments that are constants, nil for the others.
    static func constants(_ arguments: [BoundExpression]) -> [Value?] {
        arguments.map { argument in
            guard argument.columnIDs.isEmpty, !argument.isVolatile else { return nil }
            return try? ConstantFolding.value(of: argument)
        }
    }
}
