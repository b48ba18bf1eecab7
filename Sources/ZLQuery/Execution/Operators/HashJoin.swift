import ZLColumnar

/// Joins by equal keys: the right side is held in a hash table, the left side streams past it.
///
/// Rows come in the order of the left side, matches in the order of the right; unmatched right rows of a full join last.
struct HashJoin: PhysicalOperator {
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
    var title: String {
        let keys = node.keys.map { "\($0.left) = \($0.right)" }.joined(separator: " and ")
        return "HashJoin \(node.kind.rawValue) on \(keys)" + (node.residual.map { " and \($0)" } ?? "")
    }

    func open(_ context: ExecutionContext) throws -> any BatchSource {
        let build = try JoinBuild(
            source: right.open(context), types: right.types, layout: right.layout, keys: node.keys, context)
        let probe = try JoinProbe(node: node, left: left, right: right, build: build)
        let stream = TransformedSource(child: try left.open(context)) { batch, emit in
            try context.cancellation.check()
            try probe.join(batch, emit: emit)
        }
        guard node.kind == .right || node.kind == .full else { return stream }
        // why: which right rows stay unmatched is known only after the last left row
        let matched = try stream.collect(context)
        let (rows, count) = build.unmatchedRows()
        let padding = left.columns.map { ColumnVector.nulls($0.type, count: count) }
        let rest = padding + build.columns.map { $0.gather(rows.values(UInt32.self), count: count) }
        return ConcatenatedSource(parts: [ChunkSource(matched), ColumnSource(rest, rowCount: count)])
    }
}

/// The right side of a join in memory: its columns, and for each distinct key its rows in order.
final class JoinBuild: @unchecked Sendable {  // proof: only `matched` is written after init, bytes that all threads set to 1
    let columns: [ColumnVector]
    let rowCount: Int
    let nullsMatch: [Bool]
    private let index: KeyIndex
    /// Rows by key: those of key k are `rows[starts[k] ..< starts[k + 1]]`.
    private let starts: Buffer
    private let rows: Buffer
    /// No key has two rows.
    let isUnique: Bool
    private let matched: Buffer
    /// Some key of the right side is NULL and NULLs do not match.
    let hasNullKey: Bool

    /// What gives keys their numbers.
    private enum KeyIndex {
        case dense(DenseKeys)
        case table(KeyTable)

        var count: Int {
            switch self {
            case .dense(let keys): keys.count
            case .table(let table): table.count
            }
        }
    }

    init(
        source: any BatchSource, types: [DataType], layout: ColumnLayout, keys: [JoinKey], _ context: ExecutionContext
    ) throws {
        (columns, rowCount) = try source.columns(context, types: types)
        nullsMatch = keys.map(\.nullsEqual)
        let expressions = try PhysicalExpression.all(keys.map(\.right), layout)
        let numbers = Buffer(byteCount: max(16, rowCount * 4))
        let number = numbers.values(UInt32.self)
        let whole = DataChunk(columns: columns, rowCount: rowCount)
        let only = keys.count == 1 && !nullsMatch[0] ? try expressions[0].evaluate(whole) : nil
        if let values = only, let dense = DenseKeys(values) {
            dense.find(values, count: rowCount, into: number)
            index = .dense(dense)
            hasNullKey = values.nullCount() > 0
        } else {
            let table = KeyTable(types: keys.map(\.right.type))
            hasNullKey = try JoinBuild.insert(whole, expressions, nullsMatch, into: table, number, context)
            index = .table(table)
        }
        starts = Buffer(byteCount: (index.count + 2) * 4)
        starts.zero()
        rows = Buffer(byteCount: max(16, rowCount * 4))
        matched = Buffer(byteCount: max(16, rowCount))
        matched.zero()
        let start = starts.values(UInt32.self)
        for row in 0..<rowCount where number[row] != ColumnVector.noRow { start[Int(number[row]) + 2] += 1 }
        var most: UInt32 = 0
        for key in 0..<index.count {
            most = max(most, start[key + 2])
            start[key + 2] += start[key + 1]
        }
        isUnique = most <= 1
        // why: start[k + 1] is the next free place of key k while rows are dealt out, and the start of k + 1 afterwards
        for row in 0..<rowCount where number[row] != ColumnVector.noRow {
            let key = Int(number[row])
            rows.values(UInt32.self)[Int(start[key + 1])] = UInt32(row)
            start[key + 1] += 1
        }
    }

    /// Numbers the keys of all rows; whether some of them is NULL where NULLs do not match.
    private static func insert(
        _ whole: DataChunk, _ expressions: [PhysicalExpression], _ nullsMatch: [Bool], into table: KeyTable,
        _ number: UnsafeMutablePointer<UInt32>, _ context: ExecutionContext
    ) throws -> Bool {
        var sawNull = false
        for start in stride(from: 0, to: whole.rowCount, by: DataChunk.capacity) {
            try context.cancellation.check()
            let chunk = whole.slice(start..<min(whole.rowCount, start + DataChunk.capacity))
            var vectors: [ColumnVector] = []
            for expression in expressions { vectors.append(try expression.evaluate(chunk)) }
            table.insert(vectors, count: chunk.rowCount, into: number + start)
            for (index, vector) in vectors.enumerated() where !nullsMatch[index] && vector.mayHaveNulls {
                for row in 0..<chunk.rowCount where vector.isNull(row) {
                    number[start + row] = ColumnVector.noRow
                    sawNull = true
                }
            }
        }
        return sawNull
    }

    /// The key number of each probe row, `ColumnVector.noRow` where no right row has it.
    func find(_ keys: [ColumnVector], count: Int, into numbers: UnsafeMutablePointer<UInt32>) {
        switch index {
        case .table(let table): table.find(keys, count: count, nullsMatch: nullsMatch, into: numbers)
        case .dense(let dense):
            dense.find(keys[0], count: count, into: numbers)
            let start = starts.values(UInt32.self)
            for row in 0..<count {
                let key = Int(numbers[row])
                if numbers[row] != ColumnVector.noRow, start[key] == start[key + 1] { numbers[row] = ColumnVector.noRow }
            }
        }
    }

    /// Turns key numbers into the one right row of each; for unique keys only.
    func findRows(of numbers: UnsafeMutablePointer<UInt32>, count: Int) {
        let start = starts.values(UInt32.self)
        let row = rows.values(UInt32.self)
        for index in 0..<count where numbers[index] != ColumnVector.noRow { numbers[index] = row[Int(start[Int(numbers[index])])] }
    }

    /// Right rows of a key, ascending.
    @inline(__always)
    func matches(_ key: UInt32) -> UnsafeBufferPointer<UInt32> {
        let start = starts.values(UInt32.self)
        let first = Int(start[Int(key)])
        let end = Int(start[Int(key) + 1])
        return UnsafeBufferPointer(start: rows.values(UInt32.self) + first, count: end - first)
    }

    func markMatched(_ row: UInt32) { matched.values(UInt8.self)[Int(row)] = 1 }

    func unmatchedRows() -> (rows: Buffer, count: Int) {
        let result = Buffer(byteCount: max(16, rowCount * 4))
        var count = 0
        for row in 0..<rowCount where matched.values(UInt8.self)[row] == 0 {
            result.values(UInt32.self)[count] = UInt32(row)
            count += 1
        }
        return (result, count)
    }
}
