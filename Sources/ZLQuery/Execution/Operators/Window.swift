import ZLColumnar
import ZLFunctions

/// Window functions: all calls over one PARTITION BY and ORDER BY, with one sort and one pass.
///
/// Rows come out in order of partition and ORDER BY. An input that can be read by parts and is in that order already is streamed where
/// no call looks at peers (`StreamedWindow`); of it, calls that depend on all
/// rows before, and are no recursion that can be taken up anywhere (`RecursionStates`), hold their arguments. Any other is
/// held in memory, and sorted where it is not in order; partitions are spread over the threads, and long ones are cut where the function
/// allows it.
struct Window: PhysicalOperator {
    let node: WindowNode
    let child: any PhysicalOperator
    /// The child's columns that are read above; nil where all may be. The others need not hold anything.
    var needed: Set<ColumnID>?
    /// Only the first so many rows of a partition are looked at above; rows that have to be sorted are cut to these. For ROW_NUMBER alone.
    var leading: Int?

    var columns: [OutputColumn] {
        child.columns + node.calls.map { OutputColumn(id: $0.id, name: $0.call.name, type: $0.call.resultType) }
    }
    var children: [any PhysicalOperator] { [child] }
    var title: String {
        let partition = node.window.partitionBy.map { "\($0)" }.joined(separator: ", ")
        let order = node.window.orderBy.map(\.description).joined(separator: ", ")
        return "Window" + (partition.isEmpty ? "" : " partition by \(partition)") + (order.isEmpty ? "" : " order by \(order)")
            + ": " + node.calls.map(\.call.name).joined(separator: ", ")
    }

    func open(_ context: ExecutionContext) throws -> any BatchSource {
        try streamed(context) ?? materialized(context)
    }

    /// Nil where the input cannot be read by parts or is not in order, and for calls that look at peers or at the ORDER BY keys.
    private func streamed(_ context: ExecutionContext) throws -> (any BatchSource)? {
        guard child.isRereadable, node.calls.allSatisfy({ $0.call.reach != nil || $0.call.frameUse == .trailing }) else { return nil }
        var ordering: Set<ColumnID> = []
        for key in node.window.partitionBy + node.window.orderBy.map(\.expression) { key.collectColumns(into: &ordering) }
        let narrow = child.giving(atLeast: ordering)
        let keys = try WindowKeys(node.window, narrow.layout)
        guard let rows = try OrderedRows.find(try narrow.open(context), keys, context) else { return nil }
        let input = try inputOfWholeCalls(rows, context)
        let states = try RecursionStates(node.calls.compactMap { $0.call.recursion }, child, rows, context)
        return try StreamedWindow(
            node.calls.map(\.call), over: child.columns, child: read(), passing: needed, rows: rows, states: states, context
        ) { call in try input.prepare(call).column(context) }
    }

    /// The child without columns that only the order is made of: it is known by now.
    private func read() -> any PhysicalOperator {
        // why: what `giving` makes counts no rows
        guard let needed, !(child is Measured) else { return child }
        return child.giving(atLeast: node.calls.reduce(into: needed) { $1.call.collectColumns(into: &$0) })
    }

    /// The columns that calls without a reach read, in memory.
    private func inputOfWholeCalls(_ rows: OrderedRows, _ context: ExecutionContext) throws -> WindowRows {
        var read: Set<ColumnID> = []
        let calls = node.calls.filter { $0.call.reach == nil && $0.call.recursion == nil }
        for call in calls {
            for expression in call.call.arguments + (call.call.filter.map { [$0] } ?? []) { expression.collectColumns(into: &read) }
        }
        let narrow = child.giving(atLeast: read)
        let (columns, count) = calls.isEmpty ? ([], 0) : try narrow.open(context).columns(context, types: narrow.types)
        let partitions = zip(rows.partitionStarts, rows.partitionStarts.dropFirst()).map { $0..<$1 }
        return WindowRows(
            columns: columns, count: count, layout: narrow.layout, partitions: partitions, peers: PeerGroups(), orderKeys: [],
            order: node.window.orderBy)
    }

    private func materialized(_ context: ExecutionContext) throws -> any BatchSource {
        let (input, count) = try child.open(context).columns(context, types: child.types, keepsCodes: true)
        let layout = child.layout
        let keys = try WindowKeys(node.window, layout)
        var vectors = try keys.evaluate(DataChunk(columns: input, rowCount: count))
        let threads = count > PreparedWindowCall.parallelThreshold ? context.threads : 1
        var runs = try keys.runs(vectors, count: count, threads: threads)
        let needsPeers = node.calls.contains { $0.call.needsPeers }
        var sorted = input
        if !runs.isSorted, let order = try SortOrder.permutation(keys.sortInputs(vectors), count: count, threads: context.threads) {
            if let leading { return try leadingRows(leading, of: sorted, keys.partitionKeys(vectors), order, count, context) }
            sorted = try gathered(sorted, order, count, context)
            // why: the order within a partition is asked for by none but calls that look at peers
            if !needsPeers { vectors = keys.partitionKeys(vectors) }
            vectors = try vectors.gathered(order, count: count, context)
            runs = try (needsPeers ? keys : keys.withoutOrder).runs(vectors, count: count, threads: threads)
        }
        let rows = WindowRows(
            columns: sorted, count: count, layout: layout, partitions: runs.partitions,
            peers: needsPeers ? PeerGroups(runs, count: count) : PeerGroups(),
            orderKeys: needsPeers ? keys.orderKeys(vectors).map { $0.flattened() } : [], order: node.window.orderBy)
        var results: [WindowResult] = sorted.map { .column($0) }
        for call in node.calls {
            let prepared = try rows.prepare(call.call)
            results.append(try call.call.reach != nil ? .call(prepared) : .column(prepared.column(context)))
        }
        return WindowSource(results: results, rowCount: count)
    }

    /// The first rows of each partition and their numbers.
    private func leadingRows(
        _ most: Int, of input: [ColumnVector], _ partitionKeys: [ColumnVector], _ order: Buffer, _ count: Int, _ context: ExecutionContext
    ) throws -> any BatchSource {
        let keys = try WindowKeys(node.window, child.layout).withoutOrder
        let runs = try keys.runs(try partitionKeys.gathered(order, count: count, context), count: count, threads: context.threads)
        let rows = order.values(UInt32.self)
        let kept = Buffer(byteCount: max(16, count * 4))
        let numbers = Buffer(byteCount: max(16, count * 8))
        var size = 0
        for partition in runs.partitions {
            for place in 0..<min(most, partition.count) {
                kept.values(UInt32.self)[size] = rows[partition.lowerBound + place]
                numbers.values(Int64.self)[size] = Int64(place + 1)
                size += 1
            }
        }
        let number = ColumnVector(type: .bigint, count: size, buffer: numbers)
        return ColumnSource(try gathered(input, kept, size, context) + node.calls.map { _ in number }, rowCount: size)
    }

    /// The rows at `order` of the columns that the calls or operators above read; the others are NULL.
    private func gathered(_ input: [ColumnVector], _ order: Buffer, _ count: Int, _ context: ExecutionContext) throws -> [ColumnVector] {
        guard var read = needed else { return try input.gathered(order, count: count, context) }
        for call in node.calls { call.call.collectColumns(into: &read) }
        return try zip(input, child.columns).map { vector, column in
            read.contains(column.id)
                ? try vector.gather(order.values(UInt32.self), count: count, threads: context.threads)
                : .nulls(column.type, count: count)
        }
    }
}

extension Window {
    /// How many rows of each partition `predicate` can be true for: a number where it holds ROW_NUMBER below a constant and there is no
    /// other call.
    static func leadingRows(_ node: WindowNode, _ predicate: BoundExpression) -> Int? {
        guard node.calls.allSatisfy({ $0.call.evaluator is RowNumber }) else { return nil }
        var conditions = [predicate]
        if case .and(let operands) = predicate.kind { conditions = operands }
        return conditions.lazy.compactMap { condition in
            guard case .call(let call) = condition.kind, call.arguments.count == 2, let column = call.arguments[0].columnID,
                node.calls.contains(where: { $0.id == column }), case .integer(let number)? = call.arguments[1].constantValue,
                number >= 0, number < Int128(UInt32.max)
            else { return nil }
            switch call.function.description.name {
            case "<=", "=": return Int(number)
            case "<": return max(0, Int(number) - 1)
            default: return nil
            }
        }.min()
    }
}

extension BoundWindowCall {
    /// Adds the columns that the call reads.
    func collectColumns(into columns: inout Set<ColumnID>) {
        for expression in arguments + (filter.map { [$0] } ?? []) { expression.collectColumns(into: &columns) }
        for bound in [frame.start, frame.end] {
            switch bound {
            case .preceding(let offset), .following(let offset): offset.collectColumns(into: &columns)
            case .unboundedPreceding, .currentRow, .unboundedFollowing: break
            }
        }
    }

    /// Whether rows with equal ORDER BY keys have to be known: not for frames counted in rows.
    var needsPeers: Bool {
        if reach != nil { return false }
        return switch frameUse {
        case .frame: frame.unit != .rows || frame.exclusion != .noOthers
        case .partition: true
        case .trailing: false
        }
    }
}

