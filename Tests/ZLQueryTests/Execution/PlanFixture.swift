import ZLColumnar

@testable import ZLQuery

/// Small tables of nullable integers as plan nodes, and their rows back.
struct PlanFixture {
    var nextID = 0

    mutating func table(_ rows: [[Int?]], columnCount: Int, chunkSize: Int = 3) -> (plan: LogicalPlan, columns: [OutputColumn]) {
        let columns = (0..<columnCount).map { index in
            OutputColumn(id: ColumnID(number: nextID + index), name: "c\(index)", type: .bigint)
        }
        nextID += columnCount
        var chunks: [DataChunk] = []
        for start in stride(from: 0, to: rows.count, by: chunkSize) {
            let part = rows[start..<min(rows.count, start + chunkSize)]
            let vectors = (0..<columnCount).map { column -> ColumnVector in
                let builder = ColumnBuilder(type: .bigint)
                for row in part {
                    if let value = row[column] { builder.append(Int64(value)) } else { builder.appendNull() }
                }
                return builder.finish()
            }
            chunks.append(DataChunk(columns: vectors, rowCount: part.count))
        }
        return (.materialized(chunks: chunks, columns: columns), columns)
    }

    static func reference(_ column: OutputColumn) -> BoundExpression { BoundExpression(.column(column.id), type: column.type) }

    static func rows(_ plan: LogicalPlan, threads: Int = 1) throws -> [[Int?]] {
        try Executor(ExecutionContext(threads: threads)).collect(plan).flatMap { chunk in
            (0..<chunk.rowCount).map { row in chunk.columns.map { integer($0.value(at: row)) } }
        }
    }

    private static func integer(_ value: Value) -> Int? {
        switch value {
        case .integer(let number): Int(number)
        case .boolean(let flag): flag ? 1 : 0
        default: nil
        }
    }
}

/// A repeatable stream of numbers.
struct TestGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }

    /// Rows of small integers, one in five NULL.
    mutating func rows(_ count: Int, columns: Int, upTo bound: Int) -> [[Int?]] {
        (0..<count).map { _ in
            (0..<columns).map { _ in Int.random(in: 0..<5, using: &self) == 0 ? nil : Int.random(in: 0..<bound, using: &self) }
        }
    }
}

func sortedRows(_ rows: [[Int?]]) -> [[Int?]] {
    rows.sorted { a, b in
        for (x, y) in zip(a, b) where x != y { return (x ?? .min) < (y ?? .min) }
        return false
    }
}
