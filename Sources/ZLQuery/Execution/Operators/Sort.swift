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
        let (columns, count) = try child.open(context).columns(context, types: types)
        let sorted = try Sort.sorted(columns, count: count, keys: keys, layout: layout, context)
        return ColumnSource(sorted, rowCount: count)
    }

    /// The columns with their rows in order.
    static func sorted(
        _ columns: [ColumnVector], count: Int, keys: [SortKey], layout: ColumnLayout, _ context: ExecutionContext
    ) throws -> [ColumnVector] {
        let sortColumns = try keys.map { key in
            let expression = try PhysicalExpression(key.expression, layout)
            let values = try expression.evaluate(DataChunk(columns: columns, rowCount: count))
            return SortColumn(values, isDescending: key.isDescending, nullsFirst: key.nullsFirst)
        }
        let order = try SortOrder(sortColumns, count: count).permutation(threads: context.threads)
        guard let order else { return columns }
        return try columns.gathered(order, count: count, context)
    }
}

extension [ColumnVector] {
    /// Every column's rows at `order`, columns spread over the threads where rows are many.
    func gathered(_ order: Buffer, count: Int, _ context: ExecutionContext) throws -> [ColumnVector] {
        let slots = VectorSlots(count: self.count)
        try WorkerPool.shared.forEach(count: self.count, threads: count > 50_000 ? context.threads : 1) { index in
            slots[index] = self[index].gather(order.values(UInt32.self), count: count)
        }
        return slots.vectors
    }
}
