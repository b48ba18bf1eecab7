import ZLColumnar

/// The running state of one aggregate call for all groups of a query, groups numbered from 0.
///
/// The executor calls `grow`, then any number of `update`s in source row order, then `finish`; windows go on after a `finish`,
/// which leaves the state as it was. One state is used by
/// one thread at a time. Floating sums add up in blocks: rows of one source block of 1,024 first, block sums in order.
package protocol AggregateState: AnyObject {
    /// Groups 0 ..< groupCount exist from here on; new ones are empty.
    func grow(to groupCount: Int)

    /// Adds row i of the arguments (any form, the resolved types) to group `groups[i]`, or to group 0 where `groups` is nil.
    ///
    /// - Parameter block: number of the source block that all these rows come from; never decreases between calls.
    func update(_ arguments: [ColumnVector], count: Int, groups: UnsafePointer<UInt32>?, block: Int) throws(ZLError)

    /// The result, one row a group.
    func finish() throws(ZLError) -> ColumnVector
}

package struct AggregateOverload: Sendable {
    package let signatureText: String
    package let resolve: SignatureResolver
    /// A fresh state. `constants[i]` is the value of argument i where it is a constant (quantile's fraction, a separator).
    package let makeState: @Sendable (_ signature: ResolvedSignature, _ constants: [Value?]) throws(ZLError) -> any AggregateState

    package init(
        _ signatureText: String, resolve: @escaping SignatureResolver,
        makeState: @escaping @Sendable (ResolvedSignature, [Value?]) throws(ZLError) -> any AggregateState
    ) {
        self.signatureText = signatureText
        self.resolve = resolve
        self.makeState = makeState
    }
}

package struct AggregateFunction: Sendable {
    package let description: FunctionDescription
    package let overloads: [AggregateOverload]
    /// The result depends on the order of the rows (first, string_agg), so an ORDER BY inside the call matters.
    package let isOrderSensitive: Bool

    package init(_ description: FunctionDescription, _ overloads: [AggregateOverload], isOrderSensitive: Bool = false) {
        self.description = description
        self.overloads = overloads
        self.isOrderSensitive = isOrderSensitive
    }
}
