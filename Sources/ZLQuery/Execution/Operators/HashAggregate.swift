import ZLColumnar
import ZLFunctions

/// GROUP BY by hash, and aggregates of all rows as the one group of no keys. Groups come out in order of appearance.
///
/// Morsels are evaluated on all threads, few rows on one. What follows depends on the data, never on threads. Where no aggregate asks for the order of the
/// rows, each thread has a table of its own, unless nearly each row is a group (`UnorderedAggregation`). Else a group's values meet in
/// source order: where morsels have far fewer groups than rows, each is aggregated by itself and merged in order (`MorselAggregation`);
/// elsewhere each group's rows go, in order, to the one table of many that owns the group (`PartitionedAggregation`). Rows in order of
/// their keys need no table (`OrderedAggregation`). Texts whose vectors share a dictionary are grouped by their codes (`TextCodes`).
struct HashAggregate: PhysicalOperator {
    let child: any PhysicalOperator
    let groups: [Projection]
    /// Indices into `groups`; one set of all where the query has no GROUPING SETS.
    let groupingSets: [[Int]]
    let aggregates: [(id: ColumnID, aggregate: BoundAggregate)]
    /// Keys that are given; all where nil.
    var needed: Set<ColumnID>?

    /// Places of the keys that are given.
    private var given: [Int] { groups.indices.filter { needed?.contains(groups[$0].id) ?? true } }

    var columns: [OutputColumn] {
        given.map { groups[$0].outputColumn }
            + aggregates.map { OutputColumn(id: $0.id, name: $0.aggregate.function.description.name, type: $0.aggregate.signature.result) }
    }
    var children: [any PhysicalOperator] { [child] }
    var title: String {
        let keys = groups.map { "\($0.expression)" }.joined(separator: ", ")
        let calls = aggregates.map { $0.aggregate.description }.joined(separator: ", ")
        return "HashAggregate" + (keys.isEmpty ? "" : " by \(keys)") + (calls.isEmpty ? "" : ": \(calls)")
    }

    func open(_ context: ExecutionContext) throws -> any BatchSource {
        if let argument = countedDistinct {
            let column = Projection(id: aggregates[0].id, expression: argument)
            let inputs = try AggregateInputs(keys: [argument], aggregates: [], layout: child.layout)
            let distinct = try HashAggregate(child: child, groups: [column], groupingSets: [[0]], aggregates: []).results(inputs, context)[0]
            let count = distinct.count - distinct.keys[0].nullCount()
            return ColumnSource([.constant(.integer(Int128(count)), type: .bigint, count: 1)], rowCount: 1)
        }
        let inputs = try AggregateInputs(
            keys: groups.map(\.expression), aggregates: aggregates.map(\.aggregate), layout: child.layout)
        if groupingSets == [Array(groups.indices)],
            let ordered = try OrderedAggregation(child, by: groups.map(\.expression), giving: given, inputs, context)
        {
            return ordered
        }
        let results = try results(inputs, context)
        return ConcatenatedSource(parts: zip(groupingSets, results).map { set, result in self.result(of: set, result) })
    }

    /// The argument of a count(DISTINCT x) that is all there is to compute: the number of groups by x.
    private var countedDistinct: BoundExpression? {
        guard groups.isEmpty, groupingSets.count == 1, aggregates.count == 1 else { return nil }
        let call = aggregates[0].aggregate
        guard call.isDistinct, call.filter == nil, call.arguments.count == 1, call.function.description.name == "count" else { return nil }
        return call.arguments[0]
    }

    private func results(_ inputs: AggregateInputs, _ context: ExecutionContext) throws -> [GroupedResult] {
        if let codes = try TextCodes(groups.map(\.expression), of: child, context) {
            do {
                return zip(groupingSets, try results(inputs, codes, context)).map { set, result in
                    GroupedResult(keys: codes.texts(of: result.keys, set), results: result.results, count: result.count)
                }
            } catch is TextCodes.Unfit {}
        }
        return try results(inputs, nil, context)
    }

    /// - Parameter codes: turns texts among the keys to numbers, which the results' keys are then too.
    private func results(_ inputs: AggregateInputs, _ codes: TextCodes?, _ context: ExecutionContext) throws -> [GroupedResult] {
        func type(of key: Int) -> DataType { codes?.types[key] ?? groups[key].expression.type }
        let tables = try groupingSets.map { set in try GroupingTable(inputs, keys: set, types: set.map(type)) }
        let opened = try (groups.isEmpty && groupingSets.count == 1 && inputs.areColumns ? child.givingLongBatches() : child).open(context)
        let source = TransformedSource(child: opened) { batch, emit in
            guard batch.chunk.rowCount > 0 else { return }
            let evaluated = try inputs.evaluate(batch)
            try emit(try codes?.numbered(evaluated) ?? evaluated)
        }
        if try source.hasFewRows() {
            try source.forEachInOrder(context.onOneThread) { batch in
                for table in tables { try table.add(batch) }
                return true
            }
            return try tables.map { try $0.finish() }
        }
        if tables.count == 1, groupingSets[0].count == 1, source.morselCount > 1, tables[0].isOrderFree {
            let key = groupingSets[0][0]
            let bounds = codes.flatMap { $0.bounds(of: key) } ?? UnorderedAggregation.bounds(of: groups[key].expression, of: child)
            if let dense = UnorderedAggregation.denseKeys(bounds, rowLimit: opened.rowLimit) {
                if child.isRereadable, let sums = DirectSums(source, key: type(of: key), dense, inputs.calls), let result = try sums.run(context) {
                    return [result]
                }
                if UnorderedAggregation.applies(to: dense, isBare: inputs.calls.isEmpty) {
                    return [try UnorderedAggregation(source: source, table: tables[0], dense: dense).run(context)]
                }
            }
        }
        return try aggregate(source, tables, context)
    }

    private func aggregate(
        _ evaluated: TransformedSource, _ tables: [GroupingTable], _ context: ExecutionContext
    ) throws -> [GroupedResult] {
        var source: any BatchSource = evaluated
        if source.morselCount > 1 {
            let partials = tables.compactMap { $0.makePartial() }
            if partials.count == tables.count {
                let first = try source.batches(morsel: 0, context)
                for batch in first { for partial in partials { try partial.add(batch) } }
                let (rows, groups) = (first.reduce(0) { $0 + $1.chunk.rowCount }, partials[0].groupCount)
                if tables.count == 1, !groupingSets[0].isEmpty, tables[0].isOrderFree, UnorderedAggregation.applies(rows: rows, groups: groups) {
                    source = ReplayedSource(source: source, first: first)
                    return [try UnorderedAggregation(source: source, table: tables[0], dense: nil).run(context)]
                }
                if tables.count > 1 || MorselAggregation.applies(rows: rows, groups: groups) {
                    for (table, partial) in zip(tables, partials) { try table.merge(partial) }
                    try MorselAggregation(source: source, tables: tables).run(from: 1, context)
                    return try tables.map { try $0.finish() }
                }
                source = ReplayedSource(source: source, first: first)
            }
            if tables.count == 1, !groupingSets[0].isEmpty {
                return [try PartitionedAggregation(source: source, keys: groupingSets[0], table: tables[0]).run(context)]
            }
        }
        try source.forEachInOrder(context) { batch in
            for table in tables { try table.add(batch) }
            return true
        }
        return try tables.map { try $0.finish() }
    }

    private func result(of set: [Int], _ result: GroupedResult) -> any BatchSource {
        var columns: [ColumnVector] = []
        for index in given {
            if let place = set.firstIndex(of: index) {
                columns.append(result.keys[place])
            } else {
                columns.append(.nulls(groups[index].expression.type, count: result.count))
            }
        }
        return ColumnSource(columns + result.results, rowCount: result.count)
    }
}

/// Keys and results, one row a group.
struct GroupedResult {
    let keys: [ColumnVector]
    let results: [ColumnVector]
    let count: Int
}

/// A source whose first morsel has been read: it is not evaluated again.
private struct ReplayedSource: BatchSource {
    let source: any BatchSource
    let first: [Batch]

    var morselCount: Int { source.morselCount }

    func run(morsel: Int, emit: (Batch) throws -> Void) throws {
        guard morsel == 0 else { return try source.run(morsel: morsel, emit: emit) }
        for batch in first { try emit(batch) }
    }
}

extension BatchSource {
    /// All batches of one morsel.
    func batches(morsel: Int, _ context: ExecutionContext) throws -> [Batch] {
        var batches: [Batch] = []
        try run(morsel: morsel) { batch in
            try context.cancellation.check()
            batches.append(batch)
        }
        return batches
    }
}

/// A value for each of several parallel tasks.
final class TaskSlots<Element>: @unchecked Sendable {  // proof: task i writes slot i only, and is read after all tasks ended
    private let slots: UnsafeMutablePointer<Element?>
    let count: Int

    init(count: Int) {
        self.count = count
        slots = .allocate(capacity: max(count, 1))
        slots.initialize(repeating: nil, count: max(count, 1))
    }

    deinit {
        slots.deinitialize(count: max(count, 1))
        slots.deallocate()
    }

    subscript(index: Int) -> Element? {
        get { slots[index] }
        set { slots[index] = newValue }
    }
}
