import ZLColumnar
import ZLFunctions

/// The rows of an operator that is ready to run, cut into numbered morsels.
///
/// Morsels may run on any thread and in any order; their concatenation by number is the operator's result, so what a
/// consumer sees does not depend on threads. A streaming operator wraps its child's source; a breaker runs its child to the
/// end while it is made and offers what came out.
protocol BatchSource: Sendable {
    var morselCount: Int { get }
    /// At most so many rows come; nil where that is not known.
    var rowLimit: Int? { get }
    /// Calls `emit` with the batches of one morsel, in order.
    func run(morsel: Int, emit: (Batch) throws -> Void) throws
    /// Parts of a morsel that can be read alone, one after the other.
    func partCount(morsel: Int) -> Int
    /// Calls `emit` with the batches of some parts of a morsel, in order.
    func run(morsel: Int, parts: Range<Int>, emit: (Batch) throws -> Void) throws
    /// The rows of a part, where their number is known without reading.
    func rowCount(morsel: Int, part: Int) -> Int?
    /// The first and the last row of one part, or of all parts, where every column is known to hold no NULL and no value below the one
    /// before.
    func ascendingEnds(morsel: Int, parts: Range<Int>) throws -> DataChunk?
    /// For each column bounds of its values in some parts of a morsel, one or more, where it is known that all are DOUBLEs and none is NULL, NaN or
    /// infinite; nothing where no column's are known.
    func doubleBounds(morsel: Int, parts: Range<Int>) throws -> [ClosedRange<Double>?]
    /// Where the first row of a morsel may stand in the order of the bar that the source stops at; 0 where that is not known.
    func firstPlace(morsel: Int) -> UInt64
    /// The segments that a morsel's columns are all rows of, a segment for each column; nil where that is not so or not known.
    func segments(morsel: Int) throws -> [SegmentRows]?
    /// At most so many rows of a morsel are looked at; nil where that is not known.
    func openRowCount(morsel: Int) throws -> Int?
    /// Some columns of all rows as a table, where they lie in that form and no morsel was run yet; they are given once.
    func table(columns: [Int]) -> TableData?
}

extension BatchSource {
    var rowLimit: Int? { nil }
    func partCount(morsel: Int) -> Int { 1 }
    func run(morsel: Int, parts: Range<Int>, emit: (Batch) throws -> Void) throws {
        if parts.contains(0) { try run(morsel: morsel, emit: emit) }
    }
    func rowCount(morsel: Int, part: Int) -> Int? { nil }
    func ascendingEnds(morsel: Int, parts: Range<Int>) throws -> DataChunk? { nil }
    func doubleBounds(morsel: Int, parts: Range<Int>) throws -> [ClosedRange<Double>?] { [] }
    func firstPlace(morsel: Int) -> UInt64 { 0 }
    func segments(morsel: Int) throws -> [SegmentRows]? { nil }
    func openRowCount(morsel: Int) throws -> Int? { nil }
    func table(columns: [Int]) -> TableData? { nil }
}

/// Sources of so few rows that to hand them to other threads takes longer than to read them.
private enum FewRows {
    static let most = 8 * DataChunk.capacity
    static let mostMorsels = 32
}

extension BatchSource {
    /// Whether few rows are looked at, as far as that is known.
    func hasFewRows() throws -> Bool {
        guard morselCount <= FewRows.mostMorsels else { return false }
        var rows = 0
        for morsel in 0..<morselCount {
            guard let more = try openRowCount(morsel: morsel) else { return false }
            rows += more
            if rows > FewRows.most { return false }
        }
        return true
    }
}

/// Nothing, or rows that lie in memory as chunks: one morsel a hundred of them.
struct ChunkSource: BatchSource {
    private static let chunksPerMorsel = 60
    private let chunks: [DataChunk]

    init(_ chunks: [DataChunk]) { self.chunks = chunks }

    var morselCount: Int { (chunks.count + ChunkSource.chunksPerMorsel - 1) / ChunkSource.chunksPerMorsel }

    func run(morsel: Int, emit: (Batch) throws -> Void) throws {
        try run(morsel: morsel, parts: 0..<partCount(morsel: morsel), emit: emit)
    }

    func partCount(morsel: Int) -> Int { min(ChunkSource.chunksPerMorsel, chunks.count - morsel * ChunkSource.chunksPerMorsel) }

    func run(morsel: Int, parts: Range<Int>, emit: (Batch) throws -> Void) throws {
        let first = morsel * ChunkSource.chunksPerMorsel
        for index in parts.lowerBound + first..<parts.upperBound + first {
            try emit(Batch(chunks[index], at: index * DataChunk.capacity))
        }
    }
}

/// Whole columns in memory, handed out as slices.
struct ColumnSource: BatchSource {
    private static let rowsPerMorsel = 60 * DataChunk.capacity
    private let columns: [ColumnVector]
    private let rows: Range<Int>

    /// - Parameter rows: the rows to give, all by default.
    init(_ columns: [ColumnVector], rowCount: Int, rows: Range<Int>? = nil) {
        self.columns = columns
        self.rows = rows ?? 0..<rowCount
    }

    var rowLimit: Int? { rows.count }
    var morselCount: Int { (rows.count + ColumnSource.rowsPerMorsel - 1) / ColumnSource.rowsPerMorsel }

    func run(morsel: Int, emit: (Batch) throws -> Void) throws {
        var start = morsel * ColumnSource.rowsPerMorsel
        let end = min(start + ColumnSource.rowsPerMorsel, rows.count)
        while start < end {
            let count = min(DataChunk.capacity, end - start)
            let range = (rows.lowerBound + start)..<(rows.lowerBound + start + count)
            try emit(Batch(DataChunk(columns: columns.map { $0.slice(range) }, rowCount: count), at: start))
            start += count
        }
    }
}

/// A child's batches, each turned into none, one or several.
struct TransformedSource: BatchSource {
    let child: any BatchSource
    var rowLimit: Int?
    /// The child's columns that are given as they are, where nothing else happens.
    var places: [Int]?
    let transform: @Sendable (Batch, (Batch) throws -> Void) throws -> Void

    var morselCount: Int { child.morselCount }

    func run(morsel: Int, emit: (Batch) throws -> Void) throws {
        try child.run(morsel: morsel) { batch in try transform(batch, emit) }
    }

    func partCount(morsel: Int) -> Int { child.partCount(morsel: morsel) }
    func firstPlace(morsel: Int) -> UInt64 { child.firstPlace(morsel: morsel) }
    func segments(morsel: Int) throws -> [SegmentRows]? {
        guard let places, let segments = try child.segments(morsel: morsel) else { return nil }
        return places.map { segments[$0] }
    }
    func openRowCount(morsel: Int) throws -> Int? { try child.openRowCount(morsel: morsel) }
    func table(columns: [Int]) -> TableData? { places.flatMap { places in child.table(columns: columns.map { places[$0] }) } }

    func run(morsel: Int, parts: Range<Int>, emit: (Batch) throws -> Void) throws {
        try child.run(morsel: morsel, parts: parts) { batch in try transform(batch, emit) }
    }

    func rowCount(morsel: Int, part: Int) -> Int? { places == nil ? nil : child.rowCount(morsel: morsel, part: part) }

    func ascendingEnds(morsel: Int, parts: Range<Int>) throws -> DataChunk? {
        guard let places, let ends = try child.ascendingEnds(morsel: morsel, parts: parts) else { return nil }
        return DataChunk(columns: places.map { ends.columns[$0] }, rowCount: ends.rowCount)
    }

    func doubleBounds(morsel: Int, parts: Range<Int>) throws -> [ClosedRange<Double>?] {
        guard let places else { return [] }
        let bounds = try child.doubleBounds(morsel: morsel, parts: parts)
        return bounds.isEmpty ? [] : places.map { bounds[$0] }
    }
}

/// The morsels of several sources, one source after the other.
struct ConcatenatedSource: BatchSource {
    let parts: [any BatchSource]

    var morselCount: Int { parts.reduce(0) { $0 + $1.morselCount } }

    func run(morsel: Int, emit: (Batch) throws -> Void) throws {
        var rest = morsel
        for (index, part) in parts.enumerated() {
            let count = part.morselCount
            if rest < count {
                let offset = ConcatenatedSource.blockStride * index
                return try part.run(morsel: rest) { batch in try emit(batch.behind(blocks: offset)) }
            }
            rest -= count
        }
    }

    /// Blocks of more rows than any source has, so that the parts' block numbers do not meet.
    private static let blockStride = 1 << 23
}

extension BatchSource {
    /// Runs the morsels on all threads and hands their batches to `consume` in order, on the calling thread.
    ///
    /// Morsels run in rounds of a few a thread, so memory holds a round, not the result. `consume` returns false to stop.
    ///
    /// - Parameter beginsSmall: the first morsel runs by itself, and no farther than it is consumed.
    func forEachInOrder(_ context: ExecutionContext, beginsSmall: Bool = false, _ consume: (Batch) throws -> Bool) throws {
        let count = morselCount
        let isSerial = try context.threads == 1 || count <= 1 || hasFewRows()
        var goesOn = true
        var first = 0
        while first < (isSerial ? count : (beginsSmall ? 1 : 0)), goesOn {
            do {
                try run(morsel: first) { batch in
                    try context.cancellation.check()
                    goesOn = try consume(batch)
                    if !goesOn { throw StoppedEarly() }
                }
            } catch is StoppedEarly {}
            first += 1
        }
        if !goesOn || isSerial { return }
        let round = context.threads * 4
        while first < count {
            let results = BatchSlots(count: min(round, count - first))
            let start = first
            try WorkerPool.shared.forEach(count: results.count, threads: context.threads) { index in
                var batches: [Batch] = []
                try self.run(morsel: start + index) { batch in
                    try context.cancellation.check()
                    batches.append(batch)
                }
                results[index] = batches
            }
            for index in 0..<results.count {
                for batch in results[index] where try !consume(batch) { return }
            }
            first += results.count
        }
    }

    /// All batches' chunks, in order.
    func collect(_ context: ExecutionContext) throws -> [DataChunk] {
        var chunks: [DataChunk] = []
        try forEachInOrder(context) { batch in
            if batch.chunk.rowCount > 0 { chunks.append(batch.chunk) }
            return true
        }
        return chunks
    }

    /// All rows as one flat vector a column.
    ///
    /// - Parameter keepsCodes: text may be codes into a dictionary instead.
    func columns(
        _ context: ExecutionContext, types: [DataType], keepsCodes: Bool = false
    ) throws -> (columns: [ColumnVector], rowCount: Int) {
        if keepsCodes || !types.contains(where: { $0.physical == .string }),
            let placed = PlacedColumns(self, types, least: GrowingColumns.threshold) {
            try WorkerPool.shared.forEach(count: morselCount, threads: context.threads) { morsel in
                try placed.read(morsel, of: self, context)
            }
            return (try placed.finish(keepsCodes: keepsCodes, context), placed.rowCount)
        }
        if let limit = rowLimit, limit > GrowingColumns.threshold, limit < Int(ColumnVector.noRow) {
            return try growingColumns(GrowingColumns(types, limit: limit, keepsCodes: keepsCodes), context)
        }
        let chunks = try collect(context)
        let rowCount = chunks.reduce(0) { $0 + $1.rowCount }
        guard rowCount < Int(ColumnVector.noRow) else {
            throw ZLError(.resource, "too_many_rows", "an operator holds \(rowCount) rows in memory, more than 2^32 - 2")
        }
        let slots = VectorSlots(count: types.count)
        try WorkerPool.shared.forEach(count: types.count, threads: rowCount > 50_000 ? context.threads : 1) { index in
            let pieces = chunks.map { $0.columns[index] }
            slots[index] = (keepsCodes ? StringDictionary.numbered(pieces) : nil) ?? ColumnVector.concatenate(pieces, type: types[index])
        }
        return (slots.vectors, rowCount)
    }
}

extension BatchSource {
    /// Copies a round of morsels at a time, so that the batches' memory is used again by the next.
    private func growingColumns(
        _ columns: GrowingColumns, _ context: ExecutionContext
    ) throws -> (columns: [ColumnVector], rowCount: Int) {
        let round = context.threads * 2
        var rowCount = 0
        var first = 0
        while first < morselCount {
            let results = BatchSlots(count: min(round, morselCount - first))
            let start = first
            try WorkerPool.shared.forEach(count: results.count, threads: context.threads) { index in
                var batches: [Batch] = []
                try self.run(morsel: start + index) { batch in
                    try context.cancellation.check()
                    batches.append(batch)
                }
                results[index] = batches
            }
            try WorkerPool.shared.forEach(count: columns.count, threads: context.threads) { column in
                for index in 0..<results.count {
                    for batch in results[index] { columns.append(batch.chunk.columns[column], to: column) }
                }
            }
            for index in 0..<results.count { rowCount += results[index].reduce(0) { $0 + $1.chunk.rowCount } }
            first += results.count
        }
        return (try columns.finish(context), rowCount)
    }
}

/// Columns that batches are copied to. Room for all rows is made at once; memory that no row reaches is never touched.
private final class GrowingColumns: @unchecked Sendable {  // proof: a column is appended to by one task at a time
    /// Fewer rows are collected whole.
    static let threshold = 50_000
    private let columns: [Column]

    init(_ types: [DataType], limit: Int, keepsCodes: Bool) {
        columns = types.map { Column($0, limit: limit, keepsCodes: keepsCodes && $0.physical == .string) }
    }

    var count: Int { columns.count }

    func append(_ vector: ColumnVector, to column: Int) { columns[column].append(vector) }

    func finish(_ context: ExecutionContext) throws -> [ColumnVector] {
        let slots = VectorSlots(count: count)
        try WorkerPool.shared.forEach(count: count, threads: context.threads) { column in slots[column] = self.columns[column].finish() }
        return slots.vectors
    }

    private final class Column {
        private let type: DataType
        private let limit: Int
        private lazy var builder = ColumnBuilder(type: type, capacity: limit)
        /// The column so far, while all of it came as codes.
        private var codes: [ColumnVector]?

        init(_ type: DataType, limit: Int, keepsCodes: Bool) {
            (self.type, self.limit) = (type, limit)
            codes = keepsCodes ? [] : nil
        }

        func append(_ vector: ColumnVector) {
            if codes != nil, vector.form == .dictionary {
                codes?.append(vector)
                return
            }
            spread()
            builder.append(vector)
        }

        func finish() -> ColumnVector {
            if let numbered = codes.flatMap({ StringDictionary.numbered($0) }) { return numbered }
            spread()
            return builder.finish()
        }

        private func spread() {
            for vector in codes ?? [] { builder.append(vector) }
            codes = nil
        }
    }
}

/// Ends a morsel before its last batch.
private struct StoppedEarly: Error {}

/// One place for each task of a round.
private final class BatchSlots: @unchecked Sendable {  // proof: task i writes slot i only, and is read after all tasks ended
    private let slots: UnsafeMutablePointer<[Batch]>
    let count: Int

    init(count: Int) {
        self.count = count
        slots = .allocate(capacity: count)
        slots.initialize(repeating: [], count: count)
    }

    deinit {
        slots.deinitialize(count: count)
        slots.deallocate()
    }

    subscript(index: Int) -> [Batch] {
        get { slots[index] }
        set { slots[index] = newValue }
    }
}

/// One vector for each of several parallel tasks.
final class VectorSlots: @unchecked Sendable {  // proof: task i writes slot i only, and is read after all tasks ended
    private let slots: UnsafeMutablePointer<ColumnVector?>
    private let count: Int

    init(count: Int) {
        self.count = count
        slots = .allocate(capacity: max(count, 1))
        slots.initialize(repeating: nil, count: max(count, 1))
    }

    deinit {
        slots.deinitialize(count: max(count, 1))
        slots.deallocate()
    }

    subscript(index: Int) -> ColumnVector? {
        get { slots[index] }
        set { slots[index] = newValue }
    }

    /// All of them, once every task has ended.
    var vectors: [ColumnVector] { (0..<count).compactMap { slots[$0] } }
}
