import ZLColumnar
import ZLFunctions

/// Aggregates each morsel by itself, on any thread, and merges the tables in morsel order.
struct MorselAggregation {
    let source: any BatchSource
    let tables: [GroupingTable]

    /// Rows a group from which merging groups is cheap beside adding rows.
    private static let rowsPerGroup = 4
    private static let morselsPerThread = 16

    /// Whether a morsel like this one shrinks enough.
    static func applies(rows: Int, groups: Int) -> Bool { groups * rowsPerGroup <= rows || groups <= 1 }

    private final class Part: @unchecked Sendable {  // proof: made and filled by one task, read after all tasks of the round ended
        let tables: [GroupingTable]
        init(_ tables: [GroupingTable]) { self.tables = tables }
    }

    func run(from start: Int, _ context: ExecutionContext) throws {
        let count = source.morselCount
        var first = start
        while first < count {
            let parts = TaskSlots<Part>(count: min(context.threads * MorselAggregation.morselsPerThread, count - first))
            for index in 0..<parts.count { parts[index] = Part(tables.compactMap { $0.makePartial() }) }
            let offset = first
            let source = source
            try WorkerPool.shared.forEach(count: parts.count, threads: context.threads) { index in
                guard let part = parts[index] else { return }
                try source.run(morsel: offset + index) { batch in
                    try context.cancellation.check()
                    for table in part.tables { try table.add(batch) }
                }
            }
            for index in 0..<parts.count {
                guard let part = parts[index] else { continue }
                for (table, partial) in zip(tables, part.tables) { try table.merge(partial) }
                parts[index] = nil
            }
            first += parts.count
        }
    }
}
