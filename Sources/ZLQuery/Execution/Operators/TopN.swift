import Synchronization
import ZLColumnar

/// The first rows of an order, without sorting all: each thread keeps a few times as many candidates as are wanted, and of later rows
/// only those that do not come behind the last one wanted so far. Parts of the input that may have the first rows are read first.
///
/// Candidates know their place in the input, which decides between equal rows, so that nothing depends on which thread read what when.
struct TopN: PhysicalOperator {
    let child: any PhysicalOperator
    let keys: [SortKey]
    let limit: Int
    let offset: Int

    /// Beyond this a full sort is as good.
    static let greatestCount = 100_000

    var columns: [OutputColumn] { child.columns }
    var children: [any PhysicalOperator] { [child] }
    var title: String { "TopN \(limit)\(offset > 0 ? " offset \(offset)" : "") by " + keys.map(\.description).joined(separator: ", ") }

    func open(_ context: ExecutionContext) throws -> any BatchSource {
        if limit == 0 { return ChunkSource([]) }
        if let ordered = try OrderedInput.source(child, keys, context) {
            return try LimitRows.rows(of: ordered, limit: limit, offset: offset, context)
        }
        let bar = KeyBar(keys[0])
        let source = try stopping(at: bar).open(context)
        let contest = TopNContest(try TopNOrder(keys, layout, types), bar, wanted: limit + offset)
        let places = (0..<source.morselCount).map { (source.firstPlace(morsel: $0), $0) }.sorted { $0 < $1 }
        try WorkerPool.shared.forEach(count: places.count, threads: context.threads) { index in
            let morsel = places[index].1
            let candidates = contest.take(for: morsel)
            try source.run(morsel: morsel) { batch in
                try context.cancellation.check()
                try candidates.offer(batch.chunk)
            }
            contest.give(candidates)
        }
        let best = try contest.best()
        return ColumnSource(best.columns, rowCount: best.rowCount, rows: min(offset, best.rowCount)..<best.rowCount)
    }

    /// The child without the rows that no key has to see.
    private func stopping(at bar: KeyBar) -> any PhysicalOperator {
        guard case .column(let column) = keys[0].expression.kind, keys.allSatisfy(\.expression.cannotFail) else { return child }
        return child.stopping(at: bar, of: column)
    }
}

/// What candidates are compared by: the keys, then their place in the input, which is their last column.
private struct TopNOrder: Sendable {
    let keys: [SortKey]
    private let expressions: [PhysicalExpression]
    /// Keys that fail for some value have to see every row.
    private let mayFail: [Int]
    private let types: [DataType]

    init(_ keys: [SortKey], _ layout: ColumnLayout, _ types: [DataType]) throws {
        self.keys = keys
        self.types = types + [.bigint]
        expressions = try PhysicalExpression.all(keys.map(\.expression), layout)
        mayFail = keys.indices.dropFirst().filter { !keys[$0].expression.cannotFail }
    }

    func firstKey(of chunk: DataChunk) throws -> ColumnVector {
        for key in mayFail { _ = try expressions[key].evaluate(chunk) }
        return try expressions[0].evaluate(chunk)
    }

    /// The first rows of all chunks, at most `wanted`, in order.
    func first(_ wanted: Int, of chunks: [DataChunk]) throws -> DataChunk {
        let columns = types.indices.map { index in ColumnVector.concatenate(chunks.map { $0.columns[index] }, type: types[index]) }
        let whole = DataChunk(columns: columns, rowCount: chunks.reduce(0) { $0 + $1.rowCount })
        var inputs = try zip(expressions, keys).map { expression, key in
            SortInput(try expression.evaluate(whole), isDescending: key.isDescending, nullsFirst: key.nullsFirst)
        }
        inputs.append(SortInput(columns[columns.count - 1]))
        let kept = min(wanted, whole.rowCount)
        guard let order = try SortOrder.permutation(inputs, count: whole.rowCount, threads: 1) else { return whole.slice(0..<kept) }
        return whole.gather(order.values(UInt32.self), count: kept)
    }
}

/// The candidates of all threads.
private final class TopNContest: Sendable {
    private let order: TopNOrder
    private let bar: KeyBar
    private let wanted: Int
    private let free = Mutex<[TopNCandidates]>([])

    init(_ order: TopNOrder, _ bar: KeyBar, wanted: Int) {
        self.order = order
        self.bar = bar
        self.wanted = wanted
    }

    /// Candidates that no other thread holds.
    func take(for morsel: Int) -> TopNCandidates {
        let candidates = free.withLock { $0.popLast() } ?? TopNCandidates(order, bar, wanted: wanted)
        candidates.begin(morsel)
        return candidates
    }

    func give(_ candidates: TopNCandidates) { free.withLock { $0.append(candidates) } }

    /// The wanted rows, once all candidates were given back; without their places.
    func best() throws -> DataChunk {
        let best = try order.first(wanted, of: free.withLock { $0.flatMap(\.chunks) })
        return DataChunk(columns: Array(best.columns.dropLast()), rowCount: best.rowCount)
    }
}

/// Rows that may be among the first, of the morsels that one thread read.
private final class TopNCandidates: @unchecked Sendable {  // proof: held by one task at a time
    private(set) var chunks: [DataChunk] = []
    private let order: TopNOrder
    private let bar: KeyBar
    private let wanted: Int
    private var held = 0
    /// As many rows as are wanted were found.
    private var isFull = false
    /// Where the last of the best rows stands by its first key.
    private var lastPlace = UInt64.max
    private var morsel = 0
    private var latestMorsel = 0
    private var morselRows = 0

    /// Candidates are cut back when they pass this many rows, or four times the wanted ones.
    private static let leastCandidates = 4096
    /// No morsel has as many rows.
    private static let morselStride = 40

    init(_ order: TopNOrder, _ bar: KeyBar, wanted: Int) {
        self.order = order
        self.bar = bar
        self.wanted = wanted
    }

    func begin(_ morsel: Int) {
        self.morsel = morsel
        latestMorsel = max(latestMorsel, morsel)
        morselRows = 0
    }

    func offer(_ chunk: DataChunk) throws {
        let key = try order.firstKey(of: chunk)
        let first = Int64(morsel) << TopNCandidates.morselStride | Int64(morselRows)
        morselRows += chunk.rowCount
        let place = bar.place
        // why: of rows with equal keys the earlier ones win, and those that are held are earlier unless a later morsel was read before
        let isStrict = order.keys.count == 1 && place == lastPlace && morsel == latestMorsel && key.physical != .string
        let passing = bar.rows(of: key, upTo: place, isStrict: isStrict)
        if passing?.count == 0 { return }
        let numbers = ColumnVector.sequence(.bigint, first: first, step: 1, count: chunk.rowCount)
        let rows = DataChunk(columns: chunk.columns + [numbers], rowCount: chunk.rowCount)
        let kept = passing.map { rows.gather($0.rows, count: $0.count) } ?? rows
        chunks.append(kept)
        held += kept.rowCount
        if held > max(TopNCandidates.leastCandidates, 4 * wanted) || !isFull && held >= wanted { try cut() }
    }

    private func cut() throws {
        let best = try order.first(wanted, of: chunks)
        chunks = [best]
        held = best.rowCount
        guard held == wanted else { return }
        isFull = true
        lastPlace = bar.place(of: try order.firstKey(of: best.slice(held - 1..<held)))
        bar.move(to: lastPlace)
    }
}
