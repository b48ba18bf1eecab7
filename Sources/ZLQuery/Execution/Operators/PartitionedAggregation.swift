import ZLColumnar
import ZLFunctions

/// Gives every group to one of many small tables, each of which stays in a core's cache while its rows are added in source order.
///
/// In rounds of a few morsels: all threads evaluate morsels and part their rows by a hash of the keys, then all threads add
/// each table's rows. Which table a group is in does not change its result, and groups are put in order of appearance in the end.
struct PartitionedAggregation {
    private let source: any BatchSource
    private let keys: [Int]
    private let partitions: [Partition]
    private static let morselsPerThread = 8
    private static let bits = 6
    private static let placeBits: UInt64 = 40

    /// - Parameter table: an empty table of the aggregation.
    init(source: any BatchSource, keys: [Int], table: GroupingTable) throws(ZLError) {
        self.source = source
        self.keys = keys
        var partitions: [Partition] = []
        for _ in 0..<1 << PartitionedAggregation.bits { partitions.append(Partition(try table.makeEmpty())) }
        self.partitions = partitions
    }

    private final class Partition: @unchecked Sendable {  // proof: one task at a time works on a partition
        let table: GroupingTable
        /// Morsel and place in it of each group's first row.
        var firstRows: [UInt64] = []
        var result: GroupedResult?
        init(_ table: GroupingTable) { self.table = table }
    }

    func run(_ context: ExecutionContext) throws -> GroupedResult {
        let (source, keys, partitions) = (source, keys, partitions)
        var rowCounts: [Int] = []
        let needsBlocks = partitions[0].table.addsByBlock
        let parted = (0..<min(context.threads * PartitionedAggregation.morselsPerThread, source.morselCount)).map { _ in
            PartedRows(keys: keys, bits: PartitionedAggregation.bits, needsBlocks: needsBlocks)
        }
        while rowCounts.count < source.morselCount {
            let offset = rowCounts.count
            let round = min(parted.count, source.morselCount - offset)
            try WorkerPool.shared.forEach(count: round, threads: context.threads) { index in
                try parted[index].fill { add in
                    try source.run(morsel: offset + index) { batch in
                        try context.cancellation.check()
                        try add(batch)
                    }
                }
            }
            try WorkerPool.shared.forEach(count: partitions.count, threads: context.threads) { number in
                let partition = partitions[number]
                for index in 0..<round {
                    try context.cancellation.check()
                    let morsel = UInt64(offset + index) << PartitionedAggregation.placeBits
                    try parted[index].forEachBatch(of: number) { batch, places in
                        try partition.table.add(batch) { row in partition.firstRows.append(morsel + UInt64(places[row])) }
                    }
                }
            }
            for index in 0..<round { rowCounts.append(parted[index].count) }
        }
        try WorkerPool.shared.forEach(count: partitions.count, threads: context.threads) { number in
            partitions[number].result = try partitions[number].table.finish()
        }
        return try merged(rowCounts, context)
    }

    /// All partitions' groups in the order of their first rows.
    private func merged(_ rowCounts: [Int], _ context: ExecutionContext) throws -> GroupedResult {
        let results = partitions.compactMap(\.result)
        let total = results.reduce(0) { $0 + $1.count }
        guard total < Int(ColumnVector.noRow) else {
            throw ZLError(.resource, "too_many_rows", "an aggregation has \(total) groups, more than 2^32 - 2")
        }
        let places = Buffer(byteCount: max(16, total * 4))
        rank(rowCounts, into: places.values(UInt32.self))
        let keyCount = results[0].keys.count
        let slots = TaskSlots<ColumnVector>(count: keyCount + results[0].results.count)
        try WorkerPool.shared.forEach(count: slots.count, threads: context.threads) { index in
            let parts = results.map { index < keyCount ? $0.keys[index] : $0.results[index - keyCount] }
            var column = ScatteredColumn(type: parts[0].type)
            var start = 0
            for part in parts {
                column.add(part, to: places.values(UInt32.self) + start, capacity: total)
                start += part.count
            }
            column.joinHeaps()
            slots[index] = column.column(count: total)
        }
        let columns = (0..<slots.count).compactMap { slots[$0] }
        return GroupedResult(keys: Array(columns[..<keyCount]), results: Array(columns[keyCount...]), count: total)
    }

    /// The place of each group, partition after partition, among the first rows of all: the rows before that are first rows, counted in a bitmap.
    private func rank(_ rowCounts: [Int], into places: UnsafeMutablePointer<UInt32>) {
        var starts: [Int] = []
        var rows = 0
        for count in rowCounts {
            starts.append(rows)
            rows += count
        }
        let words = rows / 64 + 1
        let (bits, counts) = (Buffer(byteCount: words * 8), Buffer(byteCount: words * 4))
        bits.zero()
        let (isFirst, before) = (bits.values(UInt64.self), counts.values(UInt32.self))
        func row(_ place: UInt64) -> Int {
            starts[Int(place >> PartitionedAggregation.placeBits)] + Int(place & (1 << PartitionedAggregation.placeBits - 1))
        }
        for partition in partitions {
            for place in partition.firstRows { isFirst[row(place) >> 6] |= 1 << UInt64(row(place) & 63) }
        }
        var total: UInt32 = 0
        for word in 0..<words {
            before[word] = total
            total &+= UInt32(truncatingIfNeeded: isFirst[word].nonzeroBitCount)
        }
        var group = 0
        for partition in partitions {
            for place in partition.firstRows {
                let row = row(place)
                let lower = isFirst[row >> 6] & (1 << UInt64(row & 63) - 1)
                places[group] = before[row >> 6] &+ UInt32(truncatingIfNeeded: lower.nonzeroBitCount)
                group += 1
            }
        }
        withExtendedLifetime((bits, counts)) {}
    }
}
