import ZLColumnar
import ZLFunctions

/// A table of groups for each thread, for aggregates that are the same in whatever order rows are added: threads take morsels as they
/// come, and the tables are merged in the end. Groups are put in the order of their first rows.
///
/// - Complexity: O(rows + groups * tables)
struct UnorderedAggregation {
    let source: any BatchSource
    /// An empty table of the aggregation.
    let table: GroupingTable
    /// The range of the one key, where it is known.
    let dense: DenseKeys?

    /// Arrays over the range of the keys, one for each of so many threads, are no more than the rows.
    static let rowsPerDenseKey = 8
    /// Tables of more groups outgrow the caches: parting the rows is cheaper.
    private static let mostDenseKeys = 1 << 15
    private static let rowsPerGroup = 4

    /// Whether a morsel has few enough groups for tables that stay in a core's cache.
    static func applies(rows: Int, groups: Int) -> Bool { groups * rowsPerGroup <= rows }

    /// Whether a table over the range of the keys stays in a core's cache.
    ///
    /// - Parameter isBare: there is nothing to compute of a group.
    static func applies(to keys: DenseKeys, isBare: Bool) -> Bool { isBare || keys.count <= mostDenseKeys }

    /// The range of one whole-number key; nil where it is not known.
    static func bounds(of key: BoundExpression, of child: any PhysicalOperator) -> ClosedRange<Int64>? {
        guard case .column(let id) = key.kind else { return nil }
        return child.wholeBounds(of: id)
    }

    /// Keys of a range, where arrays over it are small beside the rows.
    static func denseKeys(_ bounds: ClosedRange<Int64>?, rowLimit: Int?) -> DenseKeys? {
        guard let rowLimit, let bounds else { return nil }
        let keys = DenseKeys(bounds, rowCount: rowLimit)
        return keys.flatMap { $0.count * rowsPerDenseKey <= rowLimit ? $0 : nil }
    }

    private final class Part: @unchecked Sendable {  // proof: made and filled by one task, read after all tasks ended
        let table: GroupingTable
        let direct: DirectNumbers?
        private var rows: [UInt64] = []

        init(_ table: GroupingTable, _ direct: DirectNumbers?) {
            self.table = table
            self.direct = direct
        }

        /// - Parameter position: where the first row stands among all.
        func add(_ batch: Batch, at position: UInt64) throws {
            if let direct {
                direct.position = position
                return try table.add(batch)
            }
            try table.add(batch) { self.rows.append(position + UInt64($0)) }
        }

        /// - Parameter groups: the number of each of this table's groups in the merged one.
        func firsts(_ groups: Buffer?) -> FirstRows {
            if let direct { return direct.firsts }
            var firsts = FirstRows()
            firsts.makeRoom(rows.count)
            for group in rows.indices {
                firsts.numbers.values(UInt32.self)[group] = groups?.values(UInt32.self)[group] ?? UInt32(truncatingIfNeeded: group)
                firsts.rows.values(UInt64.self)[group] = rows[group]
            }
            firsts.count = rows.count
            return firsts
        }
    }

    func run(_ context: ExecutionContext) throws -> GroupedResult {
        var parts: [Part] = []
        // why: of tables over the range of the keys, all together are to stay small beside the rows
        for _ in 0..<min(context.threads, source.morselCount, dense == nil ? Int.max : UnorderedAggregation.rowsPerDenseKey) {
            let direct = dense.map { DirectNumbers(type: table.types[0], keys: $0) }
            parts.append(Part(try table.makeEmpty(numbering: direct), direct))
        }
        try fill(parts, context)
        return try merged(parts, context)
    }

    private func fill(_ parts: [Part], _ context: ExecutionContext) throws {
        try SharedMorsels(source).forEach(tasks: parts.count, context) { index, batch, position in
            try parts[index].add(batch, at: position)
        }
    }

    private func merged(_ parts: [Part], _ context: ExecutionContext) throws -> GroupedResult {
        let whole = parts[0].table
        var firsts = [parts[0].firsts(nil)]
        for part in parts.dropFirst() {
            firsts.append(part.firsts(try whole.merge(part.table)))
        }
        guard whole.groupCount < Int(ColumnVector.noRow) else {
            throw ZLError(.resource, "too_many_rows", "an aggregation has \(whole.groupCount) groups, more than 2^32 - 2")
        }
        let result = try whole.finish()
        if parts.count == 1, dense == nil { return result }
        let (order, count) = FirstRows.merged(firsts, groupCount: whole.groupCount)
        let columns = result.keys + result.results
        let slots = VectorSlots(count: columns.count)
        try WorkerPool.shared.forEach(count: columns.count, threads: context.threads) { index in
            slots[index] = columns[index].gather(order.values(UInt32.self), count: count)
        }
        let vectors = slots.vectors
        return withExtendedLifetime(order) {
            GroupedResult(keys: Array(vectors.prefix(result.keys.count)), results: Array(vectors.dropFirst(result.keys.count)), count: count)
        }
    }
}
