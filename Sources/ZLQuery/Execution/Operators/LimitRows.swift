import ZLColumnar

/// LIMIT and OFFSET: a range of the rows, by count or by share. Stops its child once it has them.
struct LimitRows: PhysicalOperator {
    let child: any PhysicalOperator
    let limit: Int?
    let offset: Int
    /// Share of the rows in percent, rounded down; needs all of them.
    let percent: Double?

    var columns: [OutputColumn] { child.columns }
    var children: [any PhysicalOperator] { [child] }
    var title: String {
        let share = percent.map { " \($0)%" } ?? ""
        return "Limit\(limit.map { " \($0)" } ?? "")\(share)\(offset > 0 ? " offset \(offset)" : "")"
    }

    func open(_ context: ExecutionContext) throws -> any BatchSource {
        let source = try child.open(context)
        if let percent {
            let (columns, count) = try source.columns(context, types: types)
            let wanted = Int(min(Double(count), Double(count) * percent / 100))
            let start = min(offset, count)
            return ColumnSource(columns, rowCount: count, rows: start..<min(count, start + wanted))
        }
        return try LimitRows.rows(of: source, limit: limit, offset: offset, context)
    }

    /// The rows behind the first `offset`, at most `limit`.
    static func rows(of source: any BatchSource, limit: Int?, offset: Int, _ context: ExecutionContext) throws -> any BatchSource {
        var toSkip = offset
        var wanted = limit ?? Int.max
        var kept: [DataChunk] = []
        if wanted > 0 {
            try source.forEachInOrder(context, beginsSmall: true) { batch in
                let rows = batch.chunk.rowCount
                let start = min(toSkip, rows)
                let end = min(rows, start + min(wanted, rows))
                toSkip -= start
                if end > start {
                    kept.append(batch.chunk.slice(start..<end))
                    wanted -= end - start
                }
                return wanted > 0
            }
        }
        return ChunkSource(kept)
    }
}
