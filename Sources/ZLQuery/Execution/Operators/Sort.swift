import ZLColumnar

/// Orders all rows; equal rows keep their order. Rows that are in order already are handed on as they are.
///
/// Holds its input in memory.
struct Sort: PhysicalOperator {
    let child: any PhysicalOperator
    let keys: [SortKey]

    var columns: [OutputColumn] { child.columns }
    var children: [any PhysicalOperator] { [child] }
    var title: String { "Sort " + keys.map(\.description).joined(separator: ", ") }

    func open(_ context: ExecutionContext) throws -> any BatchSource {
        if let ordered = try OrderedInput.source(child, keys, context) { return ordered }
        let (columns, count) = try child.open(context).columns(context, types: types, keepsCodes: true)
        let sorted = try Sort.sorted(columns, count: count, keys: keys, layout: layout, context)
        return ColumnSource(sorted, rowCount: count)
    }

    /// The columns with their rows in order.
    static func sorted(
        _ columns: [ColumnVector], count: Int, keys: [SortKey], layout: ColumnLayout, _ context: ExecutionContext
    ) throws -> [ColumnVector] {
        let inputs = try keys.map { key in
            let expression = try PhysicalExpression(key.expression, layout)
            let values = try expression.evaluate(DataChunk(columns: columns, rowCount: count))
            return SortInput(values, isDescending: key.isDescending, nullsFirst: key.nullsFirst)
        }
        let order = try SortOrder.permutation(inputs, count: count, threads: context.threads)
        guard let order else { return columns }
        return try columns.gathered(order, count: count, context)
    }
}

extension [ColumnVector] {
    /// Every column's rows at `order`, each column spread over the threads where rows are many.
    func gathered(_ order: Buffer, count: Int, _ context: ExecutionContext) throws -> [ColumnVector] {
        try map { try $0.gather(order.values(UInt32.self), count: count, threads: context.threads) }
    }
}
