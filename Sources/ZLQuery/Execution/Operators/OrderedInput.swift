import ZLColumnar

/// ORDER BY over rows that stand in that order: nothing to sort.
enum OrderedInput {
    /// The rows as they come, where they can be read twice and are in the order of `keys`; nil else.
    ///
    /// - Complexity: one pass over the keys, which ends at the first rows out of order; zone maps answer for tables.
    static func source(_ child: any PhysicalOperator, _ keys: [SortKey], _ context: ExecutionContext) throws -> (any BatchSource)? {
        guard child.isRereadable else { return nil }
        var read: Set<ColumnID> = []
        for key in keys { key.expression.collectColumns(into: &read) }
        let narrow = child.giving(atLeast: read)
        let order = try WindowKeys(BoundWindow(partitionBy: [], orderBy: keys), narrow.layout)
        guard try OrderedRows.find(try narrow.open(context), order, context) != nil else { return nil }
        return try child.open(context)
    }
}
