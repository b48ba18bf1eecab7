import ZLColumnar
import ZLFunctions

/// Window functions: all calls over one PARTITION BY and ORDER BY, with one sort and one pass.
///
/// Holds its input in memory, sorted by partition and order; partitions are spread over the threads, and long ones are cut where
/// the function allows it. Rows come out in that order. Nothing is sorted where the input is in order already.
struct Window: PhysicalOperator {
    let node: WindowNode
    let child: any PhysicalOperator

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
        let (input, count) = try child.open(context).columns(context, types: child.types)
        let layout = child.layout
        let whole = DataChunk(columns: input, rowCount: count)
        let partitionKeys = try PhysicalExpression.all(node.window.partitionBy, layout).map { try $0.evaluate(whole) }
        let orderKeys = try PhysicalExpression.all(node.window.orderBy.map(\.expression), layout).map { try $0.evaluate(whole) }
        let threads = count > PreparedWindowCall.parallelThreshold ? context.threads : 1
        var runs = try runs(partitionKeys, orderKeys, count, threads)
        var (sorted, sortedKeys) = (input.map { $0.flattened() }, orderKeys.map { $0.flattened() })
        if !runs.isSorted {
            let columns = partitionKeys.map { SortColumn($0, isDescending: false, nullsFirst: false) }
                + zip(orderKeys, node.window.orderBy).map {
                    SortColumn($0, isDescending: $1.isDescending, nullsFirst: $1.nullsFirst)
                }
            if let order = try SortOrder(columns, count: count).permutation(threads: context.threads) {
                sorted = try input.gathered(order, count: count, context).map { $0.flattened() }
                sortedKeys = try orderKeys.gathered(order, count: count, context).map { $0.flattened() }
                runs = try self.runs(try partitionKeys.gathered(order, count: count, context), sortedKeys, count, threads)
            }
        }
        let needsPeers = node.calls.contains { $0.call.needsPeers }
        let rows = WindowRows(
            columns: sorted, count: count, layout: layout, partitions: runs.partitions,
            peers: needsPeers ? PeerGroups(runs, count: count) : PeerGroups(), orderKeys: sortedKeys, order: node.window.orderBy)
        var results: [WindowResult] = sorted.map { .column($0) }
        for call in node.calls {
            let prepared = try rows.prepare(call.call)
            results.append(try prepared.isCuttable ? .call(prepared) : .column(prepared.column(context)))
        }
        return WindowSource(results: results, rowCount: count)
    }

    private func runs(_ partitionKeys: [ColumnVector], _ orderKeys: [ColumnVector], _ count: Int, _ threads: Int) throws -> KeyRuns {
        try KeyRuns(
            partitionBy: partitionKeys.map { WindowKey($0) },
            orderBy: zip(orderKeys, node.window.orderBy).map {
                WindowKey($0, isDescending: $1.isDescending, nullsFirst: $1.nullsFirst)
            }, count: count, threads: threads)
    }
}

extension BoundWindowCall {
    /// Whether rows with equal ORDER BY keys have to be known: not for frames counted in rows.
    var needsPeers: Bool {
        switch frameUse {
        case .frame: frame.unit != .rows || frame.exclusion != .noOthers
        case .partition: true
        case .trailing: false
        }
    }
}

