import ZLColumnar

extension FunctionRegistry {
    /// The scalar function of a name and the overload that takes the types at the least cost.
    package func resolveScalar(
        _ name: String, _ types: [DataType]
    ) throws(ZLError) -> (function: ScalarFunction, overload: ScalarOverload, signature: ResolvedSignature) {
        guard let function = scalars[name.lowercased()] else { throw unknownFunction(name) }
        guard let best = FunctionRegistry.cheapest(function.overloads.map { ($0, $0.resolve) }, types) else {
            throw FunctionRegistry.noOverload(name, types, function.overloads.map(\.signatureText))
        }
        return (function, best.overload, best.signature)
    }

    /// - Parameter overFrames: for a call with OVER.
    package func resolveAggregate(
        _ name: String, _ types: [DataType], overFrames: Bool = false
    ) throws(ZLError) -> (function: AggregateFunction, overload: AggregateOverload, signature: ResolvedSignature) {
        guard let function = aggregates[name.lowercased()] else { throw unknownFunction(name) }
        let overloads = function.overloads.filter { $0.isOverFrames || !overFrames }
        guard let best = FunctionRegistry.cheapest(overloads.map { ($0, $0.resolve) }, types) else {
            throw FunctionRegistry.noOverload(name, types, function.overloads.map(\.signatureText))
        }
        return (function, best.overload, best.signature)
    }

    package func resolveWindow(
        _ name: String, _ types: [DataType]
    ) throws(ZLError) -> (function: WindowFunction, overload: WindowOverload, signature: ResolvedSignature) {
        guard let function = windows[name.lowercased()] else { throw unknownFunction(name) }
        guard let best = FunctionRegistry.cheapest(function.overloads.map { ($0, $0.resolve) }, types) else {
            throw FunctionRegistry.noOverload(name, types, function.overloads.map(\.signatureText))
        }
        return (function, best.overload, best.signature)
    }

    private static func cheapest<Overload>(
        _ overloads: [(Overload, SignatureResolver)], _ types: [DataType]
    ) -> (overload: Overload, signature: ResolvedSignature)? {
        var best: (overload: Overload, signature: ResolvedSignature)?
        for (overload, resolve) in overloads {
            guard let signature = resolve(types), signature.cost < best?.signature.cost ?? Int.max else { continue }
            best = (overload, signature)
        }
        return best
    }

    package func unknownFunction(_ name: String) -> ZLError {
        let known = Array(scalars.keys) + Array(aggregates.keys) + Array(windows.keys)
        let nearest = NearestName.find(name, among: known.sorted())
        return ZLError(
            .binding, "unknown_function", "there is no function named \(name)", hint: nearest.map { "did you mean \($0)?" })
    }

    private static func noOverload(_ name: String, _ types: [DataType], _ signatures: [String]) -> ZLError {
        let found = types.map(\.description).joined(separator: ", ")
        return ZLError(
            .binding, "no_overload", "no function \(name)(\(found)) exists", hint: "there is \(signatures.joined(separator: "; "))")
    }
}
