import ZLColumnar

/// Pairs the first rows, the second rows and so on; the shorter side is filled up with NULLs.
struct PositionalJoin: PhysicalOperator {
    let left: any PhysicalOperator
    let right: any PhysicalOperator

    var columns: [OutputColumn] { left.columns + right.columns }
    var children: [any PhysicalOperator] { [left, right] }
    var title: String { "PositionalJoin" }

    func open(_ context: ExecutionContext) throws -> any BatchSource {
        let a = try left.open(context).columns(context, types: left.types)
        let b = try right.open(context).columns(context, types: right.types)
        let count = max(a.rowCount, b.rowCount)
        func padded(_ side: (columns: [ColumnVector], rowCount: Int)) -> [ColumnVector] {
            side.columns.map { column in
                side.rowCount == count
                    ? column : .concatenate([column, .nulls(column.type, count: count - side.rowCount)], type: column.type)
            }
        }
        return ColumnSource(padded(a) + padded(b), rowCount: count)
    }
}
