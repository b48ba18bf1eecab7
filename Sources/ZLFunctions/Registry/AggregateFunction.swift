import ZLColumnar

/// The running state of one aggregate call for all groups of a query, groups numbered from 0.
///
/// The executor calls `grow`, then any number of `update`s in source row order, then `finish`; windows go on after a `finish`,
/// which leaves the state as it was. One state is used by one thread at a time. Floating sums add up in blocks: rows of one source
/// block (`DataChunk.blockSize`) first, block sums in order.
package protocol AggregateState: AnyObject {
    /// Whether the result depends on which source blocks the rows come from.
    var addsByBlock: Bool { get }

    /// Whether the result is the same, bit by bit, in whatever order rows are added and parts merged. Such a state is merged with any
    /// other of its making.
    var isOrderFree: Bool { get }

    /// Groups 0 ..< groupCount exist from here on; new ones are empty.
    func grow(to groupCount: Int)

    /// Adds row i of the arguments (any form, the resolved types) to group `groups[i]`, or to group 0 where `groups` is nil; to the state,
    /// all rows so added are of one source block.
    func update(_ arguments: [ColumnVector], count: Int, groups: UnsafePointer<UInt32>?) throws(ZLError)

    /// Adds rows that may come from several source blocks and whose groups are known by row or by run.
    func update(_ arguments: [ColumnVector], _ rows: AggregateRows) throws(ZLError)

    /// A state without groups for a later part of the source, to be given to `merge` when that part is done; nil where a group's
    /// rows cannot be cut in parts.
    func makePartial() -> (any AggregateState)?

    /// Adds what a partial state of this one's making holds; its group g is this state's group `groups[g]`. Parts come in
    /// source order, and no rows but theirs. The result is that of adding their rows one by one, where no block of source rows
    /// is cut.
    func merge(_ partial: any AggregateState, groups: UnsafePointer<UInt32>) throws(ZLError)

    /// The result, one row a group.
    func finish() throws(ZLError) -> ColumnVector
}

extension AggregateState {
    package var addsByBlock: Bool { false }
    package var isOrderFree: Bool { false }

    package func update(_ arguments: [ColumnVector], _ rows: AggregateRows) throws(ZLError) {
        let groups = rows.groupOfEachRow()
        try update(arguments, count: rows.count, groups: groups.values(UInt32.self))
        withExtendedLifetime(groups) {}
    }

    package func makePartial() -> (any AggregateState)? { nil }

    package func merge(_ partial: any AggregateState, groups: UnsafePointer<UInt32>) throws(ZLError) {
        preconditionFailure("a state that makes no partial states has none to merge")
    }
}

/// A state whose loops take whole batches: groups by row or by run, of several source blocks.
protocol BatchAggregateState: AggregateState {}

extension BatchAggregateState {
    package func update(
        _ arguments: [ColumnVector], count: Int, groups: UnsafePointer<UInt32>?
    ) throws(ZLError) {
        guard count > 0 else { return }
        try update(arguments, AggregateRows(count: count, block: 0, border: count, groups: groups))
    }
}

package struct AggregateOverload: Sendable {
    package let signatureText: String
    package let resolve: SignatureResolver
    /// Whether windows may take it: their own forms of some aggregates read doubles only.
    package let isOverFrames: Bool
    /// A fresh state. `constants[i]` is the value of argument i where it is a constant (quantile's fraction, a separator).
    package let makeState: @Sendable (_ signature: ResolvedSignature, _ constants: [Value?]) throws(ZLError) -> any AggregateState

    package init(
        _ signatureText: String, resolve: @escaping SignatureResolver, isOverFrames: Bool = true,
        makeState: @escaping @Sendable (ResolvedSignature, [Value?]) throws(ZLError) -> any AggregateState
    ) {
        self.signatureText = signatureText
        self.resolve = resolve
        self.isOverFrames = isOverFrames
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
