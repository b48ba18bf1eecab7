import Synchronization
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
        if let ordered = try OrderedInput.source(child, keys, context) {
            return try LimitRows.rows(of: ordered, limit: limit, offset: offset, context)
        }
        let wanted = limit + offset
        let bound = max(TopN.leastCandidates, 4 * wanted)
        var candidates: [DataChunk] = []
        var held = 0
        let bar = TopNBar(try PhysicalExpression(keys[0].expression, layout), keys[0])
        let source = TransformedSource(child: try child.open(context)) { batch, emit in
            let chunk = try bar.passing(batch.chunk)
            if chunk.rowCount > 0 { try emit(Batch(chunk: chunk, block: batch.block, border: chunk.rowCount)) }
        }
        try source.forEachInOrder(context) { batch in
            candidates.append(batch.chunk)
            held += batch.chunk.rowCount
            if held > bound {
                let best = try first(wanted, of: candidates, context)
                candidates = [best]
                held = best.rowCount
                try bar.lower(to: best)
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

/// The first key of the last row wanted so far: rows behind it need not be looked at. It is read on all threads while it is lowered on one;
/// a row that it lets pass too much changes nothing.
private final class TopNBar: Sendable {
    private let expression: PhysicalExpression
    private let key: SortKey
    /// Words of text are not turned around by DESC.
    private let keepsGreater: Bool
    private let word: Atomic<UInt64>

    init(_ expression: PhysicalExpression, _ key: SortKey) {
        self.expression = expression
        self.key = key
        keepsGreater = key.isDescending && key.expression.type.physical == .string
        word = Atomic(keepsGreater ? 0 : .max)
    }

    private func words(of chunk: DataChunk) throws -> SortColumn {
        SortColumn(try expression.evaluate(chunk), isDescending: key.isDescending, nullsFirst: key.nullsFirst)
    }

    /// The rows that are not behind; all of them where the chunk has NULLs.
    func passing(_ chunk: DataChunk) throws -> DataChunk {
        let last = word.load(ordering: .relaxed)
        if last == (keepsGreater ? 0 : .max) { return chunk }
        let column = try words(of: chunk)
        guard column.nullRanks == nil else { return chunk }
        let words = column.words.values(UInt64.self)
        let kept = Selection(capacity: chunk.rowCount)
        if keepsGreater {
            for row in 0..<chunk.rowCount where words[row] >= last { kept.append(UInt32(row)) }
        } else {
            for row in 0..<chunk.rowCount where words[row] <= last { kept.append(UInt32(row)) }
        }
        return kept.count == chunk.rowCount ? chunk : chunk.gather(kept.rows, count: kept.count)
    }

    /// Takes the last row of the best ones, unless its key is NULL.
    func lower(to best: DataChunk) throws {
        guard best.rowCount > 0 else { return }
        let column = try words(of: best.slice(best.rowCount - 1..<best.rowCount))
        if column.nullRanks == nil { word.store(column.words.values(UInt64.self)[0], ordering: .relaxed) }
    }
}
