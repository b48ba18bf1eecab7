import ZLColumnar

/// Joins by equal keys: the right side is held in a table, the left side streams past it.
///
/// Rows come in the order of the left side, matches in the order of the right; unmatched right rows of a full join last. Where left rows
/// without a match are of no use, the left side is told the keys of the right one, and need not give rows with others.
struct HashJoin: PhysicalOperator {
    let node: JoinNode
    let left: any PhysicalOperator
    let right: any PhysicalOperator
    let columns: [OutputColumn]
    /// Places of the columns that are read above.
    private let keptLeft: [Int]
    private let keptRight: [Int]
    /// What rows need not be given for.
    private var filters: [KeyFilter] = []

    init(node: JoinNode, left: any PhysicalOperator, right: any PhysicalOperator) {
        self.node = node
        self.left = left
        self.right = right
        let (leftColumns, rightColumns) = (left.columns, right.columns)
        let outputs = node.outputs
        keptLeft = leftColumns.indices.filter { outputs?.contains(leftColumns[$0].id) ?? true }
        switch node.kind {
        case .semi, .anti, .nullAwareAnti, .mark: keptRight = []
        default: keptRight = rightColumns.indices.filter { outputs?.contains(rightColumns[$0].id) ?? true }
        }
        columns = keptLeft.map { leftColumns[$0] } + keptRight.map { rightColumns[$0] } + (node.mark.map { [$0] } ?? [])
    }

    var children: [any PhysicalOperator] { [left, right] }
    var title: String {
        let keys = node.keys.map { "\($0.left) = \($0.right)" }.joined(separator: " and ")
        return "HashJoin \(node.kind.rawValue) on \(keys)" + (node.residual.map { " and \($0)" } ?? "")
    }

    func keeping(_ filters: [KeyFilter]) -> any PhysicalOperator {
        var copy = self
        copy.filters += filters
        return copy
    }

    func open(_ context: ExecutionContext) throws -> any BatchSource {
        let rightColumns = right.columns.map(\.id)
        let narrowRight = node.kind == .inner ? right.keeping(filters.filter { rightColumns.contains($0.column) }) : right
        let build = try JoinBuild(
            source: narrowRight.open(context), types: right.types, layout: right.layout, keys: node.keys, payload: keptRight, context)
        if build.rowCount == 0, node.kind == .inner || node.kind == .semi { return ChunkSource([]) }
        let probe = try JoinProbe(node: node, left: left, right: right, build: build, keptLeft: keptLeft, keptRight: keptRight)
        let stream = TransformedSource(child: try left.keeping(leftFilters(build)).open(context)) { batch, emit in
            try context.cancellation.check()
            try probe.join(batch, emit: emit)
        }
        guard node.kind == .right || node.kind == .full else { return stream }
        // why: which right rows stay unmatched is known only after the last left row
        let matched = try stream.collect(context)
        let (rows, count) = build.unmatchedRows()
        let padding = columns[..<keptLeft.count].map { ColumnVector.nulls($0.type, count: count) }
        let rest = padding + build.gather(rows.values(UInt32.self), count: count)
        return ConcatenatedSource(parts: [ChunkSource(matched), ColumnSource(rest, rowCount: count)])
    }

    private func leftFilters(_ build: JoinBuild) -> [KeyFilter] {
        // why: right rows that lose their match would come out with NULLs instead
        if node.kind == .right || node.kind == .full { return [] }
        let columns = left.columns.map(\.id)
        let above = filters.filter { columns.contains($0.column) }
        guard node.kind == .inner || node.kind == .semi else { return above }
        let own = zip(node.keys, build.keySets).compactMap { key, set -> KeyFilter? in
            guard case .column(let column) = key.left.kind, let set else { return nil }
            return KeyFilter(column: column, keys: set)
        }
        return above + own
    }
}
