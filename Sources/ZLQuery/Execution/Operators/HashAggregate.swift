import ZLColumnar
import ZLFunctions

/// GROUP BY by hash, and aggregates of all rows as the one group of no keys.
///
/// Rows come in source order on one thread, so results do not depend on threads; groups come out in order of appearance.
struct HashAggregate: PhysicalOperator {
    let child: any PhysicalOperator
    let groups: [Projection]
    /// Indices into `groups`; one set of all where the query has no GROUPING SETS.
    let groupingSets: [[Int]]
    let aggregates: [(id: ColumnID, aggregate: BoundAggregate)]

    var columns: [OutputColumn] {
        groups.map(\.outputColumn)
            + aggregates.map { OutputColumn(id: $0.id, name: $0.aggregate.function.description.name, type: $0.aggregate.signature.result) }
    }
    var children: [any PhysicalOperator] { [child] }
    var title: String {
        let keys = groups.map { "\($0.expression)" }.joined(separator: ", ")
        let calls = aggregates.map { $0.aggregate.description }.joined(separator: ", ")
        return "HashAggregate" + (keys.isEmpty ? "" : " by \(keys)") + (calls.isEmpty ? "" : ": \(calls)")
    }

    func open(_ context: ExecutionContext) throws -> any BatchSource {
        let layout = child.layout
        let keys = try PhysicalExpression.all(groups.map(\.expression), layout)
        let tables = try groupingSets.map { set in
            try GroupingTable(
                keyTypes: set.map { groups[$0].expression.type }, aggregates: aggregates.map(\.aggregate), layout: layout)
        }
        try child.open(context).forEachInOrder(context) { batch in
            var keyVectors: [ColumnVector] = []
            for key in keys { keyVectors.append(try key.evaluate(batch.chunk)) }
            for (set, table) in zip(groupingSets, tables) {
                try table.add(batch, keys: set.map { keyVectors[$0] })
            }
            return true
        }
        return ConcatenatedSource(parts: try zip(groupingSets, tables).map { set, table in try result(of: set, table) })
    }

    private func result(of set: [Int], _ table: GroupingTable) throws -> any BatchSource {
        let (keys, results, count) = try table.finish()
        var columns: [ColumnVector] = []
        for (index, group) in groups.enumerated() {
            if let place = set.firstIndex(of: index) {
                columns.append(keys[place])
            } else {
                columns.append(.nulls(group.expression.type, count: count))
            }
        }
        return ColumnSource(columns + results, rowCount: count)
    }
}
