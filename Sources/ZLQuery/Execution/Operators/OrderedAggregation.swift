import ZLColumnar
import ZLFunctions

/// GROUP BY over rows whose equal keys are neighbours: no table, and each morsel's groups are computed to their end by one task.
///
/// A task takes the groups that begin in its morsel: it leaves out rows that go on with the group before, and reads on behind the
/// morsel until the last group ends.
struct OrderedAggregation {
    private let source: any BatchSource
    private let keySource: any BatchSource
    private let inputs: AggregateInputs
    private let narrowKeys: [PhysicalExpression]
    private let types: [DataType]

    /// With longer groups, reading on to their ends would cost more than a table.
    private static let greatestGroup = 256

    /// Nil where the rows are not known to come in order of the keys, and where groups are long.
    ///
    /// - Complexity: one pass over the keys, which ends at the first rows out of order; zone maps answer for tables.
    init?(_ child: any PhysicalOperator, by groups: [BoundExpression], _ inputs: AggregateInputs, _ context: ExecutionContext) throws {
        guard child.isRereadable, let order = OrderedAggregation.order(of: groups) else { return nil }
        let narrow = child.giving(atLeast: groups.reduce(into: Set<ColumnID>()) { $0.formUnion($1.columnIDs) })
        source = try child.open(context)
        keySource = try narrow.open(context)
        self.inputs = inputs
        types = groups.map(\.type)
        narrowKeys = try PhysicalExpression.all(groups, narrow.layout)
        guard source.morselCount > 1, try beginsWithShortGroups() else { return nil }
        guard try OrderedRows.find(keySource, try WindowKeys(order, narrow.layout), context) != nil else { return nil }
    }

    /// The order in which rows with equal keys are neighbours: that of columns, and of what one key, the last, is a rising function of.
    private static func order(of groups: [BoundExpression]) -> BoundWindow? {
        var columns: [BoundExpression] = []
        var last: BoundExpression?
        for group in groups {
            if case .column = group.kind {
                columns.append(group)
            } else if let base = group.risesWith, last == nil {
                last = base
            } else {
                return nil
            }
        }
        guard let final = last ?? columns.popLast() else { return nil }
        return BoundWindow(partitionBy: columns, orderBy: [SortKey(expression: final)])
    }

    private func beginsWithShortGroups() throws -> Bool {
        for morsel in 0..<keySource.morselCount {
            for part in 0..<keySource.partCount(morsel: morsel) {
                var (rows, groups) = (0, 0)
                try keySource.run(morsel: morsel, parts: part..<part + 1) { batch in
                    rows += batch.chunk.rowCount
                    if rows > 0 { groups += try RunNumbering.runCount(keys(of: batch), count: batch.chunk.rowCount) }
                }
                if rows > 0 { return rows <= groups * OrderedAggregation.greatestGroup }
            }
        }
        return false
    }

    private func keys(of batch: Batch) throws(ZLError) -> [ColumnVector] {
        var keys: [ColumnVector] = []
        for expression in narrowKeys { keys.append(try expression.evaluate(batch.chunk)) }
        return keys
    }

    func run(_ context: ExecutionContext) throws -> any BatchSource {
        let results = TaskSlots<GroupedResult>(count: source.morselCount)
        try WorkerPool.shared.forEach(count: results.count, threads: context.threads) { morsel in
            results[morsel] = try groups(beginningIn: morsel, context)
        }
        return ResultSource((0..<results.count).compactMap { results[$0] })
    }

    private func groups(beginningIn morsel: Int, _ context: ExecutionContext) throws -> GroupedResult {
        let numbering = RunNumbering(types: types)
        let table = try GroupingTable(inputs, keys: Array(types.indices), types: types, numbering: numbering)
        var before = try lastKeys(before: morsel)
        try source.run(morsel: morsel) { batch in
            try context.cancellation.check()
            let batch = try inputs.evaluate(batch)
            let skipped = try before.map { try rows(of: batch, with: $0) } ?? 0
            if skipped < batch.chunk.rowCount {
                before = nil
                try table.add(skipped == 0 ? batch : batch.slice(skipped..<batch.chunk.rowCount))
            }
        }
        if numbering.count > 0 { try readOn(behind: morsel, table, numbering, context) }
        return try table.finish()
    }

    /// How many of the first rows have these keys.
    private func rows(of batch: Batch, with known: [ColumnVector]) throws -> Int {
        let count = batch.chunk.rowCount
        let keys = Array(batch.chunk.columns.prefix(types.count))
        guard count > 0, try RunNumbering.areEqual(known, keys.map { $0.slice(0..<1) }) else { return 0 }
        return try RunNumbering.firstRun(keys, count: count)
    }

    private func lastKeys(before morsel: Int) throws -> [ColumnVector]? {
        for other in stride(from: morsel - 1, through: 0, by: -1) {
            for part in stride(from: keySource.partCount(morsel: other) - 1, through: 0, by: -1) {
                var last: [ColumnVector]?
                try keySource.run(morsel: other, parts: part..<part + 1) { batch in
                    let count = batch.chunk.rowCount
                    if count > 0 { last = try keys(of: batch).map { $0.slice(count - 1..<count) } }
                }
                if let last { return last }
            }
        }
        return nil
    }

    /// Adds the rows behind a morsel that belong to its last group.
    private func readOn(behind morsel: Int, _ table: GroupingTable, _ numbering: RunNumbering, _ context: ExecutionContext) throws {
        for other in morsel + 1..<max(source.morselCount, morsel + 1) {
            for part in 0..<source.partCount(morsel: other) {
                try context.cancellation.check()
                var hasEnded = false
                try source.run(morsel: other, parts: part..<part + 1) { batch in
                    if hasEnded { return }
                    let batch = try inputs.evaluate(batch)
                    let count = try rows(of: batch, with: numbering.last)
                    if count > 0 { try table.add(batch.slice(0..<count)) }
                    hasEnded = count < batch.chunk.rowCount
                }
                if hasEnded { return }
            }
        }
    }

    /// Groups in order, a result for each morsel.
    private struct ResultSource: BatchSource {
        private let results: [GroupedResult]
        private let starts: [Int]

        init(_ results: [GroupedResult]) {
            self.results = results
            var starts: [Int] = []
            var start = 0
            for result in results {
                starts.append(start)
                start += result.count
            }
            self.starts = starts
            rowLimit = start
        }

        let rowLimit: Int?
        var morselCount: Int { results.count }

        func run(morsel: Int, emit: (Batch) throws -> Void) throws {
            let result = results[morsel]
            let columns = result.keys + result.results
            var row = 0
            while row < result.count {
                // why: a batch covers two blocks of rows at most
                let position = starts[morsel] + row
                let count = min(result.count - row, DataChunk.capacity - position % DataChunk.capacity)
                let chunk = DataChunk(columns: columns.map { $0.slice(row..<row + count) }, rowCount: count)
                let rest = DataChunk.blockSize - position % DataChunk.blockSize
                try emit(Batch(chunk: chunk, block: position / DataChunk.blockSize, border: min(rest, count)))
                row += count
            }
        }
    }
}

extension BoundExpression {
    /// What this never falls with: a point in time that the expression cuts down to a unit. Nil for any other expression.
    fileprivate var risesWith: BoundExpression? {
        switch kind {
        case .call(let call):
            let rising = ["time_bucket", "date_trunc"]
            guard rising.contains(call.function.description.name), call.arguments.count >= 2 else { return nil }
            for other in [call.arguments[0]] + call.arguments.dropFirst(2) {
                guard case .constant = other.kind else { return nil }
            }
            return call.arguments[1].isPointInTime ? call.arguments[1].column : nil
        case .cast(let operand, _): return type == .date && operand.isPointInTime ? operand.column : nil
        default: return nil
        }
    }

    private var isPointInTime: Bool { type == .date || type == .timestamp || type == .timestampNS }

    private var column: BoundExpression? {
        if case .column = kind { self } else { nil }
    }
}
