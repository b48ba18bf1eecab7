import ZLColumnar

/// Where an expression stands: the names it sees, and what becomes of aggregates, windows and subqueries in it.
struct ExpressionEnvironment {
    /// The part of a statement, as messages call it.
    enum Clause: String {
        case constant = "a constant expression"
        case plain = "this expression"
        case values = "VALUES"
        case selectList = "the SELECT list"
        case filter = "WHERE"
        case joinCondition = "a join condition"
        case groupBy = "GROUP BY"
        case having = "HAVING"
        case qualify = "QUALIFY"
        case orderBy = "ORDER BY"
        case distinctOn = "DISTINCT ON"
        case aggregateArgument = "an aggregate's argument"
        case windowArgument = "a window function's argument"
    }

    /// A column that an alias of the SELECT list names.
    struct Alias {
        var name: String
        var expression: BoundExpression
    }

    var clause: Clause
    var scope: Scope
    /// Aliases of the SELECT list that may be used here, later ones after earlier ones.
    var aliases: [Alias] = []
    /// Aliases of the SELECT list in clauses that come before it, bound where they are used.
    var openAliases: [(name: String, expression: Expression)] = []
    var allowsAggregates = false
    var allowsWindows = false
    var allowsSubqueries = false
    /// The WINDOW clause, by lower-case name.
    var namedWindows: [String: NamedWindow] = [:]

    /// Aggregate calls met so far; each is a column of the aggregation.
    var aggregates: [(id: ColumnID, aggregate: BoundAggregate)] = []
    /// Window calls met so far; each is a column.
    var windows: [CollectedWindow] = []
    /// Subqueries met so far, to be joined to the rows that the expression sees.
    var joins: [PendingJoin] = []
    /// Subqueries within arguments of aggregates, to be joined before the aggregation.
    var sourceJoins: [PendingJoin] = []

    init(_ clause: Clause, _ scope: Scope) {
        self.clause = clause
        self.scope = scope
    }

    /// The columns that stand for aggregates, windows and subqueries rather than for the scope's tables.
    var madeColumns: Set<ColumnID> {
        var ids = Set(aggregates.map(\.id))
        ids.formUnion(windows.map(\.id))
        for join in joins { ids.formUnion(join.columnIDs) }
        return ids
    }
}

/// A window call with what it is over, before it is placed in the plan.
struct CollectedWindow {
    var id: ColumnID
    var window: BoundWindow
    var call: BoundWindowCall
    /// Tells apart calls that differ in constants that the evaluator swallowed.
    var constants: String
}

/// A subquery in an expression: what has to be joined so that the expression can read it as a column.
struct PendingJoin {
    enum Kind {
        /// One row with the value.
        case scalar
        /// TRUE where `keys` find a row; the column is `mark`.
        case mark(keys: [JoinKey], mark: OutputColumn, isThreeValued: Bool)
    }

    var kind: Kind
    var plan: LogicalPlan

    var columnIDs: [ColumnID] {
        switch kind {
        case .scalar: plan.columns.map(\.id)
        case .mark(_, let mark, _): [mark.id]
        }
    }

    /// The rows of `plan` with the subquery's column.
    func applied(to rows: LogicalPlan) -> LogicalPlan {
        switch kind {
        case .scalar:
            return .join(JoinNode(kind: .cross, left: rows, right: plan, keys: [], residual: nil))
        case .mark(let keys, let mark, let isThreeValued):
            return .join(
                JoinNode(
                    kind: .mark, left: rows, right: plan, keys: keys, residual: nil, mark: mark,
                    markIsThreeValued: isThreeValued))
        }
    }
}
