import ZLColumnar

/// Computes one result vector of `count` rows from argument vectors of `count` rows (any form) of the resolved types.
///
/// With the NULL rule `propagates` the caller merges the arguments' validity into the result, and the kernel may leave
/// anything under those rows but must not fail on it. Errors carry no range; the evaluator adds the call's.
package typealias ScalarKernel = @Sendable (
    _ arguments: [ColumnVector], _ count: Int, _ signature: ResolvedSignature
) throws(ZLError) -> ColumnVector

package struct ScalarOverload: Sendable {
    /// As shown to users, for example `round(DOUBLE, INTEGER) -> DOUBLE`.
    package let signatureText: String
    package let resolve: SignatureResolver
    package let kernel: ScalarKernel

    package init(_ signatureText: String, resolve: @escaping SignatureResolver, kernel: @escaping ScalarKernel) {
        self.signatureText = signatureText
        self.resolve = resolve
        self.kernel = kernel
    }
}

package struct ScalarFunction: Sendable {
    package let description: FunctionDescription
    package let overloads: [ScalarOverload]
    /// Gives another value at each call (random()); never folded or shared.
    package let isVolatile: Bool

    package init(_ description: FunctionDescription, _ overloads: [ScalarOverload], isVolatile: Bool = false) {
        self.description = description
        self.overloads = overloads
        self.isVolatile = isVolatile
    }
}
