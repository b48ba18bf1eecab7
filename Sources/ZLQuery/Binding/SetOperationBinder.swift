import ZLColumnar

/// UNION, INTERSECT, EXCEPT and VALUES: rows from several places under one list of columns.
extension Binder {
    func columnCountMismatch(_ operation: SetOperator, _ left: Int, _ right: Int, _ range: Range<Int>?) -> ZLError {
        ZLError(
            .binding, "column_count", "\(operation.rawValue) needs as many columns on both sides, found \(left) and \(right)",
            range: range)
    }

    mutating func combine(
        _ operation: SetOperator, isAll: Bool, isByName: Bool, _ left: BoundQuery, _ right: BoundQuery, _ range: Range<Int>?
    ) throws(ZLError) -> BoundQuery {
        try countOperator(range)
        var left = left
        var right = right
        if isByName {
            (left, right) = try alignedByName(left, right, range)
        } else if left.columns.count != right.columns.count {
            throw columnCountMismatch(operation, left.columns.count, right.columns.count, range)
        }
        var types: [DataType] = []
        for (first, second) in zip(left.columns, right.columns) {
            guard let type = TypeUnification.plainCommonType([first.type, second.type]) else {
                throw ZLError(
                    .binding, "type_mismatch",
                    "\(operation.rawValue) cannot mix \(first.type) and \(second.type) in the column \"\(first.name)\"",
                    hint: "add an explicit cast", range: range)
            }
            types.append(type)
        }
        let first = try assign(left, to: zip(left.columns, types).map { ($0.name, $1) })
        let second = try assign(right, to: zip(left.columns, types).map { ($0.name, $1) })
        let columns = zip(left.columns, types).map { column, type in newColumn(column.name, type) }
        return BoundQuery(
            plan: .setOperation(operation, isAll: isAll, first.plan, second.plan, columns: columns), columns: columns)
    }

    /// Both sides with the columns of both, by name; NULL where a side has none.
    private mutating func alignedByName(
        _ left: BoundQuery, _ right: BoundQuery, _ range: Range<Int>?
    ) throws(ZLError) -> (BoundQuery, BoundQuery) {
        var names = left.columns.map(\.name)
        names += right.columns.map(\.name).filter { name in !names.contains { $0.isSameName(as: name) } }
        for side in [left, right] {
            let keys = side.columns.map(\.name.nameKey)
            guard Set(keys).count == keys.count else {
                throw ZLError(.binding, "ambiguous_column", "BY NAME needs columns of different names on each side", range: range)
            }
        }
        return (aligned(left, names), aligned(right, names))
    }

    private mutating func aligned(_ query: BoundQuery, _ names: [String]) -> BoundQuery {
        var projections: [Projection] = []
        var columns: [OutputColumn] = []
        for name in names {
            let source = query.columns.first { $0.name.isSameName(as: name) }
            let expression = source.map { BoundExpression.column($0) } ?? .constant(.null, .null)
            let column = newColumn(name, expression.type)
            projections.append(Projection(id: column.id, expression: expression))
            columns.append(column)
        }
        return BoundQuery(plan: .projection(query.plan, projections), columns: columns)
    }

    /// `VALUES (1, 'a'), (2, 'b')`: columns col0, col1, ... of the types that the rows have in common.
    mutating func bindValues(_ rows: [[Expression]]) throws(ZLError) -> BoundQuery {
        let width = rows.first?.count ?? 0
        var bound: [[BoundExpression]] = []
        bound.reserveCapacity(rows.count)
        var environment = ExpressionEnvironment(.values, Scope())
        environment.allowsSubqueries = true
        for row in rows {
            guard row.count == width else {
                throw ZLError(
                    .binding, "column_count", "every row of VALUES needs \(width) values, found \(row.count)",
                    range: row.first.flatMap { place($0.range) })
            }
            bound.append(try bind(row, &environment))
        }
        guard environment.joins.isEmpty else { throw ZLError.notYet("a subquery in VALUES") }
        var columns: [OutputColumn] = []
        for position in 0..<width {
            let unified = try unify(bound.map { $0[position] }, "VALUES")
            for row in bound.indices { bound[row][position] = unified.expressions[row] }
            columns.append(newColumn("col\(position)", unified.type))
        }
        return BoundQuery(plan: .values(rows: bound, columns: columns), columns: columns)
    }
}
