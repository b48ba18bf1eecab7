import ZLColumnar

/// Joins by any condition or none: every pair of rows is looked at, or those that an index of the condition's inequalities gives. The
/// right side is held in memory.
///
/// - Complexity: O(left rows * right rows) without inequalities between the sides, see `RangeIndex` with them
struct NestedLoopJoin: PhysicalOperator {
    let node: JoinNode
    let left: any PhysicalOperator
    let right: any PhysicalOperator

    var columns: [OutputColumn] {
        switch node.kind {
        case .semi, .anti, .nullAwareAnti: left.columns
        case .mark: left.columns + (node.mark.map { [$0] } ?? [])
        default: left.columns + right.columns
        }
    }
    var children: [any PhysicalOperator] { [left, right] }
    var title: String { "NestedLoopJoin \(node.kind.rawValue)" + (node.residual.map { " on \($0)" } ?? "") }

    func open(_ context: ExecutionContext) throws -> any BatchSource {
        let (rightColumns, rightCount) = try right.open(context).columns(context, types: right.types)
        var condition: PhysicalExpression?
        if let residual = node.residual {
            condition = try PhysicalExpression(residual, ColumnLayout(left.columns + right.columns))
        }
        let matched = MatchedRows(count: rightCount)
        let kind = node.kind
        let index = try rangeIndex(DataChunk(columns: rightColumns, rowCount: rightCount))
        let stream = TransformedSource(child: try left.open(context)) { [condition] batch, emit in
            try NestedLoopJoin.join(batch, rightColumns, rightCount, kind, condition, index, matched, context, emit)
        }
        guard kind == .right || kind == .full else { return stream }
        // why: which right rows stay unmatched is known only after the last left row
        let pairs = try stream.collect(context)
        let rest = matched.unmatched()
        let padding = left.columns.map { ColumnVector.nulls($0.type, count: rest.count) }
        let columns = padding + rest.withUnsafeBufferPointer { rows in
            rightColumns.map { column in
                rows.baseAddress.map { column.gather($0, count: rest.count) } ?? column.slice(0..<0)
            }
        }
        return ConcatenatedSource(parts: [ChunkSource(pairs), ColumnSource(columns, rowCount: rest.count)])
    }

    /// nil where all pairs are to be looked at.
    private func rangeIndex(_ chunk: DataChunk) throws -> RangeIndex? {
        guard chunk.rowCount >= NestedLoopJoin.fewestIndexed,
            let conditions = RangeConditions(node, left: Set(left.columns.map(\.id)), right: Set(right.columns.map(\.id)))
        else { return nil }
        return try RangeIndex(conditions, left: left.layout, right: right.layout, chunk)
    }

    /// Right rows from which on an index pays.
    private static let fewestIndexed = 16

    private static func join(
        _ batch: Batch, _ rightColumns: [ColumnVector], _ rightCount: Int, _ kind: LogicalJoinKind,
        _ condition: PhysicalExpression?, _ index: RangeIndex?, _ matched: MatchedRows, _ context: ExecutionContext,
        _ emit: (Batch) throws -> Void
    ) throws {
        let count = batch.chunk.rowCount
        let givesPairs = kind == .inner || kind == .cross || kind == .left || kind == .right || kind == .full
        var hit = [Bool](repeating: false, count: count)
        var unknown = [Bool](repeating: false, count: count)
        var pairs = PairList()

        func flush() throws {
            guard pairs.count > 0 else { return }
            defer { pairs.removeAll() }
            try context.cancellation.check()
            var joined = pairs.join(batch, rightColumns)
            if let condition {
                let outcome = try condition.evaluate(joined.chunk)
                for index in 0..<pairs.count where outcome.isNull(index) { unknown[Int(pairs.left[index])] = true }
                let kept = Selection(whereTrue: outcome)
                for index in 0..<kept.count {
                    let pair = Int(kept.rows[index])
                    hit[Int(pairs.left[pair])] = true
                    matched.mark(pairs.right[pair])
                }
                if kept.count == 0 { return }
                joined = joined.selecting(kept.rows, count: kept.count)
            } else {
                for index in 0..<pairs.count {
                    hit[Int(pairs.left[index])] = true
                    matched.mark(pairs.right[index])
                }
            }
            if givesPairs { try emit(joined) }
        }

        if var search = try index?.search(batch.chunk) {
            try context.cancellation.check()
            for row in 0..<count {
                search.find(row)
                for other in search.found {
                    pairs.append(UInt32(row), other)
                    if pairs.count == DataChunk.capacity { try flush() }
                }
            }
        } else {
            for row in 0..<count {
                for other in 0..<rightCount {
                    pairs.append(UInt32(row), UInt32(other))
                    if pairs.count == DataChunk.capacity { try flush() }
                }
            }
        }
        try flush()
        switch kind {
        case .left, .full:
            for row in 0..<count where !hit[row] { pairs.append(UInt32(row), ColumnVector.noRow) }
            if pairs.count > 0 { try emit(pairs.join(batch, rightColumns)) }
        case .semi, .anti, .nullAwareAnti:
            let kept = Selection(capacity: count)
            for row in 0..<count {
                let keeps = kind == .semi ? hit[row] : !hit[row] && !(kind == .nullAwareAnti && unknown[row])
                if keeps { kept.append(UInt32(row)) }
            }
            if kept.count > 0 { try emit(batch.selecting(kept.rows, count: kept.count)) }
        case .mark:
            let builder = ColumnBuilder(type: .boolean, capacity: count)
            for row in 0..<count {
                if !hit[row] && unknown[row] { builder.appendNull() } else { builder.append(UInt8(hit[row] ? 1 : 0)) }
            }
            try emit(batch.with(batch.chunk.columns + [builder.finish()]))
        case .inner, .cross, .right, .positional:
            break
        }
    }
}

/// A byte for each right row of a join, set once it has found a partner.
final class MatchedRows: @unchecked Sendable {  // proof: all threads only ever store 1, read after they ended
    private let flags: Buffer
    private let count: Int

    init(count: Int) {
        self.count = count
        flags = Buffer(byteCount: max(16, count))
        flags.zero()
    }

    func mark(_ row: UInt32) { flags.values(UInt8.self)[Int(row)] = 1 }

    func unmatched() -> [UInt32] {
        (0..<count).filter { flags.values(UInt8.self)[$0] == 0 }.map { UInt32($0) }
    }
}
