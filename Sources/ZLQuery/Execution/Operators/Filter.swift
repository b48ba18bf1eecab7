import ZLColumnar

/// Keeps the rows for which a predicate is true.
struct Filter: PhysicalOperator {
    let child: any PhysicalOperator
    let predicate: BoundExpression

    var columns: [OutputColumn] { child.columns }
    var children: [any PhysicalOperator] { [child] }
    var title: String { "Filter \(predicate)" }

    var isRereadable: Bool { child.isRereadable && !predicate.isVolatile }

    func giving(atLeast needed: Set<ColumnID>) -> any PhysicalOperator {
        Filter(child: child.giving(atLeast: needed.union(predicate.columnIDs)), predicate: predicate)
    }

    func stopping(at bar: KeyBar, of column: ColumnID) -> any PhysicalOperator {
        predicate.cannotFail ? Filter(child: child.stopping(at: bar, of: column), predicate: predicate) : self
    }

    func keeping(_ filters: [KeyFilter]) -> any PhysicalOperator {
        predicate.cannotFail && !predicate.isVolatile ? Filter(child: child.keeping(filters), predicate: predicate) : self
    }

    func wholeBounds(of column: ColumnID) -> ClosedRange<Int64>? { child.wholeBounds(of: column) }

    func open(_ context: ExecutionContext) throws -> any BatchSource {
        let condition = Conjunction([try PhysicalExpression(predicate, child.layout)])
        let source = try child.open(context)
        return TransformedSource(child: source, rowLimit: source.rowLimit) { batch, emit in
            guard let kept = try condition.rows(of: batch.chunk) else { return try emit(batch) }
            if kept.count > 0 { try emit(batch.selecting(kept.rows, count: kept.count)) }
        }
    }
}
