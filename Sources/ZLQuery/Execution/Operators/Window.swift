import ZLColumnar
import ZLFunctions

/// Window functions: all calls over one PARTITION BY and ORDER BY, with one sort and one pass.
///
/// Holds its input in memory, sorted by partition and order; partitions are spread over the threads. Rows come out in that
/// order. Nothing is sorted where the input is in order already.
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
        let partitionColumns = partitionKeys.map { SortColumn($0, isDescending: false, nullsFirst: false) }
        let orderColumns = zip(orderKeys, node.window.orderBy).map {
            SortColumn($0, isDescending: $1.isDescending, nullsFirst: $1.nullsFirst)
        }
        let order = try SortOrder(partitionColumns + orderColumns, count: count).permutation(threads: context.threads)
        func inOrder(_ columns: [ColumnVector]) throws -> [ColumnVector] {
            guard let order else { return columns.map { $0.flattened() } }
            return try columns.gathered(order, count: count, context).map { $0.flattened() }
        }
        let sorted = try inOrder(input)
        let rows = WindowRows(
            columns: sorted, count: count, layout: layout, partitionKeys: try inOrder(partitionKeys),
            orderKeys: try inOrder(orderKeys), order: node.window.orderBy)
        let results = try node.calls.map { try rows.evaluate($0.call, context) }
        return ColumnSource(sorted + results, rowCount: count)
    }
}

/// The sorted input of a window: its partitions and peer groups.
struct WindowRows {
    private let columns: [ColumnVector]
    private let count: Int
    private let layout: ColumnLayout
    private let orderKeys: [ColumnVector]
    private let order: [SortKey]
    private let partitions: [Range<Int>]
    private let peers: PeerGroups

    init(
        columns: [ColumnVector], count: Int, layout: ColumnLayout, partitionKeys: [ColumnVector], orderKeys: [ColumnVector],
        order: [SortKey]
    ) {
        self.columns = columns
        self.count = count
        self.layout = layout
        self.orderKeys = orderKeys
        self.order = order
        partitions = PeerGroups.partitions(keys: partitionKeys, count: count)
        peers = PeerGroups(orderKeys: orderKeys, partitions: partitions, count: count)
    }

    /// One result column for a call, partitions spread over the threads.
    func evaluate(_ call: BoundWindowCall, _ context: ExecutionContext) throws -> ColumnVector {
        let whole = DataChunk(columns: columns, rowCount: count)
        var arguments: [ColumnVector] = []
        for argument in call.arguments {
            arguments.append(try PhysicalExpression(argument, layout).evaluate(whole).flattened())
        }
        let output = WindowOutput(type: call.resultType, count: count, heaps: arguments.flatMap(\.heaps))
        var filter: Buffer?
        if let condition = call.filter {
            let kept = Selection(whereTrue: try PhysicalExpression(condition, layout).evaluate(whole))
            let bytes = Buffer(byteCount: max(16, count))
            bytes.zero()
            for index in 0..<kept.count { bytes.values(UInt8.self)[Int(kept.rows[index])] = 1 }
            filter = bytes
        }
        let frames = try call.frameUse == .frame ? FrameSource(call.frame, rows: whole, layout: layout, orderKeys: orderKeys, order: order, peers: peers) : nil
        let partitions = partitions
        let peers = peers
        let orderKeys = orderKeys
        let filterBytes = FilterBytes(buffer: filter)
        let held = arguments
        let threads = count > 50_000 ? context.threads : 1
        do {
            try WorkerPool.shared.forEach(count: partitions.count, threads: threads) { index in
                try context.cancellation.check()
                let bounds = try frames?.frame(of: partitions[index])
                let partition = WindowPartition(
                    arguments: held, rows: partitions[index],
                    frame: bounds?.frame ?? .rows(preceding: nil, following: nil),
                    peerStart: peers.start, peerEnd: peers.end, filter: filterBytes.address, ignoresNulls: call.ignoresNulls,
                    orderKeys: orderKeys)
                try call.evaluator.evaluate(partition, into: output)
                withExtendedLifetime(bounds) {}
            }
        } catch let error as ZLError {
            throw error.at(call.range)
        }
        return output.finish()
    }

    /// Carries the filter's bytes to other threads.
    private struct FilterBytes: @unchecked Sendable {  // proof: written before the threads start, read only after
        let buffer: Buffer?
        var address: UnsafePointer<UInt8>? { buffer.map { UnsafePointer($0.values(UInt8.self)) } }
    }
}
