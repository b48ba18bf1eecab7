import ZLColumnar
import ZLFunctions

/// What an aggregation reads of its input: the keys, then every distinct argument, filter and order key of its calls.
///
/// Evaluation is apart from aggregation so that threads may do the one while groups are still owned by one thread each.
struct AggregateInputs: Sendable {
    /// A call and where its inputs stand.
    // why: a struct of so many parts would be copied, and each part retained, wherever it is named
    final class Call: Sendable {
        let aggregate: BoundAggregate
        let arguments: [Int]
        let filter: Int?
        let order: [Int]
        var types: [DataType] { aggregate.signature.arguments }

        init(aggregate: BoundAggregate, arguments: [Int], filter: Int?, order: [Int]) {
            self.aggregate = aggregate
            self.arguments = arguments
            self.filter = filter
            self.order = order
        }
    }

    private(set) var calls: [Call] = []
    let keyCount: Int
    private var expressions: [PhysicalExpression] = []
    /// For each input, the input that says for which rows it is evaluated.
    private var guards: [Int?] = []
    /// Columns of the child that are inputs as they are.
    private var columnPlaces: [Int: Int] = [:]
    /// The child's columns that are the inputs, where all are columns.
    private var onlyColumns: [Int]?

    init(
        keys: [BoundExpression], aggregates: [BoundAggregate], layout: ColumnLayout
    ) throws(ZLError) {
        keyCount = keys.count
        for key in keys {
            expressions.append(try PhysicalExpression(key, layout))
            guards.append(nil)
        }
        for aggregate in aggregates {
            var filter: Int?
            if let condition = aggregate.filter { filter = add(try PhysicalExpression(condition, layout), guardedBy: nil) }
            var arguments: [Int] = []
            for argument in aggregate.arguments {
                arguments.append(add(try PhysicalExpression(argument, layout), guardedBy: filter))
            }
            var order: [Int] = []
            for key in aggregate.orderBy {
                order.append(add(try PhysicalExpression(key.expression, layout), guardedBy: filter))
            }
            calls.append(Call(aggregate: aggregate, arguments: arguments, filter: filter, order: order))
        }
        let places = expressions.compactMap { if case .column(let place) = $0 { place } else { nil } }
        if places.count == expressions.count { onlyColumns = places }
    }

    /// Whether columns of the child as they are is all that is read, and every call takes all of their rows.
    var areColumns: Bool { onlyColumns != nil && calls.allSatisfy { $0.filter == nil && $0.order.isEmpty && !$0.aggregate.isDistinct } }

    private mutating func add(_ expression: PhysicalExpression, guardedBy filter: Int?) -> Int {
        if case .column(let position) = expression {
            if let known = columnPlaces[position] { return known }
            columnPlaces[position] = expressions.count
        }
        expressions.append(expression)
        switch expression {
        case .column, .constant: guards.append(nil)
        default: guards.append(filter)
        }
        return expressions.count - 1
    }

    /// The inputs as a batch of their own. Under a row that its filter keeps out an input is NULL: it could have failed there.
    func evaluate(_ batch: Batch) throws(ZLError) -> Batch {
        if let onlyColumns { return batch.giving(onlyColumns) }
        var columns: [ColumnVector] = []
        columns.reserveCapacity(expressions.count)
        for (expression, filter) in zip(expressions, guards) {
            if let filter {
                columns.append(try AggregateInputs.evaluate(expression, batch.chunk, whereTrue: columns[filter]))
            } else {
                columns.append(try expression.evaluate(batch.chunk))
            }
        }
        return batch.with(columns)
    }

    private static func evaluate(
        _ expression: PhysicalExpression, _ chunk: DataChunk, whereTrue filter: ColumnVector
    ) throws(ZLError) -> ColumnVector {
        let count = chunk.rowCount
        let kept = Selection(whereTrue: filter)
        if kept.count == count { return try expression.evaluate(chunk) }
        // why: the type of no rows is known from the expression's value of no rows only
        let values = try expression.evaluate(chunk.gather(kept.rows, count: kept.count))
        if kept.count == 0 { return .nulls(values.type, count: count) }
        let places = Buffer(byteCount: max(16, count * 4))
        let targets = places.values(UInt32.self)
        targets.update(repeating: ColumnVector.noRow, count: count)
        for index in 0..<kept.count { targets[Int(kept.rows[index])] = UInt32(index) }
        return values.flattened().gather(targets, count: count, allowsMissing: true)
    }
}
