import ZLColumnar

/// NOT NULL and CHECK over rows that are about to enter a table.
struct RowChecks {
    let definition: TableDefinition
    let session: Session

    /// - Throws: class constraint, naming the column or the condition, at the first row that breaks it.
    func check(_ chunks: [DataChunk]) throws(ZLError) {
        try checkNotNull(chunks)
        for check in definition.checks { try self.check(check, chunks) }
    }

    private func checkNotNull(_ chunks: [DataChunk]) throws(ZLError) {
        for (place, column) in definition.columns.enumerated() where column.isNotNull {
            var start = 0
            for chunk in chunks {
                let vector = chunk.columns[place]
                if vector.nullCount() > 0, let row = (0..<chunk.rowCount).first(where: vector.isNull) {
                    throw ZLError(
                        .constraint, "not_null",
                        "the column \"\(column.name)\" of \"\(definition.fullName)\" is NOT NULL, found NULL in row \(start + row + 1)")
                }
                start += chunk.rowCount
            }
        }
    }

    /// A condition that is NULL holds, as in standard SQL.
    private func check(_ condition: Expression, _ chunks: [DataChunk]) throws(ZLError) {
        var binder = session.makeBinder()
        let columns = definition.columns.map { binder.newColumn($0.name, $0.type) }
        let bound = try session.withoutRange { () throws(ZLError) in
            try binder.cast(binder.bind(condition, over: columns, tableName: definition.name), to: .boolean)
        }
        let broken = BoundExpression(.not(bound), type: .boolean)
        let plan = LogicalPlan.limit(
            .filter(.materialized(chunks: chunks, columns: columns), broken), limit: 1, offset: 0, percent: nil)
        guard let found = try session.executor().collect(plan).first, found.rowCount > 0 else { return }
        let values = zip(definition.columns, found.columns).map { column, vector in
            "\(column.name) = \(vector.isNull(0) ? "NULL" : TextFormat.text(of: vector, row: 0))"
        }
        throw ZLError(
            .constraint, "check",
            "CHECK (\(condition.canonicalText)) of \"\(definition.fullName)\" does not hold for \(values.joined(separator: ", "))")
    }
}
