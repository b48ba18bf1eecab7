import ZLColumnar

/// One SELECT. Clauses are bound in the order of their evaluation and put on top of each other:
///
/// FROM, WHERE, [aggregation, HAVING], windows, QUALIFY, SELECT list, DISTINCT, ORDER BY, LIMIT.
///
/// Expressions behind an aggregation are first bound as if they stood before it, with a column for each aggregate; then
/// what equals a grouping expression becomes its column, and any other column of FROM is an error (`GroupedColumns`).
extension Binder {
    mutating func bindSelect(
        _ select: Select, orderBy: OrderBy?, limit: Limit?, offset: Expression?
    ) throws(ZLError) -> BoundQuery {
        if select.sample != nil { throw ZLError.notYet("USING SAMPLE", range: place(select.range)) }
        let source = try bindFrom(select.from)
        let list = try expand(select.items, source.scope)
        var plan = source.plan
        if let filter = select.filter { plan = try bindWhere(filter, list, plan, source.scope) }

        var state = SelectState(list, ExpressionEnvironment(.selectList, source.scope))
        state.environment.allowsAggregates = true
        state.environment.allowsWindows = true
        state.environment.allowsSubqueries = true
        for window in select.windows {
            let key = window.name.text.nameKey
            guard state.environment.namedWindows.updateValue(window, forKey: key) == nil else {
                throw ZLError(
                    .binding, "duplicate_window", "the window \"\(window.name.text)\" is defined twice",
                    range: place(window.name.range))
            }
        }
        var sourceJoins: [PendingJoin] = []
        if case .elements(let elements)? = select.groupBy {
            state.grouping = try bindGrouping(elements, list, source.scope, &sourceJoins)
        }
        try bindList(&state)
        if case .all? = select.groupBy { state.grouping = try groupingOfAll(state) }
        try bindFilters(select, &state)
        try bindDistinctAndOrder(select.distinct, orderBy, &state)
        sourceJoins += state.environment.sourceJoins

        let isAggregated = select.groupBy != nil || select.having != nil || !state.environment.aggregates.isEmpty
        if isAggregated {
            for join in sourceJoins { plan = join.applied(to: plan) }
            plan = try aggregate(plan, &state)
        }
        return try finish(plan, state, limit, offset)
    }

    /// WHERE: subqueries of its conjuncts become joins.
    private mutating func bindWhere(
        _ filter: Expression, _ list: [SelectColumn], _ plan: LogicalPlan, _ scope: Scope
    ) throws(ZLError) -> LogicalPlan {
        var environment = ExpressionEnvironment(.filter, scope)
        environment.allowsSubqueries = true
        environment.openAliases = Binder.openAliases(list)
        return try bindFilter(filter, over: plan, &environment)
    }

    static func openAliases(_ list: [SelectColumn]) -> [(name: String, expression: Expression)] {
        list.compactMap { column in
            guard column.isAlias, case .expression(let expression) = column.content else { return nil }
            return (column.name, expression)
        }
    }

    private mutating func bindList(_ state: inout SelectState) throws(ZLError) {
        for column in state.list {
            let bound: BoundExpression
            switch column.content {
            case .bound(let expression): bound = expression
            case .expression(let expression): bound = try checked(try bind(expression, &state.environment))
            }
            state.expressions.append(bound)
            if column.isAlias {
                state.environment.aliases.append(ExpressionEnvironment.Alias(name: column.name, expression: bound))
            }
        }
    }

    private mutating func bindFilters(_ select: Select, _ state: inout SelectState) throws(ZLError) {
        if let having = select.having {
            state.environment.clause = .having
            state.environment.allowsWindows = false
            state.having = try condition(try bind(having, &state.environment), "HAVING")
            state.environment.allowsWindows = true
        }
        if let qualify = select.qualify {
            state.environment.clause = .qualify
            state.qualify = try condition(try bind(qualify, &state.environment), "QUALIFY")
            guard !state.environment.windows.isEmpty else {
                throw ZLError(
                    .binding, "missing_window", "QUALIFY needs a window function in it or in the SELECT list",
                    hint: "use WHERE or HAVING", range: place(qualify.range))
            }
        }
    }

    private mutating func bindDistinctAndOrder(
        _ distinct: Distinct, _ orderBy: OrderBy?, _ state: inout SelectState
    ) throws(ZLError) {
        if case .all = distinct { state.isDistinct = true }
        if case .on(let expressions) = distinct {
            state.environment.clause = .distinctOn
            var keys: [SelectState.Reference] = []
            for expression in expressions { keys.append(try bindReference(expression, &state)) }
            state.distinctOn = keys
        }
        state.environment.clause = .orderBy
        switch orderBy {
        case nil: break
        case .all(let direction, let nulls):
            for position in state.list.indices {
                state.orderBy.append((.position(position), sortKey(.boolean(true), direction, nulls)))
            }
        case .items(let items):
            for item in items {
                let reference = try bindReference(item.expression, &state)
                state.orderBy.append((reference, sortKey(.boolean(true), item.direction, item.nulls)))
            }
        }
    }

    /// A position, a name of the SELECT list (an alias before others), or an expression of its own, in which columns of FROM
    /// come before aliases.
    private mutating func bindReference(
        _ expression: Expression, _ state: inout SelectState
    ) throws(ZLError) -> SelectState.Reference {
        if let position = try outputPosition(expression, count: state.list.count, state.environment.clause.rawValue) {
            return .position(position)
        }
        if case .column(let parts) = expression.kind, parts.count == 1 {
            let named = state.list.indices.filter { state.list[$0].name.isSameName(as: parts[0].text) }
            if let position = named.first(where: { state.list[$0].isAlias }) ?? named.first { return .position(position) }
        }
        return .expression(try bind(expression, &state.environment))
    }
}

/// What is known of a SELECT while it is bound.
struct SelectState {
    /// What ORDER BY and DISTINCT ON sort and compare by.
    enum Reference {
        case position(Int)
        case expression(BoundExpression)
    }

    let list: [SelectColumn]
    var environment: ExpressionEnvironment
    /// The SELECT list, bound; as long as `list` once it is.
    var expressions: [BoundExpression] = []
    var grouping = Grouping()
    var having: BoundExpression?
    var qualify: BoundExpression?
    var isDistinct = false
    var distinctOn: [Reference]?
    /// The keys' own expressions are placeholders.
    var orderBy: [(reference: Reference, key: SortKey)] = []

    init(_ list: [SelectColumn], _ environment: ExpressionEnvironment) {
        self.list = list
        self.environment = environment
    }
}
