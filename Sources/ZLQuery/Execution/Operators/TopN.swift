import ZLColumnar

/// The first rows of an order, without sorting all: keeps a few times as many candidates as are wanted, and of later rows only those
/// whose first key is not behind the last one wanted so far.
struct TopN: PhysicalOperator {
    let child: any PhysicalOperator
    let keys: [SortKey]
    let limit: Int
    let offset: Int

    /// Candidates are cut back to `limit + offset` when they pass this many rows, or four times the wanted ones.
    private static let leastCandidates = 16 * DataChunk.capacity

    /// Beyond this a full sort is as good.
    static let greatestCount = 100_000

    var columns: [OutputColumn] { child.columns }
    var children: [any PhysicalOperator] { [child] }
    var title: String { "TopN \(limit)\(offset > 0 ? " offset \(offset)" : "") by " + keys.map(\.description).joined(separator: ", ") }

    func open(_ context: ExecutionContext) throws -> any BatchSource {
        let wanted = limit + offset
        let bound = max(TopN.leastCandidates, 4 * wanted)
        var candidates: [DataChunk] = []
        var held = 0
        let firstKey = try PhysicalExpression(keys[0].expression, layout)
        var last: UInt64?
        try child.open(context).forEachInOrder(context) { batch in
            let chunk = try last.map { try notBehind($0, batch.chunk, firstKey) } ?? batch.chunk
            guard chunk.rowCount > 0 else { return true }
            candidates.append(chunk)
            held += chunk.rowCount
            if held > bound {
                let best = try first(wanted, of: candidates, context)
                candidates = [best]
                held = best.rowCount
                last = try lastWord(best, firstKey)
            }
            return true
        }
        let best = try first(wanted, of: candidates, context)
        let rows = min(offset, best.rowCount)..<best.rowCount
        return ColumnSource(best.columns, rowCount: best.rowCount, rows: rows)
    }

    /// The first key of the last row, where its word says all and no NULL is about.
    private func lastWord(_ chunk: DataChunk, _ firstKey: PhysicalExpression) throws -> UInt64? {
        guard chunk.rowCount > 0 else { return nil }
        let key = SortColumn(
            try firstKey.evaluate(chunk.slice(chunk.rowCount - 1..<chunk.rowCount)), isDescending: keys[0].isDescending,
            nullsFirst: keys[0].nullsFirst)
        return key.nullRanks == nil && key.strings == nil ? key.words.values(UInt64.self)[0] : nil
    }

    /// The rows whose first key is not behind `last`; all of them where the chunk has NULLs.
    private func notBehind(_ last: UInt64, _ chunk: DataChunk, _ firstKey: PhysicalExpression) throws -> DataChunk {
        let key = SortColumn(try firstKey.evaluate(chunk), isDescending: keys[0].isDescending, nullsFirst: keys[0].nullsFirst)
        guard key.nullRanks == nil else { return chunk }
        let words = key.words.values(UInt64.self)
        let kept = Selection(capacity: chunk.rowCount)
        for row in 0..<chunk.rowCount where words[row] <= last { kept.append(UInt32(row)) }
        return kept.count == chunk.rowCount ? chunk : chunk.gather(kept.rows, count: kept.count)
    }

    private func first(_ wanted: Int, of chunks: [DataChunk], _ context: ExecutionContext) throws -> DataChunk {
        let types = types
        let columns = types.indices.map { index in
            ColumnVector.concatenate(chunks.map { $0.columns[index] }, type: types[index])
        }
        let count = chunks.reduce(0) { $0 + $1.rowCount }
        let sorted = try Sort.sorted(columns, count: count, keys: keys, layout: layout, context)
        let kept = min(wanted, count)
        return DataChunk(columns: sorted.map { $0.slice(0..<kept) }, rowCount: kept)
    }
}
