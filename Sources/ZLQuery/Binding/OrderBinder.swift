import ZLColumnar

/// ORDER BY keys.
extension Binder {
    /// An ORDER BY item as a key; direction and place of NULLs from the settings where it does not say.
    mutating func bindSortKey(
        _ item: OrderItem, _ environment: inout ExpressionEnvironment
    ) throws(ZLError) -> SortKey {
        sortKey(try bind(item.expression, &environment), item.direction, item.nulls)
    }

    func sortKey(_ expression: BoundExpression, _ direction: SortDirection?, _ nulls: NullOrder?) -> SortKey {
        let isDescending = (direction ?? context.settings.defaultOrder) == .descending
        let nullsFirst =
            nulls.map { $0 == .first } ?? context.settings.defaultNullOrder.nullsFirst(isDescending: isDescending)
        return SortKey(expression: expression, isDescending: isDescending, nullsFirst: nullsFirst)
    }

    /// The position in the SELECT list that an integer literal of ORDER BY or GROUP BY means.
    func outputPosition(
        _ expression: Expression, count: Int, _ clause: String
    ) throws(ZLError) -> Int? {
        guard case .literal(.integer(let digits)) = expression.kind else { return nil }
        guard let position = Int(digits), position >= 1, position <= count else {
            throw ZLError(
                .binding, "bad_position", "\(clause) \(digits) is not a position of the SELECT list, which has 1 to \(count)",
                range: place(expression.range))
        }
        return position - 1
    }

    /// ORDER BY over a set operation or VALUES: by the result's columns.
    mutating func bindOutputOrder(_ orderBy: OrderBy, _ query: BoundQuery) throws(ZLError) -> BoundQuery {
        var keys: [SortKey] = []
        switch orderBy {
        case .all(let direction, let nulls):
            keys = query.columns.map { sortKey(.column($0), direction, nulls) }
        case .items(let items):
            var environment = ExpressionEnvironment(.orderBy, Scope(name: "", columns: query.columns))
            for item in items {
                if let position = try outputPosition(item.expression, count: query.columns.count, "ORDER BY") {
                    keys.append(sortKey(.column(query.columns[position]), item.direction, item.nulls))
                } else {
                    keys.append(try bindSortKey(item, &environment))
                }
            }
        }
        return BoundQuery(plan: .sort(query.plan, keys), columns: query.columns)
    }
}
