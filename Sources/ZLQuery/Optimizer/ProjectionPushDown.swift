import ZLColumnar

/// Takes away what nobody reads: columns of scans, computed columns, aggregates, window calls, and joins that neither add nor
/// drop rows.
///
/// A shared subplan keeps the columns that any of its places reads; `SharedNeeds` gathers them.
struct ProjectionPushDown {
    /// For each shared subplan the positions of its columns that are read.
    private(set) var sharedNeeds: [ObjectIdentifier: Set<Int>] = [:]

    /// The plan with exactly the columns `wanted`, in order.
    mutating func apply(_ plan: LogicalPlan, wanted: [OutputColumn]) -> LogicalPlan {
        prune(plan, Set(wanted.map(\.id))).giving(wanted)
    }

    /// The plan with at least the needed columns.
    private mutating func prune(_ plan: LogicalPlan, _ needed: Set<ColumnID>) -> LogicalPlan {
        switch plan {
        case .singleRow: return plan
        case .tableScan(let scan): return .tableScan(prune(scan, needed))
        case .fileScan(var node):
            let kept = node.columns.indices.filter { needed.contains(node.columns[$0].id) }
            node.indices = kept.map { node.indices[$0] }
            node.columns = kept.map { node.columns[$0] }
            return .fileScan(node)
        case .values(let rows, let columns):
            let kept = columns.indices.filter { needed.contains(columns[$0].id) }
            return .values(rows: rows.map { row in kept.map { row[$0] } }, columns: kept.map { columns[$0] })
        case .materialized(let chunks, let columns):
            let kept = columns.indices.filter { needed.contains(columns[$0].id) }
            let pruned = chunks.map { chunk in DataChunk(columns: kept.map { chunk.columns[$0] }, rowCount: chunk.rowCount) }
            return .materialized(chunks: pruned, columns: kept.map { columns[$0] })
        case .series: return plan
        case .shared(let shared, let columns):
            let kept = columns.indices.filter { needed.contains(columns[$0].id) }
            sharedNeeds[ObjectIdentifier(shared), default: []].formUnion(kept)
            return plan
        default: return pruneInner(plan, needed)
        }
    }

    private func prune(_ scan: TableScan, _ needed: Set<ColumnID>) -> TableScan {
        var read = needed
        for filter in scan.filters { filter.collectColumns(into: &read) }
        let kept = scan.columns.indices.filter { read.contains(scan.columns[$0].id) }
        var pruned = scan
        pruned.columns = kept.map { scan.columns[$0] }
        pruned.indices = kept.map { scan.indices[$0] }
        pruned.filterOnly = Set(kept.indices.filter { !needed.contains(pruned.columns[$0].id) })
        return pruned
    }

    private mutating func pruneInner(_ plan: LogicalPlan, _ needed: Set<ColumnID>) -> LogicalPlan {
        switch plan {
        case .filter(let child, let predicate):
            return .filter(prune(child, needed.union(predicate.columnIDs)), predicate)
        case .projection(let child, let projections):
            let kept = projections.filter { needed.contains($0.id) }
            let inner = LogicalPlan.projection(.singleRow, kept)
            return .projection(prune(child, inner.readColumns), kept)
        case .aggregate(let node): return prune(node, needed)
        case .window(var node):
            node.calls = node.calls.filter { needed.contains($0.id) }
            let below = needed.subtracting(node.calls.map(\.id))
            if node.calls.isEmpty { return prune(node.child, below) }
            node.child = prune(node.child, below.union(LogicalPlan.window(node).readColumns))
            return .window(node)
        case .join(let node): return prune(node, needed)
        case .asofJoin(var node):
            if node.isLeft, needed.isDisjoint(with: node.right.columnIDs) { return prune(node.left, needed) }
            let read = needed.union(plan.readColumns)
            node.left = prune(node.left, read)
            node.right = prune(node.right, read)
            node.outputs = needed
            return .asofJoin(node)
        case .sort(let child, let keys): return .sort(prune(child, needed.union(plan.readColumns)), keys)
        case .limit(let child, let limit, let offset, let percent):
            return .limit(prune(child, needed), limit: limit, offset: offset, percent: percent)
        case .distinct(let child, let on):
            return .distinct(prune(child, on == nil ? child.columnIDs : needed.union(plan.readColumns)), on: on)
        case .setOperation(let operation, let isAll, let left, let right, let columns):
            return prune(operation, isAll, left, right, columns, needed)
        case .scalarRow(let child): return .scalarRow(prune(child, needed.isDisjoint(with: child.columnIDs) ? child.columnIDs : needed))
        default: return plan
        }
    }

    /// Groups decide which rows there are and stay; aggregates that nobody reads go.
    private mutating func prune(_ node: AggregateNode, _ needed: Set<ColumnID>) -> LogicalPlan {
        var copy = node
        copy.aggregates = node.aggregates.filter { needed.contains($0.id) }
        if copy.groups.isEmpty, copy.aggregates.isEmpty, copy.groupingSets == nil { return .singleRow }
        copy.child = prune(node.child, LogicalPlan.aggregate(copy).readColumns)
        return .aggregate(copy)
    }

    private mutating func prune(_ node: JoinNode, _ needed: Set<ColumnID>) -> LogicalPlan {
        if node.kind == .mark, let mark = node.mark, !needed.contains(mark.id) { return prune(node.left, needed) }
        var copy = node
        let read = needed.union(LogicalPlan.join(node).readColumns)
        copy.left = prune(node.left, read)
        copy.right = prune(node.right, read)
        copy.outputs = needed
        return .join(copy)
    }

    /// UNION ALL loses the columns that nobody reads on both sides; the others compare whole rows.
    private mutating func prune(
        _ operation: SetOperator, _ isAll: Bool, _ left: LogicalPlan, _ right: LogicalPlan, _ columns: [OutputColumn],
        _ needed: Set<ColumnID>
    ) -> LogicalPlan {
        let isBag = operation == .union && isAll
        let kept = columns.indices.filter { !isBag || needed.contains(columns[$0].id) }
        let leftColumns = left.columns
        let rightColumns = right.columns
        let first = apply(left, wanted: kept.map { leftColumns[$0] })
        let second = apply(right, wanted: kept.map { rightColumns[$0] })
        return .setOperation(operation, isAll: isAll, first, second, columns: kept.map { columns[$0] })
    }
}
