import ZLColumnar

/// The first rows of an order, without sorting all: keeps a few times as many candidates as are wanted.
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
        try child.open(context).forEachInOrder(context) { batch in
            candidates.append(batch.chunk)
            held += batch.chunk.rowCount
            if held > bound {
                let best = try first(wanted, of: candidates, context)
                candidates = [best]
                held = best.rowCount
            }
            return true
        }
        let best = try first(wanted, of: candidates, context)
        let rows = min(offset, best.rowCount)..<best.rowCount
        return ColumnSource(best.columns, rowCount: best.rowCount, rows: rows)
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
