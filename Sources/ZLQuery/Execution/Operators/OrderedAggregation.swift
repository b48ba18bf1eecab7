import ZLColumnar
import ZLFunctions

/// GROUP BY over rows whose equal keys are neighbours: no table, and each morsel's groups are given on as they end.
///
/// A morsel's groups are those that begin in it: it leaves out rows that go on with the group before, and reads on behind the
/// child's morsel until the last group ends. A group's block is that of its first row.
struct OrderedAggregation: BatchSource {
    private let source: any BatchSource
    private let keySource: any BatchSource
    private let inputs: AggregateInputs
    private let narrowKeys: [PhysicalExpression]
    private let types: [DataType]
    private let given: [Int]
    private let cancellation: CancellationFlag

    /// With longer groups, reading on to their ends would cost more than a table.
    private static let greatestGroup = 256

    /// Nil where the rows are not known to come in order of the keys, and where groups are long.
    ///
    /// - Parameter given: places of the keys that are given.
    /// - Complexity: one pass over the keys, which ends at the first rows out of order; zone maps answer for tables.
    init?(
        _ child: any PhysicalOperator, by groups: [BoundExpression], giving given: [Int], _ inputs: AggregateInputs, _ context: ExecutionContext
    ) throws {
        guard child.isRereadable, let order = OrderedAggregation.order(of: groups) else { return nil }
        let narrow = child.giving(atLeast: groups.reduce(into: Set<ColumnID>()) { $0.formUnion($1.columnIDs) })
        source = try child.open(context)
        keySource = try narrow.open(context)
        self.inputs = inputs
        self.given = given
        cancellation = context.cancellation
        types = groups.map(\.type)
        narrowKeys = try PhysicalExpression.all(groups, narrow.layout)
        guard try beginsWithShortGroups() else { return nil }
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

    /// Asks the rows of the first block that has some, which come together.
    private func beginsWithShortGroups() throws -> Bool {
        for morsel in 0..<keySource.morselCount {
            for part in 0..<keySource.partCount(morsel: morsel) {
                var isShort: Bool?
                try keySource.run(morsel: morsel, parts: part..<part + 1) { batch in
                    guard isShort == nil, batch.chunk.rowCount > 0 else { return }
                    let first = batch.slice(0..<batch.firstBlockCount)
                    let groups = try RunStarts.runCount(keys(of: first), count: first.chunk.rowCount)
                    isShort = first.chunk.rowCount <= groups * OrderedAggregation.greatestGroup
                }
                if let isShort { return isShort }
            }
        }
        return false
    }

    private func keys(of batch: Batch) throws(ZLError) -> [ColumnVector] {
        var keys: [ColumnVector] = []
        for expression in narrowKeys { keys.append(try expression.evaluate(batch.chunk)) }
        return keys
    }

    var morselCount: Int { source.morselCount }
    var rowLimit: Int? { source.rowLimit }

    /// The groups that begin in a morsel.
    func run(morsel: Int, emit: (Batch) throws -> Void) throws {
        let window = try GroupWindow(inputs, giving: given)
        var before = try lastKeys(before: morsel)
        try source.run(morsel: morsel) { batch in
            try cancellation.check()
            let batch = try inputs.evaluate(batch)
            let skipped = try before.map { try rows(of: batch, with: $0) } ?? 0
            if skipped < batch.chunk.rowCount {
                before = nil
                try window.add(skipped == 0 ? batch : batch.slice(skipped..<batch.chunk.rowCount), emit)
            }
        }
        if !window.last.isEmpty { try readOn(behind: morsel, window, emit) }
        try window.finish(emit)
    }

    /// How many of the first rows have these keys.
    private func rows(of batch: Batch, with known: [ColumnVector]) throws -> Int {
        let count = batch.chunk.rowCount
        let keys = Array(batch.chunk.columns.prefix(types.count))
        guard count > 0, try RunStarts.areEqual(known, keys.map { $0.slice(0..<1) }) else { return 0 }
        return try RunStarts.firstRun(keys, count: count)
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
    private func readOn(behind morsel: Int, _ window: GroupWindow, _ emit: (Batch) throws -> Void) throws {
        for other in morsel + 1..<max(source.morselCount, morsel + 1) {
            for part in 0..<source.partCount(morsel: other) {
                try cancellation.check()
                var hasEnded = false
                try source.run(morsel: other, parts: part..<part + 1) { batch in
                    if hasEnded { return }
                    let batch = try inputs.evaluate(batch)
                    let count = try rows(of: batch, with: window.last)
                    if count > 0 { try window.add(batch.slice(0..<count), emit) }
                    hasEnded = count < batch.chunk.rowCount
                }
                if hasEnded { return }
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
