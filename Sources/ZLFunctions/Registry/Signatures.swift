import ZLColumnar

/// Resolvers for the usual shapes of signatures.
package enum Signatures {
    /// Exactly these parameter types, reached by implicit casts.
    package static func fixed(_ parameters: [DataType], _ result: DataType) -> SignatureResolver {
        { types in
            guard types.count == parameters.count else { return nil }
            var cost = 0
            for (type, parameter) in zip(types, parameters) {
                guard let step = Cast.implicitCost(from: type, to: parameter) else { return nil }
                cost += step
            }
            return ResolvedSignature(arguments: parameters, result: result, cost: cost)
        }
    }

    /// `count` (or more, where `variadic`) arguments of one type that `accepts`; the result is that type, or `result`.
    package static func uniform(
        count: Int, variadic: Bool = false, result: DataType? = nil, _ accepts: @escaping @Sendable (DataType) -> Bool
    ) -> SignatureResolver {
        { types in
            guard types.count == count || (variadic && types.count > count), let first = types.first else { return nil }
            var common = first
            for type in types.dropFirst() {
                guard let next = Cast.commonType(common, type) else { return nil }
                common = next
            }
            guard accepts(common) else { return nil }
            var cost = 0
            for type in types { cost += Cast.implicitCost(from: type, to: common) ?? 70 }
            return ResolvedSignature(
                arguments: [DataType](repeating: common, count: types.count), result: result ?? common, cost: cost)
        }
    }
}

extension ScalarOverload {
    /// A function of fixed types.
    init(_ name: String, _ parameters: [DataType], _ result: DataType, _ kernel: @escaping ScalarKernel) {
        let list = parameters.map(\.description).joined(separator: ", ")
        self.init("\(name)(\(list)) -> \(result)", resolve: Signatures.fixed(parameters, result), kernel: kernel)
    }
}
