import ZLColumnar

/// DISTINCT and DISTINCT ON: the first row of each key, in source order.
struct DistinctRows: PhysicalOperator {
    let child: any PhysicalOperator
    /// nil: all columns.
    let on: [BoundExpression]?

    var columns: [OutputColumn] { child.columns }
    var children: [any PhysicalOperator] { [child] }
    var title: String { "Distinct" + (on.map { " on " + $0.map { "\($0)" }.joined(separator: ", ") } ?? "") }

    func open(_ context: ExecutionContext) throws -> any BatchSource {
        if on == nil, !types.isEmpty, types.allSatisfy(DistinctRows.isKeptWhole) {
            let groups = columns.map { Projection(id: $0.id, expression: BoundExpression(.column($0.id), type: $0.type)) }
            return try HashAggregate(child: child, groups: groups, groupingSets: [Array(groups.indices)], aggregates: []).open(context)
        }
        let layout = child.layout
        let keys = try on.map { try PhysicalExpression.all($0, layout) }
        let table = KeyTable(types: on?.map(\.type) ?? types)
        var kept: [DataChunk] = []
        try child.open(context).forEachInOrder(context) { batch in
            var vectors = batch.chunk.columns
            if let keys {
                vectors = []
                for key in keys { vectors.append(try key.evaluate(batch.chunk)) }
            }
            let fresh = table.insertingFresh(vectors, count: batch.chunk.rowCount)
            if fresh.count > 0 { kept.append(batch.selecting(fresh.rows, count: fresh.count).chunk) }
            return true
        }
        return ChunkSource(kept)
    }

    /// Whether a value equals no value but itself, so that the key of a group is the row: not 0 and -0, nor a month and 30 days.
    private static func isKeptWhole(_ type: DataType) -> Bool {
        switch type.physical {
        case .float32, .float64, .interval: false
        default: true
        }
    }
}

extension KeyTable {
    /// Inserts keys and gives the rows that brought a new one.
    func insertingFresh(_ columns: [ColumnVector], count rows: Int) -> Selection {
        let numbers = Buffer(byteCount: max(16, rows * 4))
        var known = count
        insert(columns, count: rows, into: numbers.values(UInt32.self))
        let fresh = Selection(capacity: rows)
        for row in 0..<rows where Int(numbers.values(UInt32.self)[row]) == known {
            fresh.append(UInt32(row))
            known += 1
        }
        return fresh
    }
}
