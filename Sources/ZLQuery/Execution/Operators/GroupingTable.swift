import ZLColumnar
import ZLFunctions

/// The groups of one grouping set and the running state of every aggregate over them.
final class GroupingTable {
    private let table: KeyTable?
    private var calls: [AggregateCall]
    private var groupCount: Int

    /// - Parameter keyTypes: empty for the one group of all rows, which exists even without rows.
    init(keyTypes: [DataType], aggregates: [BoundAggregate], layout: ColumnLayout) throws(ZLError) {
        table = keyTypes.isEmpty ? nil : KeyTable(types: keyTypes)
        groupCount = keyTypes.isEmpty ? 1 : 0
        var calls: [AggregateCall] = []
        for aggregate in aggregates { calls.append(try AggregateCall(aggregate, layout)) }
        self.calls = calls
    }

    /// Adds rows, whose source order is that of the calls.
    func add(_ batch: Batch, keys: [ColumnVector]) throws(ZLError) {
        let rows = batch.chunk.rowCount
        guard rows > 0 else { return }
        var numbers: Buffer?
        if let table {
            let buffer = Buffer(byteCount: max(16, rows * 4))
            table.insert(keys, count: rows, into: buffer.values(UInt32.self))
            groupCount = table.count
            numbers = buffer
        }
        for call in calls { try call.add(batch, groups: numbers, groupCount: groupCount) }
    }

    func finish() throws(ZLError) -> (keys: [ColumnVector], results: [ColumnVector], count: Int) {
        var results: [ColumnVector] = []
        for call in calls { results.append(try call.finish(groupCount: groupCount)) }
        return (table?.keyColumns() ?? [], results, groupCount)
    }
}

/// One aggregate call of a query while it runs: filter, DISTINCT and ORDER BY applied, then its state.
final class AggregateCall {
    private let state: any AggregateState
    private let arguments: [PhysicalExpression]
    private let filter: PhysicalExpression?
    /// Pairs of group and arguments seen, for DISTINCT.
    private let seen: KeyTable?
    /// Rows put by for ORDER BY inside the call: group, arguments, keys.
    private let ordering: (keys: [PhysicalExpression], order: [SortKey])?
    private var held: [DataChunk] = []
    private let types: [DataType]
    private let range: Range<Int>?

    init(_ aggregate: BoundAggregate, _ layout: ColumnLayout) throws(ZLError) {
        do {
            state = try aggregate.overload.makeState(aggregate.signature, aggregate.constants)
        } catch {
            throw error.at(aggregate.range)
        }
        arguments = try PhysicalExpression.all(aggregate.arguments, layout)
        var condition: PhysicalExpression?
        if let filter = aggregate.filter { condition = try PhysicalExpression(filter, layout) }
        filter = condition
        types = aggregate.signature.arguments
        seen = aggregate.isDistinct ? KeyTable(types: [.uinteger] + types) : nil
        ordering = aggregate.orderBy.isEmpty
            ? nil : (try PhysicalExpression.all(aggregate.orderBy.map(\.expression), layout), aggregate.orderBy)
        range = aggregate.range
    }

    func add(_ batch: Batch, groups: Buffer?, groupCount: Int) throws(ZLError) {
        state.grow(to: groupCount)
        var batch = batch
        var groups = groups
        if let filter {
            let kept = Selection(whereTrue: try filter.evaluate(batch.chunk))
            if kept.count == 0 { return }
            if kept.count < batch.chunk.rowCount {
                groups = groups.map { AggregateCall.selecting($0, kept) }
                batch = batch.selecting(kept.rows, count: kept.count)
            }
        }
        var vectors: [ColumnVector] = []
        for argument in arguments { vectors.append(try argument.evaluate(batch.chunk)) }
        if let ordering {
            for key in ordering.keys { vectors.append(try key.evaluate(batch.chunk)) }
            vectors.append(AggregateCall.numbers(groups, count: batch.chunk.rowCount))
            held.append(DataChunk(columns: vectors, rowCount: batch.chunk.rowCount))
            return
        }
        try update(vectors, batch, groups)
    }

    private func update(_ vectors: [ColumnVector], _ batch: Batch, _ groups: Buffer?) throws(ZLError) {
        var input = Batch(
            chunk: DataChunk(columns: vectors, rowCount: batch.chunk.rowCount), block: batch.block, border: batch.border)
        var groups = groups
        if let seen {
            let fresh = AggregateCall.firstOccurrences(input.chunk, groups, in: seen)
            if fresh.count == 0 { return }
            groups = groups.map { AggregateCall.selecting($0, fresh) }
            input = input.selecting(fresh.rows, count: fresh.count)
        }
        let numbers = groups.map { UnsafePointer($0.values(UInt32.self)) }
        do {
            let rows = input.chunk.rowCount
            if input.border > 0 {
                let part = input.border == rows ? input.chunk.columns : input.chunk.slice(0..<input.border).columns
                try state.update(part, count: input.border, groups: numbers, block: input.block)
            }
            if input.border < rows {
                let part = input.border == 0 ? input.chunk.columns : input.chunk.slice(input.border..<rows).columns
                try state.update(part, count: rows - input.border, groups: numbers.map { $0 + input.border }, block: input.block + 1)
            }
        } catch {
            throw error.at(range)
        }
    }

    func finish(groupCount: Int) throws(ZLError) -> ColumnVector {
        state.grow(to: groupCount)
        if let ordering { try updateInOrder(ordering.order) }
        do { return try state.finish() } catch { throw error.at(range) }
    }

    private func updateInOrder(_ order: [SortKey]) throws(ZLError) {
        let count = held.reduce(0) { $0 + $1.rowCount }
        guard count > 0, let first = held.first else { return }
        let columns = first.columns.indices.map { index in
            ColumnVector.concatenate(held.map { $0.columns[index] }, type: first.columns[index].type)
        }
        held = []
        let keys = order.enumerated().map { index, key in
            SortColumn(columns[types.count + index], isDescending: key.isDescending, nullsFirst: key.nullsFirst)
        }
        var sorted = columns
        do {
            if let permutation = try SortOrder(keys, count: count).permutation(threads: 1) {
                sorted = columns.map { $0.gather(permutation.values(UInt32.self), count: count) }
            }
        } catch {
            throw error as? ZLError ?? ZLError(.internal, "sort", "sorting failed: \(error)")
        }
        let groups = sorted[sorted.count - 1]
        var start = 0
        while start < count {
            let rows = min(DataChunk.capacity, count - start)
            let chunk = DataChunk(columns: sorted[..<types.count].map { $0.slice(start..<(start + rows)) }, rowCount: rows)
            let numbers = Buffer(byteCount: max(16, rows * 4))
            numbers.values(UInt32.self).update(from: groups.values(UInt32.self) + start, count: rows)
            try update(chunk.columns, Batch(chunk, at: start), numbers)
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

    private static func firstOccurrences(_ chunk: DataChunk, _ groups: Buffer?, in seen: KeyTable) -> Selection {
        let rows = chunk.rowCount
        let keys = [numbers(groups, count: rows)] + chunk.columns
        let found = Buffer(byteCount: max(16, rows * 4))
        var known = seen.count
        seen.insert(keys, count: rows, into: found.values(UInt32.self))
        let fresh = Selection(capacity: rows)
        for row in 0..<rows where Int(found.values(UInt32.self)[row]) == known {
            fresh.append(UInt32(row))
            known += 1
        }
        return fresh
    }
}
