import ZLColumnar

/// Computes one column an expression.
struct Project: PhysicalOperator {
    let child: any PhysicalOperator
    let projections: [Projection]

    var columns: [OutputColumn] { projections.map(\.outputColumn) }
    var children: [any PhysicalOperator] { [child] }
    var title: String { "Projection " + projections.map { "\($0.expression)" }.joined(separator: ", ") }

    var isRereadable: Bool { child.isRereadable && !projections.contains { $0.expression.isVolatile } }

    func giving(atLeast needed: Set<ColumnID>) -> any PhysicalOperator {
        let kept = projections.filter { needed.contains($0.id) }
        let read = kept.reduce(into: Set<ColumnID>()) { $1.expression.collectColumns(into: &$0) }
        return Project(child: child.giving(atLeast: read), projections: kept)
    }

    func stopping(at bar: KeyBar, of column: ColumnID) -> any PhysicalOperator {
        guard projections.allSatisfy(\.expression.cannotFail),
            case .column(let source) = projections.first(where: { $0.id == column })?.expression.kind
        else { return self }
        return Project(child: child.stopping(at: bar, of: source), projections: projections)
    }

    func keeping(_ filters: [KeyFilter]) -> any PhysicalOperator {
        guard projections.allSatisfy({ $0.expression.cannotFail && !$0.expression.isVolatile }) else { return self }
        let below = filters.compactMap { filter -> KeyFilter? in
            guard case .column(let source) = projections.first(where: { $0.id == filter.column })?.expression.kind else { return nil }
            return KeyFilter(column: source, keys: filter.keys)
        }
        return Project(child: child.keeping(below), projections: projections)
    }

    func wholeBounds(of column: ColumnID) -> ClosedRange<Int64>? {
        guard case .column(let source) = projections.first(where: { $0.id == column })?.expression.kind else { return nil }
        return child.wholeBounds(of: source)
    }

    func sharedTexts(of column: ColumnID, _ context: ExecutionContext) throws(ZLError) -> ColumnVector? {
        guard case .column(let source) = projections.first(where: { $0.id == column })?.expression.kind else { return nil }
        return try child.sharedTexts(of: source, context)
    }

    func open(_ context: ExecutionContext) throws -> any BatchSource {
        let expressions = try PhysicalExpression.all(projections.map(\.expression), child.layout)
        let source = try child.open(context)
        let places = expressions.compactMap { if case .column(let place) = $0 { place } else { nil } }
        return TransformedSource(
            child: source, rowLimit: source.rowLimit, places: places.count == expressions.count ? places : nil
        ) { batch, emit in
            var columns: [ColumnVector] = []
            columns.reserveCapacity(expressions.count)
            for expression in expressions { columns.append(try expression.evaluate(batch.chunk)) }
            try emit(batch.with(columns))
        }
    }
}
