import ZLColumnar
import ZLFunctions

/// Gives every group to one of several tables, each of which one thread fills with its rows in source order.
///
/// In rounds of a few morsels: all threads evaluate morsels and part their rows by a hash of the keys, then all threads add
/// each table's rows. Which table a group is in does not change its result, and groups are put in order of appearance in the end.
struct PartitionedAggregation {
    private let source: any BatchSource
    private let keys: [Int]
    private let partitions: [Partition]
    private static let morselsPerThread = 4

    init(source: any BatchSource, keys: [Int], tables: [GroupingTable]) {
        self.source = source
        self.keys = keys
        partitions = tables.map { Partition($0) }
    }

    private final class Partition: @unchecked Sendable {  // proof: one task at a time works on a partition
        let table: GroupingTable
        /// Place of each group's first row.
        var firstRows: [UInt64] = []
        var result: GroupedResult?
        init(_ table: GroupingTable) { self.table = table }
    }

    /// The rows of a batch that belong to one partition, and where they stood in it.
    private struct Part {
        let batch: Batch
        let rows: Selection
        /// Places count up from batch to batch.
        let place: UInt64
    }

    func run(_ context: ExecutionContext) throws -> GroupedResult {
        let count = source.morselCount
        let (source, keys, partitions) = (source, keys, partitions)
        var first = 0
        while first < count {
            let parts = TaskSlots<[[Part]]>(count: min(context.threads * PartitionedAggregation.morselsPerThread, count - first))
            let offset = first
            try WorkerPool.shared.forEach(count: parts.count, threads: context.threads) { index in
                var made = [[Part]](repeating: [], count: partitions.count)
                var place = UInt64(offset + index) << 40
                try source.run(morsel: offset + index) { batch in
                    try context.cancellation.check()
                    let chosen = KeyPartition.rows(
                        keys.map { batch.chunk.columns[$0] }, count: batch.chunk.rowCount, partitions: partitions.count)
                    for (number, rows) in chosen.enumerated() where rows.count > 0 {
                        made[number].append(Part(batch: batch.selecting(rows.rows, count: rows.count), rows: rows, place: place))
                    }
                    place += UInt64(batch.chunk.rowCount)
                }
                parts[index] = made
            }
            try WorkerPool.shared.forEach(count: partitions.count, threads: context.threads) { number in
                let partition = partitions[number]
                for index in 0..<parts.count {
                    for part in parts[index]?[number] ?? [] {
                        try context.cancellation.check()
                        try partition.table.add(part.batch) { row in
                            partition.firstRows.append(part.place + UInt64(part.rows.rows[row]))
                        }
                    }
                }
            }
            first += parts.count
        }
        try WorkerPool.shared.forEach(count: partitions.count, threads: context.threads) { number in
            partitions[number].result = try partitions[number].table.finish()
        }
        return try merged(context)
    }

    /// All partitions' groups in the order of their first rows.
    private func merged(_ context: ExecutionContext) throws -> GroupedResult {
        let results = partitions.compactMap(\.result)
        let total = results.reduce(0) { $0 + $1.count }
        guard total < Int(ColumnVector.noRow) else {
            throw ZLError(.resource, "too_many_rows", "an aggregation has \(total) groups, more than 2^32 - 2")
        }
        let order = Buffer(byteCount: max(16, total * 4))
        fill(order.values(UInt32.self), total)
        let keyCount = results[0].keys.count
        let slots = TaskSlots<ColumnVector>(count: keyCount + results[0].results.count)
        try WorkerPool.shared.forEach(count: slots.count, threads: context.threads) { index in
            let parts = results.map { index < keyCount ? $0.keys[index] : $0.results[index - keyCount] }
            slots[index] = ColumnVector.concatenate(parts, type: parts[0].type).gather(order.values(UInt32.self), count: total)
        }
        let columns = (0..<slots.count).compactMap { slots[$0] }
        return GroupedResult(keys: Array(columns[..<keyCount]), results: Array(columns[keyCount...]), count: total)
    }

    private func fill(_ order: UnsafeMutablePointer<UInt32>, _ total: Int) {
        var next = [Int](repeating: 0, count: partitions.count)
        var offsets: [Int] = []
        var offset = 0
        for partition in partitions {
            offsets.append(offset)
            offset += partition.firstRows.count
        }
        for index in 0..<total {
            var best = -1
            var least = UInt64.max
            for (number, partition) in partitions.enumerated() where next[number] < partition.firstRows.count {
                let place = partition.firstRows[next[number]]
                if best < 0 || place < least { (best, least) = (number, place) }
            }
            order[index] = UInt32(truncatingIfNeeded: offsets[best] + next[best])
            next[best] += 1
        }
    }
}
