import ZLColumnar

/// The GROUP BY of a query.
struct Grouping {
    var groups: [Projection] = []
    /// Indices into `groups`; nil stands for the one set of all.
    var sets: [[Int]]?
}

/// GROUP BY: expressions, positions, aliases, ALL, ROLLUP, CUBE, GROUPING SETS.
extension Binder {
    /// More sets than this are refused: CUBE doubles them with each expression.
    private static let maximumGroupingSets = 4096

    mutating func bindGrouping(
        _ elements: [GroupingElement], _ list: [SelectColumn], _ scope: Scope, _ joins: inout [PendingJoin]
    ) throws(ZLError) -> Grouping {
        var environment = ExpressionEnvironment(.groupBy, scope)
        environment.allowsSubqueries = true
        environment.openAliases = Binder.openAliases(list)
        var grouping = Grouping()
        var sets: [[Int]] = [[]]
        var isPlain = true
        for element in elements {
            let added = try bindElement(element, list, &grouping, &environment)
            if added.count != 1 { isPlain = false }
            guard sets.count * added.count <= Binder.maximumGroupingSets else {
                throw ZLError(
                    .binding, "too_many_sets", "GROUP BY makes more than \(Binder.maximumGroupingSets) grouping sets")
            }
            sets = sets.flatMap { set in added.map { set + $0 } }
        }
        if !isPlain { grouping.sets = sets.map(Binder.withoutRepeats) }
        joins += environment.joins
        return grouping
    }

    private static func withoutRepeats(_ indices: [Int]) -> [Int] {
        indices.enumerated().filter { !indices[..<$0.offset].contains($0.element) }.map(\.element)
    }

    /// The sets that an element stands for.
    private mutating func bindElement(
        _ element: GroupingElement, _ list: [SelectColumn], _ grouping: inout Grouping,
        _ environment: inout ExpressionEnvironment
    ) throws(ZLError) -> [[Int]] {
        switch element {
        case .empty: return [[]]
        case .expression(let expression):
            return [try bindGroup(Binder.members(expression), list, &grouping, &environment)]
        case .rollup(let levels):
            var sets: [[Int]] = [[]]
            for level in levels {
                let last = sets[sets.count - 1]
                sets.append(last + (try bindGroup(level, list, &grouping, &environment)))
            }
            return sets.reversed()
        case .cube(let levels):
            var sets: [[Int]] = [[]]
            for level in levels {
                let added = try bindGroup(level, list, &grouping, &environment)
                guard sets.count <= Binder.maximumGroupingSets / 2 else {
                    throw ZLError(
                        .binding, "too_many_sets", "CUBE makes more than \(Binder.maximumGroupingSets) grouping sets")
                }
                sets = sets.flatMap { [$0 + added, $0] }
            }
            return sets
        case .groupingSets(let elements):
            var sets: [[Int]] = []
            for element in elements { sets += try bindElement(element, list, &grouping, &environment) }
            return sets
        }
    }

    private static func members(_ expression: Expression) -> [Expression] {
        if case .row(let members) = expression.kind { return members }
        return [expression]
    }

    private mutating func bindGroup(
        _ expressions: [Expression], _ list: [SelectColumn], _ grouping: inout Grouping,
        _ environment: inout ExpressionEnvironment
    ) throws(ZLError) -> [Int] {
        var indices: [Int] = []
        for expression in expressions {
            let bound: BoundExpression
            if let position = try outputPosition(expression, count: list.count, "GROUP BY") {
                switch list[position].content {
                case .bound(let column): bound = column
                case .expression(let item): bound = try bind(item, &environment)
                }
            } else {
                bound = try bind(expression, &environment)
            }
            if let known = grouping.groups.firstIndex(where: { $0.expression.isSame(as: bound) }) {
                indices.append(known)
            } else {
                indices.append(grouping.groups.count)
                grouping.groups.append(Projection(id: newColumnID(), expression: bound))
            }
        }
        return indices
    }

    /// GROUP BY ALL: every expression of the SELECT list without an aggregate.
    mutating func groupingOfAll(_ state: SelectState) throws(ZLError) -> Grouping {
        let aggregates = Set(state.environment.aggregates.map(\.id))
        let made = state.environment.madeColumns
        var grouping = Grouping()
        for expression in state.expressions where expression.columnIDs.isDisjoint(with: aggregates) {
            let ids = expression.columnIDs
            guard ids.isDisjoint(with: made), !ids.isEmpty,
                !grouping.groups.contains(where: { $0.expression.isSame(as: expression) })
            else { continue }
            grouping.groups.append(Projection(id: newColumnID(), expression: expression))
        }
        return grouping
    }

    /// The aggregation over `source`; the expressions of `state` then read its columns.
    mutating func aggregate(_ source: LogicalPlan, _ state: inout SelectState) throws(ZLError) -> LogicalPlan {
        let columns = GroupedColumns(
            groups: state.grouping.groups, made: state.environment.madeColumns, scope: state.environment.scope)
        state.expressions = try columns.rewrite(state.expressions)
        if let having = state.having { state.having = try columns.rewrite(having) }
        if let qualify = state.qualify { state.qualify = try columns.rewrite(qualify) }
        state.distinctOn = try columns.rewrite(state.distinctOn)
        for index in state.orderBy.indices {
            if case .expression(let expression) = state.orderBy[index].reference {
                state.orderBy[index].reference = .expression(try columns.rewrite(expression))
            }
        }
        for index in state.environment.windows.indices {
            state.environment.windows[index] = try columns.rewrite(state.environment.windows[index])
        }
        for index in state.environment.joins.indices {
            state.environment.joins[index] = try columns.rewrite(state.environment.joins[index])
        }
        return .aggregate(
            AggregateNode(
                child: source, groups: state.grouping.groups, groupingSets: state.grouping.sets,
                aggregates: state.environment.aggregates))
    }
}
