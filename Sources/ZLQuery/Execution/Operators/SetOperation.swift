import ZLColumnar

/// UNION, INTERSECT and EXCEPT, with and without ALL. Rows are compared as DISTINCT compares them.
struct SetOperation: PhysicalOperator {
    let operation: SetOperator
    let isAll: Bool
    let left: any PhysicalOperator
    let right: any PhysicalOperator
    let columns: [OutputColumn]

    var children: [any PhysicalOperator] { [left, right] }
    var title: String { "SetOperation \(operation.rawValue)\(isAll ? " ALL" : "")" }

    func open(_ context: ExecutionContext) throws -> any BatchSource {
        if operation == .union, isAll { return ConcatenatedSource(parts: [try left.open(context), try right.open(context)]) }
        let table = KeyTable(types: types)
        var kept: [DataChunk] = []
        if operation == .union {
            for side in children {
                try side.open(context).forEachInOrder(context) { batch in
                    let fresh = table.insertingFresh(batch.chunk.columns, count: batch.chunk.rowCount)
                    if fresh.count > 0 { kept.append(batch.selecting(fresh.rows, count: fresh.count).chunk) }
                    return true
                }
            }
            return ChunkSource(kept)
        }
        /// How often each row of the right side is still to be met.
        var remaining: [Int] = []
        try right.open(context).forEachInOrder(context) { batch in
            for number in numbers(of: batch.chunk, in: table) {
                while number >= remaining.count { remaining.append(0) }
                remaining[number] += 1
            }
            return true
        }
        var given = [Bool]()
        try left.open(context).forEachInOrder(context) { batch in
            let rows = Selection(capacity: batch.chunk.rowCount)
            for (row, number) in numbers(of: batch.chunk, in: table).enumerated() {
                while number >= remaining.count { remaining.append(0) }
                while number >= given.count { given.append(false) }
                let isOnRight = remaining[number] > 0
                if isAll {
                    if isOnRight { remaining[number] -= 1 }
                    if isOnRight == (operation == .intersect) { rows.append(UInt32(row)) }
                } else if isOnRight == (operation == .intersect), !given[number] {
                    given[number] = true
                    rows.append(UInt32(row))
                }
            }
            if rows.count > 0 { kept.append(batch.selecting(rows.rows, count: rows.count).chunk) }
            return true
        }
        return ChunkSource(kept)
    }

    private func numbers(of chunk: DataChunk, in table: KeyTable) -> [Int] {
        let buffer = Buffer(byteCount: max(16, chunk.rowCount * 4))
        table.insert(chunk.columns, count: chunk.rowCount, into: buffer.values(UInt32.self))
        return (0..<chunk.rowCount).map { Int(buffer.values(UInt32.self)[$0]) }
    }
}
