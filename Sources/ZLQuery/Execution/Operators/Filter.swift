import ZLColumnar

/// Keeps the rows for which a predicate is true.
struct Filter: PhysicalOperator {
    let child: any PhysicalOperator
    let predicate: BoundExpression

    var columns: [OutputColumn] { child.columns }
    var children: [any PhysicalOperator] { [child] }
    var title: String { "Filter \(predicate)" }

    func open(_ context: ExecutionContext) throws -> any BatchSource {
        let condition = try PhysicalExpression(predicate, child.layout)
        return TransformedSource(child: try child.open(context)) { batch, emit in
            let kept = Selection(whereTrue: try condition.evaluate(batch.chunk))
            if kept.count > 0 { try emit(batch.selecting(kept.rows, count: kept.count)) }
        }
    }
}
