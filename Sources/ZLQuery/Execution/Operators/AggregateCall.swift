import ZLColumnar
import ZLFunctions

/// One aggregate call of a query while it runs: filter, DISTINCT and ORDER BY applied, then its state.
final class AggregateCall {
    private let call: AggregateInputs.Call
    private let state: any AggregateState
    /// Pairs of group and arguments seen, for DISTINCT.
    private let seen: KeyTable?
    /// Rows put by for ORDER BY inside the call: arguments, keys, group.
    private var held: [DataChunk] = []
    /// Where the arguments stand.
    private let places: [Int]
    /// All rows are taken as they come.
    let isPlain: Bool

    init(_ call: AggregateInputs.Call) throws(ZLError) {
        self.call = call
        do {
            state = try call.aggregate.overload.makeState(call.aggregate.signature, call.aggregate.constants)
        } catch {
            throw error.at(call.aggregate.range)
        }
        seen = call.aggregate.isDistinct ? KeyTable(types: [.uinteger] + call.types) : nil
        places = call.arguments
        isPlain = call.filter == nil && call.order.isEmpty && !call.aggregate.isDistinct
    }

    private init(partialOf other: AggregateCall, _ state: any AggregateState) {
        call = other.call
        self.state = state
        seen = nil
        places = call.arguments
        isPlain = other.isPlain
    }

    var addsByBlock: Bool { state.addsByBlock }
    var isOrderFree: Bool { seen == nil && call.order.isEmpty && state.isOrderFree }

    /// A call for a part of the rows; nil where its groups cannot be cut in parts.
    func makePartial() -> AggregateCall? {
        guard seen == nil, call.order.isEmpty else { return nil }
        return state.makePartial().map { AggregateCall(partialOf: self, $0) }
    }

    /// The same call without rows.
    func makeEmpty() throws(ZLError) -> AggregateCall { try AggregateCall(call) }

    /// Adds a part; its group g is `groups[g]`.
    func merge(_ partial: AggregateCall, groups: UnsafePointer<UInt32>, groupCount: Int) throws(ZLError) {
        state.grow(to: groupCount)
        do { try state.merge(partial.state, groups: groups) } catch { throw error.at(call.aggregate.range) }
    }

    /// - Parameters:
    ///   - batch: the inputs of all calls, as `AggregateInputs` evaluated them.
    ///   - rows: the groups of its rows, made once for all calls.
    func add(_ batch: Batch, groups: Buffer?, rows: AggregateRows, groupCount: Int) throws(ZLError) {
        state.grow(to: groupCount)
        if isPlain {
            do { try state.update(places.map { batch.chunk.columns[$0] }, rows) } catch { throw error.at(call.aggregate.range) }
        } else {
            try addSome(batch, groups)
        }
    }

    private func addSome(_ batch: Batch, _ known: Buffer?) throws(ZLError) {
        let columns = batch.chunk.columns
        let arguments = places.map { columns[$0] }
        var input = batch.with(arguments + call.order.map { columns[$0] })
        var groups = known
        if let filter = call.filter {
            let kept = Selection(whereTrue: columns[filter])
            if kept.count == 0 { return }
            if kept.count < input.chunk.rowCount {
                groups = groups.map { AggregateCall.selecting($0, kept) }
                input = input.selecting(kept.rows, count: kept.count)
            }
        }
        guard call.order.isEmpty else {
            input.chunk.columns.append(AggregateCall.numbers(groups, count: input.chunk.rowCount))
            held.append(input.chunk)
            return
        }
        try update(input, groups)
    }

    private func update(_ batch: Batch, _ groups: Buffer?) throws(ZLError) {
        var input = batch
        var groups = groups
        if let seen {
            let rows = input.chunk.rowCount
            let fresh = seen.insertingFresh([AggregateCall.numbers(groups, count: rows)] + input.chunk.columns, count: rows)
            if fresh.count == 0 { return }
            groups = groups.map { AggregateCall.selecting($0, fresh) }
            input = input.selecting(fresh.rows, count: fresh.count)
        }
        do { try state.update(input.chunk.columns, input.aggregateRows(groups)) } catch { throw error.at(call.aggregate.range) }
        withExtendedLifetime((input, groups)) {}
    }

    func finish(groupCount: Int) throws(ZLError) -> ColumnVector {
        state.grow(to: groupCount)
        if !held.isEmpty { try updateInOrder(call.aggregate.orderBy) }
        do { return try state.finish() } catch { throw error.at(call.aggregate.range) }
    }

    private func updateInOrder(_ order: [SortKey]) throws(ZLError) {
        let count = held.reduce(0) { $0 + $1.rowCount }
        guard count > 0, let first = held.first else { return }
        let columns = first.columns.indices.map { index in
            ColumnVector.concatenate(held.map { $0.columns[index] }, type: first.columns[index].type)
        }
        held = []
        let keys = order.enumerated().map { index, key in
            SortInput(columns[call.types.count + index], isDescending: key.isDescending, nullsFirst: key.nullsFirst)
        }
        var sorted = columns
        do {
            if let permutation = try SortOrder.permutation(keys, count: count, threads: 1) {
                sorted = columns.map { $0.gather(permutation.values(UInt32.self), count: count) }
            }
        } catch {
            throw error as? ZLError ?? ZLError(.internal, "sort", "sorting failed: \(error)")
        }
        let groups = sorted[sorted.count - 1]
        var start = 0
        while start < count {
            let rows = min(DataChunk.capacity, count - start)
            let chunk = DataChunk(columns: sorted[..<call.types.count].map { $0.slice(start..<(start + rows)) }, rowCount: rows)
            let numbers = Buffer(byteCount: max(16, rows * 4))
            numbers.values(UInt32.self).update(from: groups.values(UInt32.self) + start, count: rows)
            try update(Batch(chunk, at: start), numbers)
            start += rows
        }
    }

    private static func selecting(_ groups: Buffer, _ selection: Selection) -> Buffer {
        let picked = Buffer(byteCount: max(16, selection.count * 4))
        let source = groups.values(UInt32.self)
        let target = picked.values(UInt32.self)
        for index in 0..<selection.count { target[index] = source[Int(selection.rows[index])] }
        return picked
    }

    /// The group numbers as a vector, all 0 without groups.
    private static func numbers(_ groups: Buffer?, count: Int) -> ColumnVector {
        guard let groups else { return .constant(.integer(0), type: .uinteger, count: count) }
        return ColumnVector(type: .uinteger, count: count, buffer: groups)
    }
}
