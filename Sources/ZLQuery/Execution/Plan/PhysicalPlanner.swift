import ZLColumnar

/// Chooses an operator for each node of a logical plan.
struct PhysicalPlanner {
    /// Every operator is to count its rows and its time.
    private let measures: Bool
    private var shared: [ObjectIdentifier: SharedResult] = [:]

    /// - Parameter measures: wraps every operator in `Measured`.
    static func plan(_ logical: LogicalPlan, measures: Bool = false) throws(ZLError) -> any PhysicalOperator {
        var planner = PhysicalPlanner(measures: measures)
        return try planner.plan(logical)
    }

    /// - Parameters:
    ///   - needed: the columns that are read above; nil where these may be all.
    ///   - leading: how many rows of each partition of a window are looked at above.
    private mutating func plan(
        _ logical: LogicalPlan, needed: Set<ColumnID>? = nil, leading: (WindowNode) -> Int? = { _ in nil }
    ) throws(ZLError) -> any PhysicalOperator {
        let chosen = try choose(logical, needed, leading)
        return measures ? Measured(measured: chosen) : chosen
    }

    private mutating func choose(
        _ logical: LogicalPlan, _ needed: Set<ColumnID>?, _ leading: (WindowNode) -> Int?
    ) throws(ZLError) -> any PhysicalOperator {
        switch logical {
        case .singleRow: return SingleRow()
        case .tableScan(let scan): return TableRead(scan: scan)
        case .fileScan(let node): return FileRead(node: node)
        case .values(let rows, let columns): return ValuesScan(rows: rows, columns: columns)
        case .materialized(let chunks, let columns): return ChunkScan(columns: columns, chunks: chunks)
        case .series(let node): return SeriesScan(node: node)
        case .filter(let child, let predicate):
            let read = needed?.union(predicate.columnIDs)
            let below = try plan(child, needed: read, leading: { Window.leadingRows($0, predicate) })
            return Filter(child: below, predicate: predicate)
        case .projection(let child, let projections):
            let read = projections.reduce(into: Set<ColumnID>()) { $1.expression.collectColumns(into: &$0) }
            return Project(child: try plan(child, needed: read), projections: projections)
        case .aggregate(let node):
            return HashAggregate(
                child: try plan(node.child), groups: node.groups,
                groupingSets: node.groupingSets ?? [Array(node.groups.indices)], aggregates: node.aggregates,
                needed: needed)
        case .window(let node): return Window(node: node, child: try plan(node.child), needed: needed, leading: leading(node))
        case .join(let node): return try join(node)
        case .asofJoin(let node): return AsofJoin(node: node, left: try plan(node.left), right: try plan(node.right))
        case .sort(let child, let keys): return Sort(child: try plan(child), keys: keys)
        case .limit(let child, let limit, let offset, let percent):
            if case .sort(let input, let keys) = child, let limit, percent == nil, TopN.applies(limit: limit, offset: offset) {
                return TopN(child: try plan(input), keys: keys, limit: limit, offset: offset)
            }
            return LimitRows(child: try plan(child), limit: limit, offset: offset, percent: percent)
        case .distinct(let child, let on): return DistinctRows(child: try plan(child), on: on)
        case .setOperation(let operation, let isAll, let left, let right, let columns):
            return SetOperation(
                operation: operation, isAll: isAll, left: try plan(left), right: try plan(right), columns: columns)
        case .shared(let plan, let columns): return try sharedScan(plan, columns)
        case .scalarRow(let child): return ScalarRow(child: try plan(child))
        }
    }

    private mutating func join(_ node: JoinNode) throws(ZLError) -> any PhysicalOperator {
        let left = try plan(node.left)
        let right = try plan(node.right)
        if node.kind == .positional { return PositionalJoin(left: left, right: right) }
        if node.keys.isEmpty || node.kind == .cross { return NestedLoopJoin(node: node, left: left, right: right) }
        return HashJoin(node: node, left: left, right: right)
    }

    private mutating func sharedScan(_ plan: SharedPlan, _ columns: [OutputColumn]) throws(ZLError) -> any PhysicalOperator {
        let id = ObjectIdentifier(plan)
        if let known = shared[id] { return SharedScan(columns: columns, shared: known) }
        let made = SharedResult(name: plan.name, plan: try self.plan(plan.plan))
        shared[id] = made
        return SharedScan(columns: columns, shared: made)
    }
}

extension TopN {
    /// Few enough rows are wanted that keeping candidates beats sorting all.
    static func applies(limit: Int, offset: Int) -> Bool { limit <= greatestCount && offset <= greatestCount }
}
