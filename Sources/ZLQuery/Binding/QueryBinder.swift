import ZLColumnar

/// Whole queries: WITH, the body by its kind, and ORDER BY and LIMIT around a body that is no SELECT.
extension Binder {
    mutating func bindQuery(_ query: Query) throws(ZLError) -> BoundQuery {
        guard queryDepth < Binder.maximumQueryDepth else {
            throw ZLError(
                .binding, "too_deep", "queries are nested more than \(Binder.maximumQueryDepth) deep", range: place(query.range))
        }
        queryDepth += 1
        let outer = commonTables
        commonTables.append([:])
        for table in query.with { try bindCommonTable(table, isRecursive: query.isRecursive) }
        let bound: BoundQuery
        if case .select(let select) = query.body {
            bound = try bindSelect(select, orderBy: query.orderBy, limit: query.limit, offset: query.offset)
        } else {
            var body = try bindBody(query.body)
            if let orderBy = query.orderBy { body = try bindOutputOrder(orderBy, body) }
            bound = try bindLimit(query.limit, query.offset, body)
        }
        commonTables = outer
        queryDepth -= 1
        return bound
    }

    private mutating func bindBody(_ body: QueryBody) throws(ZLError) -> BoundQuery {
        switch body {
        case .select(let select): return try bindSelect(select, orderBy: nil, limit: nil, offset: nil)
        case .values(let rows): return try bindValues(rows)
        case .setOperation: return try bindSetOperation(body)
        case .query(let query): return try bindQuery(query)
        case .show: throw ZLError.notYet("DESCRIBE and SHOW as a table")
        case .table(let reference): throw ZLError.notYet("PIVOT and UNPIVOT", range: place(reference.range))
        }
    }

    /// A chain of set operations can be as long as the text; its left spine is walked, not recursed into.
    private mutating func bindSetOperation(_ body: QueryBody) throws(ZLError) -> BoundQuery {
        var pending: [(operation: SetOperator, isAll: Bool, isByName: Bool, right: QueryBody, range: Range<Int>)] = []
        var left = body
        while case .setOperation(let operation, let isAll, let isByName, let next, let right, let range) = left {
            pending.append((operation, isAll, isByName, right, range))
            left = next
        }
        var bound = try bindBody(left)
        for step in pending.reversed() {
            let right = try bindBody(step.right)
            bound = try combine(
                step.operation, isAll: step.isAll, isByName: step.isByName, bound, right, place(step.range))
        }
        return bound
    }

    /// LIMIT and OFFSET: constants, known before the query runs.
    mutating func bindLimit(
        _ limit: Limit?, _ offset: Expression?, _ query: BoundQuery
    ) throws(ZLError) -> BoundQuery {
        guard limit != nil || offset != nil else { return query }
        var rows: Int?
        var percent: Double?
        switch limit {
        case .rows(let expression): rows = try bindRowCount(expression, "LIMIT")
        case .percent(let expression): percent = try bindPercent(expression)
        case nil: break
        }
        var skipped = 0
        if let offset { skipped = try bindRowCount(offset, "OFFSET") ?? 0 }
        if rows == nil, percent == nil, skipped == 0 { return query }
        return BoundQuery(
            plan: .limit(query.plan, limit: rows, offset: skipped, percent: percent), columns: query.columns)
    }

    private mutating func bindRowCount(_ expression: Expression, _ what: String) throws(ZLError) -> Int? {
        let bound = try bindLimitConstant(expression, what)
        let value = try constantArgument(try cast(bound, to: .bigint), what)
        guard case .integer(let count) = value else { return nil }
        guard count >= 0 else {
            throw ZLError(.binding, "bad_limit", "\(what) cannot be negative, found \(count)", range: place(expression.range))
        }
        return Int(count)
    }

    private mutating func bindPercent(_ expression: Expression) throws(ZLError) -> Double? {
        let bound = try bindLimitConstant(expression, "LIMIT")
        guard case .double(let percent) = try constantArgument(try cast(bound, to: .double), "LIMIT") else { return nil }
        guard percent >= 0, percent <= 100 else {
            throw ZLError(
                .binding, "bad_limit", "LIMIT takes 0 to 100 percent, found \(percent)", range: place(expression.range))
        }
        return percent
    }

    private mutating func bindLimitConstant(_ expression: Expression, _ what: String) throws(ZLError) -> BoundExpression {
        if case .subquery = expression.kind {
            throw ZLError.notYet("a subquery in \(what)", range: place(expression.range))
        }
        var environment = ExpressionEnvironment(.constant, Scope())
        return try bind(expression, &environment)
    }
}
