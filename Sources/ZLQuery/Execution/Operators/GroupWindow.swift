import ZLColumnar
import ZLFunctions

/// The groups that rows in order of their keys are at: as soon as there are many and no later row can belong to them, they are given on as
/// a batch, so that states stay small.
///
/// Groups whose first rows are of one source block, which is then the groups' block, come in one batch.
final class GroupWindow {
    private let inputs: AggregateInputs
    private let given: [Int]
    private var calls: [AggregateCall]
    private let isPlain: Bool
    private var count = 0
    /// Given keys and blocks of the groups, a piece for each batch that begins some.
    private var keys: [[ColumnVector]] = []
    private var blocks: [ColumnVector] = []
    /// Keys of the last rows.
    private var lastKeys: [ColumnVector] = []

    private static let most = DataChunk.blockSize

    /// - Parameter given: places of the keys that are given.
    init(_ inputs: AggregateInputs, giving given: [Int]) throws(ZLError) {
        self.inputs = inputs
        self.given = given
        calls = try GroupWindow.calls(inputs)
        isPlain = calls.allSatisfy(\.isPlain)
    }

    private static func calls(_ inputs: AggregateInputs) throws(ZLError) -> [AggregateCall] {
        var calls: [AggregateCall] = []
        for call in inputs.calls { calls.append(try AggregateCall(call)) }
        return calls
    }

    /// Keys of the last row, a vector of one row each; empty without rows.
    var last: [ColumnVector] { lastKeys.map { $0.slice($0.count - 1..<$0.count) } }

    /// Adds rows, and gives on groups that have ended.
    func add(_ batch: Batch, _ emit: (Batch) throws -> Void) throws {
        let rowCount = batch.chunk.rowCount
        guard rowCount > 0 else { return }
        let columns = Array(batch.chunk.columns.prefix(inputs.keyCount))
        let goesOn = lastKeys.isEmpty ? false : try RunStarts.goOn(lastKeys, columns)
        lastKeys = columns
        let runs = try RunStarts.find(columns, count: rowCount)
        try withExtendedLifetime(runs.starts) {
            let starts = UnsafePointer(runs.starts.values(UInt32.self))
            if count + runs.count <= GroupWindow.most { return try add(batch, starts, groups: runs.count, isBegun: goesOn) }
            var run = 0
            while run < runs.count {
                // why: groups that begin in one block stay together
                let block = batch.block(of: Int(starts[run]))
                var end = run + 1
                while end < runs.count, batch.block(of: Int(starts[end])) == block { end += 1 }
                let isBegun = run == 0 && goesOn
                if count > 0, count + end - run > GroupWindow.most {
                    if isBegun {
                        try add(batch.slice(0..<(runs.count > 1 ? Int(starts[1]) : rowCount)), starts, groups: 1, isBegun: true)
                        run = 1
                    }
                    if run == end { continue }
                    try finish(emit)
                }
                let (first, behind) = (Int(starts[run]), end < runs.count ? Int(starts[end]) : rowCount)
                try add(batch.slice(first..<behind), starts + run, groups: end - run, isBegun: isBegun && run == 0)
                run = end
            }
        }
    }

    /// - Parameters:
    ///   - starts: the first row of each of the batch's groups, counted from some row on that the first group begins with.
    ///   - isBegun: the first group is the last so far.
    private func add(_ batch: Batch, _ starts: UnsafePointer<UInt32>, groups: Int, isBegun: Bool) throws(ZLError) {
        let steps = GroupSteps(starts, count: groups, rowCount: batch.chunk.rowCount, firstGroup: isBegun ? count - 1 : count, isBegun: isBegun)
        if steps.begunCount > 0 {
            keys.append(given.map { batch.chunk.columns[$0].gather(steps.begun, count: steps.begunCount) })
            blocks.append(batch.blocks(of: steps.begun, count: steps.begunCount))
            count += steps.begunCount
        }
        let rows = batch.aggregateRows(steps)
        let numbers = isPlain ? nil : rows.groupOfEachRow()
        for call in calls { try call.add(batch, groups: numbers, rows: rows, groupCount: count) }
        withExtendedLifetime((batch, numbers)) {}
    }

    /// Gives on all groups; no more rows of theirs come.
    func finish(_ emit: (Batch) throws -> Void) throws {
        guard count > 0 else { return }
        var columns = given.indices.map { key in ColumnVector.concatenateKeepingForm(keys.map { $0[key] }) }
        for call in calls { columns.append(try call.finish(groupCount: count)) }
        let batch = Batch(chunk: DataChunk(columns: columns, rowCount: count), blocks: ColumnVector.concatenateKeepingForm(blocks))
        calls = try GroupWindow.calls(inputs)
        count = 0
        keys.removeAll(keepingCapacity: true)
        blocks.removeAll(keepingCapacity: true)
        try emit(batch)
    }
}

extension Batch {
    fileprivate func block(of row: Int) -> Int {
        guard let blocks, blocks.form != .constant else { return row < border ? block : block + 1 }
        return Int(blocks.values(UInt32.self)[row])
    }

    /// The blocks of some ascending rows.
    fileprivate func blocks(of rows: UnsafePointer<UInt32>, count: Int) -> ColumnVector {
        if let blocks { return blocks.gather(rows, count: count) }
        let buffer = Buffer(byteCount: count * 4)
        let before = Batch.border(border, of: rows, count: count)
        let (target, number) = (buffer.values(UInt32.self), UInt32(truncatingIfNeeded: block))
        target.update(repeating: number, count: before)
        (target + before).update(repeating: number &+ 1, count: count - before)
        return ColumnVector(type: .uinteger, count: count, buffer: buffer)
    }

    /// The rows' groups and blocks. The batch must outlive it.
    fileprivate func aggregateRows(_ steps: GroupSteps) -> AggregateRows {
        guard let blocks else { return AggregateRows(steps, count: chunk.rowCount, block: block, border: border) }
        if blocks.form == .constant { return AggregateRows(steps, count: chunk.rowCount, block: 0, border: chunk.rowCount) }
        return AggregateRows(steps, count: chunk.rowCount, blocks: blocks.values(UInt32.self))
    }
}
