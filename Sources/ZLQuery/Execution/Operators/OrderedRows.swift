import Synchronization
import ZLColumnar
import ZLFunctions

/// PARTITION BY and ORDER BY of a window over its input.
struct WindowKeys: Sendable {
    private let expressions: [PhysicalExpression]
    private let partitionCount: Int
    private let order: [SortKey]

    init(_ window: BoundWindow, _ layout: ColumnLayout) throws(ZLError) {
        expressions = try PhysicalExpression.all(window.partitionBy + window.orderBy.map(\.expression), layout)
        partitionCount = window.partitionBy.count
        order = window.orderBy
    }

    /// The keys of each row: those of PARTITION BY, then those of ORDER BY.
    func evaluate(_ chunk: DataChunk) throws(ZLError) -> [ColumnVector] {
        var vectors: [ColumnVector] = []
        vectors.reserveCapacity(expressions.count)
        for expression in expressions { vectors.append(try expression.evaluate(chunk)) }
        return vectors
    }

    /// Rows whose columns all ascend are in order.
    var areAscendingColumns: Bool {
        order.allSatisfy { !$0.isDescending } && expressions.allSatisfy {
            if case .column = $0 { true } else { false }
        }
    }

    func runs(_ keys: [ColumnVector], count: Int, threads: Int) throws -> KeyRuns {
        try KeyRuns(
            partitionBy: keys.prefix(partitionCount).map { WindowKey($0) },
            orderBy: zip(keys.dropFirst(partitionCount), order).map {
                WindowKey($0, isDescending: $1.isDescending, nullsFirst: $1.nullsFirst)
            }, count: count, threads: threads)
    }

    /// What rows in order are sorted by.
    func sortInputs(_ keys: [ColumnVector]) -> [SortInput] {
        keys.prefix(partitionCount).map { SortInput($0) }
            + zip(keys.dropFirst(partitionCount), order).map {
                SortInput($0, isDescending: $1.isDescending, nullsFirst: $1.nullsFirst)
            }
    }

    func orderKeys(_ keys: [ColumnVector]) -> [ColumnVector] { Array(keys.dropFirst(partitionCount)) }
    func partitionKeys(_ keys: [ColumnVector]) -> [ColumnVector] { Array(keys.prefix(partitionCount)) }

    /// PARTITION BY alone.
    var withoutOrder: WindowKeys { WindowKeys(expressions: Array(expressions.prefix(partitionCount)), partitionCount: partitionCount, order: []) }

    private init(expressions: [PhysicalExpression], partitionCount: Int, order: [SortKey]) {
        self.expressions = expressions
        self.partitionCount = partitionCount
        self.order = order
    }

    /// How a row stands to the one before it.
    fileprivate func step(from last: RowKeys, to next: RowKeys) -> (isSorted: Bool, beginsPartition: Bool) {
        for place in last.vectors.indices {
            let key = place < partitionCount ? nil : order[place - partitionCount]
            let step = WindowKey.order(
                last.vectors[place], last.row, next.vectors[place], next.row, isDescending: key?.isDescending ?? false,
                nullsFirst: key?.nullsFirst ?? false)
            if step != 0 { return (step < 0, place < partitionCount) }
        }
        return (true, false)
    }
}

/// The keys of one row, where they lie.
private struct RowKeys {
    let vectors: [ColumnVector]
    let row: Int
}

/// The rows of a source that come in a window's order: where its parts and the window's partitions begin.
struct OrderedRows: Sendable {
    /// The first part of each morsel, and the number of parts of all morsels.
    let morselParts: [Int]
    /// The first row of each part, and the number of rows.
    let partStarts: [Int]
    /// The first row of each partition, and the number of rows.
    let partitionStarts: [Int]

    /// The place of the partition that a row lies in. - Complexity: O(log partitions)
    func partition(of row: Int) -> Int { OrderedRows.place(row, in: partitionStarts) }

    /// The place of the part that a row lies in. - Complexity: O(log parts)
    func part(of row: Int) -> Int { OrderedRows.place(row, in: partStarts) }

    /// The morsel of a part. - Complexity: O(log morsels)
    func morsel(of part: Int) -> Int { OrderedRows.place(part, in: morselParts) }

    /// The last place whose start is at most `value`.
    private static func place(_ value: Int, in starts: [Int]) -> Int {
        var low = 0
        var high = starts.count
        while low < high {
            let middle = (low + high) / 2
            if starts[middle] <= value { low = middle + 1 } else { high = middle }
        }
        return low - 1
    }
}

extension OrderedRows {
    /// One pass over the keys; nil where the rows are not in order, which ends it.
    ///
    /// - Parameter source: gives the columns that the keys read.
    /// - Complexity: O(rows * keys), morsels spread over the threads.
    static func find(_ source: any BatchSource, _ keys: WindowKeys, _ context: ExecutionContext) throws -> OrderedRows? {
        let search = OrderSearch(count: source.morselCount)
        try WorkerPool.shared.forEach(count: source.morselCount, threads: context.threads) { morsel in
            try context.cancellation.check()
            try search.look(morsel, of: source, keys)
        }
        return try search.finish(keys)
    }
}

/// What the tasks of a search find.
private final class OrderSearch: Sendable {
    private let isUnsorted = Atomic<Bool>(false)
    private let found: Mutex<[MorselOrder]>

    init(count: Int) { found = Mutex([MorselOrder](repeating: MorselOrder(), count: count)) }

    func look(_ morsel: Int, of source: any BatchSource, _ keys: WindowKeys) throws {
        var order = MorselOrder()
        let parts = 0..<source.partCount(morsel: morsel)
        if try appendEnds(of: morsel, parts, source, keys, to: &order) { return found.withLock { $0[morsel] = order } }
        for part in parts {
            if isUnsorted.load(ordering: .relaxed) { return }
            if try appendEnds(of: morsel, part..<part + 1, source, keys, to: &order) { continue }
            let before = order.rowCount
            try source.run(morsel: morsel, parts: part..<part + 1) { batch in
                if try !order.append(keys.evaluate(batch.chunk), batch.chunk.rowCount, keys) {
                    isUnsorted.store(true, ordering: .relaxed)
                }
            }
            order.partCounts.append(order.rowCount - before)
        }
        found.withLock { $0[morsel] = order }
    }

    /// Takes parts that are known to ascend within one partition by their first and last row; false where they are not.
    private func appendEnds(
        of morsel: Int, _ parts: Range<Int>, _ source: any BatchSource, _ keys: WindowKeys, to order: inout MorselOrder
    ) throws -> Bool {
        guard keys.areAscendingColumns, let chunk = try source.ascendingEnds(morsel: morsel, parts: parts) else { return false }
        let ends = try keys.evaluate(chunk)
        let (head, last) = (RowKeys(vectors: ends, row: 0), RowKeys(vectors: ends, row: 1))
        if keys.step(from: head, to: last).beginsPartition { return false }
        let counts = parts.compactMap { source.rowCount(morsel: morsel, part: $0) }
        if !order.follow(head, keys) { isUnsorted.store(true, ordering: .relaxed) }
        order.take(last, rowCount: counts.reduce(0, +))
        order.partCounts += counts
        return true
    }

    func finish(_ keys: WindowKeys) throws -> OrderedRows? {
        if isUnsorted.load(ordering: .relaxed) { return nil }
        var (morselParts, partStarts, partitionStarts): ([Int], [Int], [Int]) = ([], [], [])
        var (row, last): (Int, RowKeys?) = (0, nil)
        for order in found.withLock({ $0 }) {
            morselParts.append(partStarts.count)
            let first = row
            for count in order.partCounts {
                partStarts.append(row)
                row += count
            }
            guard order.rowCount > 0 else { continue }
            guard let head = order.first else { continue }
            let step = last.map { keys.step(from: $0, to: head) } ?? (isSorted: true, beginsPartition: true)
            guard step.isSorted else { return nil }
            if step.beginsPartition { partitionStarts.append(first) }
            partitionStarts += order.partitionStarts.map { first + $0 }
            last = order.last
        }
        return OrderedRows(
            morselParts: morselParts + [partStarts.count], partStarts: partStarts + [row], partitionStarts: partitionStarts + [row])
    }
}

/// The order within one morsel.
private struct MorselOrder {
    var partCounts: [Int] = []
    private(set) var rowCount = 0
    /// Rows that begin a partition, the first row aside.
    private(set) var partitionStarts: [Int] = []
    private(set) var first: RowKeys?
    private(set) var last: RowKeys?

    /// Takes the rows that follow; false where they are not in order.
    mutating func append(_ vectors: [ColumnVector], _ count: Int, _ keys: WindowKeys) throws -> Bool {
        guard count > 0 else { return true }
        let runs = try keys.runs(vectors, count: count, threads: 1)
        guard runs.isSorted, follow(RowKeys(vectors: vectors, row: 0), keys) else { return false }
        for partition in runs.partitions.dropFirst() { partitionStarts.append(rowCount + partition.lowerBound) }
        take(RowKeys(vectors: vectors, row: count - 1), rowCount: count)
        return true
    }

    /// Whether a row may follow those so far; notes where it begins a partition.
    mutating func follow(_ next: RowKeys, _ keys: WindowKeys) -> Bool {
        guard let last else {
            first = next
            return true
        }
        let step = keys.step(from: last, to: next)
        if step.beginsPartition { partitionStarts.append(rowCount) }
        return step.isSorted
    }

    mutating func take(_ last: RowKeys, rowCount count: Int) {
        self.last = last
        rowCount += count
    }
}
