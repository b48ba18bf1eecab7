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
        let threads = count > WindowRows.parallelThreshold ? context.threads : 1
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
        let results = try node.calls.map { try rows.evaluate($0.call, context) }
        return ColumnSource(sorted + results, rowCount: count)
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

/// The sorted input of a window: its partitions and peer groups.
struct WindowRows {
    private let columns: [ColumnVector]
    private let count: Int
    private let layout: ColumnLayout
    private let orderKeys: [ColumnVector]
    private let order: [SortKey]
    private let partitions: [Range<Int>]
    private let peers: PeerGroups

    /// Fewer rows are done on one thread.
    static let parallelThreshold = 50_000
    /// A partition with more rows is cut, where the function allows it.
    private static let rowsPerTask = 1 << 17

    init(
        columns: [ColumnVector], count: Int, layout: ColumnLayout, partitions: [Range<Int>], peers: PeerGroups,
        orderKeys: [ColumnVector], order: [SortKey]
    ) {
        self.columns = columns
        self.count = count
        self.layout = layout
        self.partitions = partitions
        self.peers = peers
        self.orderKeys = orderKeys
        self.order = order
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
        let peers = peers
        let orderKeys = orderKeys
        let filterBytes = FilterBytes(buffer: filter)
        let held = arguments
        @Sendable func partition(_ rows: Range<Int>, _ frame: ZLFunctions.WindowFrame, _ targets: Range<Int>) -> WindowPartition {
            WindowPartition(
                arguments: held, rows: rows, frame: frame, peerStart: peers.start, peerEnd: peers.end, filter: filterBytes.address,
                ignoresNulls: call.ignoresNulls, orderKeys: orderKeys, targets: targets)
        }
        let frames = try call.frameUse == .frame ? FrameSource(call.frame, rows: whole, layout: layout, orderKeys: orderKeys, order: order, peers: peers) : nil
        do {
            var tasks: [(rows: Range<Int>, targets: Range<Int>)] = []
            for rows in partitions {
                var length: Int?
                if rows.count > WindowRows.rowsPerTask, try frames?.isSymbolic() ?? true {
                    let frame = try frames?.frame(of: rows).frame ?? .rows(preceding: nil, following: nil)
                    length = call.evaluator.pieceLength(partition(rows, frame, rows))
                }
                let step = length.map { max(1, WindowRows.rowsPerTask / $0) * $0 } ?? rows.count
                for start in stride(from: rows.lowerBound, to: rows.upperBound, by: step) {
                    tasks.append((rows, start..<min(start + step, rows.upperBound)))
                }
            }
            let (list, threads) = (tasks, count > WindowRows.parallelThreshold ? context.threads : 1)
            try WorkerPool.shared.forEach(count: list.count, threads: threads) { index in
                try context.cancellation.check()
                let bounds = try frames?.frame(of: list[index].rows)
                try call.evaluator.evaluate(
                    partition(list[index].rows, bounds?.frame ?? .rows(preceding: nil, following: nil), list[index].targets),
                    into: output)
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
