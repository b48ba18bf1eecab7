import ZLColumnar
import ZLFunctions

/// The groups of one grouping set and the running state of every aggregate over them.
final class GroupingTable {
    private let keys: [Int]
    private let numbering: (any KeyNumbering)?
    private let calls: [AggregateCall]
    let types: [DataType]
    private(set) var groupCount: Int

    /// - Parameters:
    ///   - keys: the inputs to group by; empty for the one group of all rows, which exists even without rows.
    ///   - numbering: by default one that knows nothing of the rows' order.
    init(_ inputs: AggregateInputs, keys: [Int], types: [DataType], numbering: (any KeyNumbering)? = nil) throws(ZLError) {
        self.keys = keys
        self.types = types
        self.numbering = keys.isEmpty ? nil : numbering ?? GroupNumbering(types: types, isShort: false)
        groupCount = keys.isEmpty ? 1 : 0
        var calls: [AggregateCall] = []
        for call in inputs.calls { calls.append(try AggregateCall(call)) }
        self.calls = calls
    }

    private init(like other: GroupingTable, _ calls: [AggregateCall], isShort: Bool, numbering: (any KeyNumbering)? = nil) {
        keys = other.keys
        types = other.types
        self.numbering = keys.isEmpty ? nil : numbering ?? GroupNumbering(types: types, isShort: isShort)
        groupCount = keys.isEmpty ? 1 : 0
        self.calls = calls
    }

    /// Whether some call's result depends on which source blocks the rows come from.
    var addsByBlock: Bool { calls.contains { $0.addsByBlock } }

    /// Whether no call's result depends on the order in which rows are added.
    var isOrderFree: Bool { calls.allSatisfy { $0.isOrderFree } }

    /// A table for a later part of the rows, to be merged into this one; nil where some call's groups cannot be cut in parts.
    func makePartial() -> GroupingTable? {
        let partials = calls.compactMap { $0.makePartial() }
        return partials.count == calls.count ? GroupingTable(like: self, partials, isShort: true) : nil
    }

    /// A table of the same aggregation without rows.
    ///
    /// - Parameter numbering: by default one that knows nothing of the keys.
    func makeEmpty(numbering: (any KeyNumbering)? = nil) throws(ZLError) -> GroupingTable {
        var fresh: [AggregateCall] = []
        for call in calls { fresh.append(try call.makeEmpty()) }
        return GroupingTable(like: self, fresh, isShort: false, numbering: numbering)
    }

    /// Adds rows, whose source order is that of the calls.
    ///
    /// - Parameter onNewGroup: is told the row that each new group begins with, in order.
    func add(_ batch: Batch, onNewGroup: ((Int) -> Void)? = nil) throws(ZLError) {
        let rows = batch.chunk.rowCount
        guard rows > 0 else { return }
        var numbers: Buffer?
        if let numbering {
            let buffer = Buffer(byteCount: max(16, rows * 4))
            try numbering.insert(keys.map { batch.chunk.columns[$0] }, count: rows, into: buffer.values(UInt32.self))
            if let onNewGroup, numbering.count > groupCount {
                var next = UInt32(truncatingIfNeeded: groupCount)
                for row in 0..<rows where buffer.values(UInt32.self)[row] == next {
                    onNewGroup(row)
                    next += 1
                }
            }
            groupCount = numbering.count
            numbers = buffer
        }
        let groups = batch.aggregateRows(numbers)
        for call in calls { try call.add(batch, groups: numbers, rows: groups, groupCount: groupCount) }
        withExtendedLifetime((batch, numbers)) {}
    }

    /// Adds a part of the rows, behind all others, or any of them where no call asks for their order.
    ///
    /// - Returns: the number of each of the part's groups.
    @discardableResult
    func merge(_ partial: GroupingTable) throws(ZLError) -> Buffer {
        let numbers = Buffer(byteCount: max(16, partial.groupCount * 4))
        let groups = numbers.values(UInt32.self)
        if let direct = numbering as? DirectNumbers, let other = partial.numbering as? DirectNumbers {
            direct.add(other)
            groupCount = direct.count
            for group in 0..<partial.groupCount { groups[group] = UInt32(truncatingIfNeeded: group) }
        } else if let numbering, let other = partial.numbering {
            try numbering.insert(other.keyColumns(), count: partial.groupCount, into: groups)
            groupCount = numbering.count
        } else {
            groups[0] = 0
        }
        for (call, part) in zip(calls, partial.calls) { try call.merge(part, groups: groups, groupCount: groupCount) }
        return numbers
    }

    /// The keys in the order of their first rows, and the results.
    func finish() throws(ZLError) -> GroupedResult {
        var results: [ColumnVector] = []
        for call in calls { results.append(try call.finish(groupCount: groupCount)) }
        return GroupedResult(keys: numbering?.keyColumns() ?? [], results: results, count: groupCount)
    }
}

extension Batch {
    /// The rows' groups and blocks. Batch and buffer must outlive it.
    ///
    /// - Parameter numbers: the group of each row; nil for the one group of all rows.
    func aggregateRows(_ numbers: Buffer?) -> AggregateRows {
        let count = chunk.rowCount
        guard let groups = numbers?.values(UInt32.self) else {
            if let ends { return AggregateRows(count: count, block: block, ends: ends) }
            guard let blocks, blocks.form != .constant else { return AggregateRows(count: count, block: block, border: border, groups: nil) }
            return AggregateRows(count: count, blocks: blocks.values(UInt32.self))
        }
        if let blocks {
            let known = blocks.form == .constant ? nil : blocks.values(UInt32.self)
            return AggregateRows(count: count, groups: groups, blocks: known)
        }
        var differences: UInt32 = 0
        for row in 0..<count { differences |= groups[row] ^ groups[0] }
        if differences == 0 { return AggregateRows(count: count, block: block, border: border, group: Int(groups[0])) }
        return AggregateRows(count: count, block: block, border: border, groups: groups)
    }
}
