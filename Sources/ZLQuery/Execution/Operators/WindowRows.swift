import ZLColumnar
import ZLFunctions

/// The sorted input of a window: its partitions and peer groups.
struct WindowRows: Sendable {
    let columns: [ColumnVector]
    let count: Int
    let layout: ColumnLayout
    let partitions: [Range<Int>]
    let peers: PeerGroups
    let orderKeys: [ColumnVector]
    let order: [SortKey]

    /// A call with its arguments computed.
    func prepare(_ call: BoundWindowCall) throws -> PreparedWindowCall {
        let whole = DataChunk(columns: columns, rowCount: count)
        var arguments: [ColumnVector] = []
        for argument in call.arguments.prefix(call.evaluator.valueCount) {
            arguments.append(try PhysicalExpression(argument, layout).evaluate(whole).flattened())
        }
        var filter: Buffer?
        if let condition = call.filter {
            filter = try PhysicalExpression(condition, layout).evaluate(whole).flattened().truthBytes()
        }
        let frames = try call.frameUse == .frame
            ? FrameSource(call.frame, rows: whole, layout: layout, orderKeys: orderKeys, order: order, peers: peers) : nil
        return PreparedWindowCall(rows: self, call: call, arguments: arguments, filter: filter, frames: frames)
    }
}

/// A window call that can be computed for any rows, or for all.
struct PreparedWindowCall: Sendable {
    fileprivate let rows: WindowRows
    fileprivate let call: BoundWindowCall
    fileprivate let arguments: [ColumnVector]
    fileprivate let filter: Buffer?
    fileprivate let frames: FrameSource?

    /// Fewer rows are done on one thread.
    static let parallelThreshold = 50_000

    private func partition(
        _ partition: Range<Int>, _ frame: ZLFunctions.WindowFrame, _ targets: Range<Int>
    ) -> WindowPartition {
        WindowPartition(
            arguments: arguments, rows: partition, frame: frame, peerStart: rows.peers.start, peerEnd: rows.peers.end,
            filter: filter.map { UnsafePointer($0.values(UInt8.self)) }, ignoresNulls: call.ignoresNulls, orderKeys: rows.orderKeys,
            targets: targets)
    }

    /// The results of all rows, partitions spread over the threads.
    func column(_ context: ExecutionContext) throws -> ColumnVector {
        let output = WindowOutput(type: call.resultType, rows: 0..<rows.count, heaps: arguments.flatMap(\.heaps))
        let threads = rows.count > PreparedWindowCall.parallelThreshold ? context.threads : 1
        let partitions = rows.partitions
        let lanes = frames == nil ? call.evaluator.lanes : 1
        let tasks = lanes == 1 ? partitions.count : max(min(threads, partitions.count), (partitions.count + lanes - 1) / lanes)
        try WorkerPool.shared.forEach(count: tasks, threads: threads) { task in
            try context.cancellation.check()
            let range = partitions.count * task / tasks..<partitions.count * (task + 1) / tasks
            if lanes > 1 {
                try evaluate(partitions[range], into: output)
            } else {
                for partition in partitions[range] { try evaluate(partition, targets: partition, into: output) }
            }
        }
        return output.finish()
    }

    /// The results of some rows.
    func column(_ targets: Range<Int>) throws -> ColumnVector {
        let output = WindowOutput(type: call.resultType, rows: targets, heaps: arguments.flatMap(\.heaps))
        var low = 0
        var high = rows.partitions.count
        while low < high {
            let middle = (low + high) / 2
            if rows.partitions[middle].upperBound <= targets.lowerBound { low = middle + 1 } else { high = middle }
        }
        while low < rows.partitions.count, rows.partitions[low].lowerBound < targets.upperBound {
            try evaluate(rows.partitions[low], targets: rows.partitions[low].clamped(to: targets), into: output)
            low += 1
        }
        return output.finish()
    }

    /// Whole partitions side by side, for calls without a frame.
    private func evaluate(_ ranges: ArraySlice<Range<Int>>, into output: WindowOutput) throws(ZLError) {
        do {
            try call.evaluator.evaluate(ranges.map { partition($0, .rows(preceding: nil, following: nil), $0) }, into: output)
        } catch {
            throw error.at(call.range)
        }
    }

    private func evaluate(_ range: Range<Int>, targets: Range<Int>, into output: WindowOutput) throws(ZLError) {
        do {
            let bounds = try frames?.frame(of: range)
            try call.evaluator.evaluate(
                partition(range, bounds?.frame ?? .rows(preceding: nil, following: nil), targets), into: output)
            withExtendedLifetime(bounds) {}
        } catch {
            throw error.at(call.range)
        }
    }
}

/// A column of a window's output: there already, or computed when its rows are asked for.
enum WindowResult: Sendable {
    case column(ColumnVector)
    case call(PreparedWindowCall)
}

/// The window's rows. Calls that can be cut are computed morsel by morsel, in memory that the next morsel uses again.
struct WindowSource: BatchSource {
    private static let rowsPerMorsel = 16 * DataChunk.capacity
    let results: [WindowResult]
    let rowCount: Int

    var rowLimit: Int? { rowCount }
    var morselCount: Int { (rowCount + WindowSource.rowsPerMorsel - 1) / WindowSource.rowsPerMorsel }

    func run(morsel: Int, emit: (Batch) throws -> Void) throws {
        let first = morsel * WindowSource.rowsPerMorsel
        let rows = first..<min(first + WindowSource.rowsPerMorsel, rowCount)
        var columns: [(vector: ColumnVector, base: Int)] = []
        for result in results {
            switch result {
            case .column(let vector): columns.append((vector, 0))
            case .call(let call): columns.append((try call.column(rows), first))
            }
        }
        for start in stride(from: first, to: rows.upperBound, by: DataChunk.capacity) {
            let end = min(start + DataChunk.capacity, rows.upperBound)
            let slices = columns.map { $0.vector.slice(start - $0.base..<end - $0.base) }
            try emit(Batch(DataChunk(columns: slices, rowCount: end - start), at: start))
        }
    }
}
