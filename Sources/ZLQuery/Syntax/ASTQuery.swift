/// `[WITH ...] body [ORDER BY ...] [LIMIT ...] [OFFSET ...]`
struct Query: Sendable {
    var with: [CommonTableExpression] = []
    var isRecursive = false
    var body: QueryBody
    var orderBy: OrderBy?
    var limit: Limit?
    var offset: Expression?
    var range: Range<Int>
}

/// What a query's rows come from.
indirect enum QueryBody: Sendable {
    case select(Select)
    /// `VALUES (1, 2), (3, 4)`
    case values([[Expression]])
    /// `left UNION [ALL] [BY NAME] right`; left-associative, INTERSECT binds tighter.
    case setOperation(SetOperator, isAll: Bool, isByName: Bool, left: QueryBody, right: QueryBody, range: Range<Int>)
    /// `(query)`, also a query with its own ORDER BY or LIMIT inside a set operation
    case query(Query)
    /// `DESCRIBE ...`, `SHOW ...`, `SUMMARIZE ...` in parentheses as a table
    case show(Statement)
    /// `PIVOT t ON ...` or `UNPIVOT t ON ...` as a statement
    case table(TableReference)
}

enum SetOperator: String, Hashable, Sendable {
    case union = "UNION"
    case intersect = "INTERSECT"
    case except = "EXCEPT"
}

/// `SELECT ... FROM ... WHERE ...`
struct Select: Sendable {
    var distinct: Distinct = .none
    /// A FROM-first query without SELECT has the one item `*`.
    var items: [SelectItem] = []
    /// Comma-separated, cross-joined.
    var from: [TableReference] = []
    var filter: Expression?
    var groupBy: GroupBy?
    var having: Expression?
    var windows: [NamedWindow] = []
    var qualify: Expression?
    var sample: Sample?
    var range: Range<Int>
}

enum Distinct: Sendable {
    case none
    case all
    /// `DISTINCT ON (a, b)`
    case on([Expression])
}

/// `expression [[AS] alias]`, `alias: expression`
struct SelectItem: Sendable {
    var expression: Expression
    var alias: Identifier?
}

enum GroupBy: Sendable {
    /// `GROUP BY ALL`
    case all
    case elements([GroupingElement])
}

indirect enum GroupingElement: Sendable {
    /// `a`; a parenthesised list `(a, b)` is one expression of kind `row`.
    case expression(Expression)
    /// `()`
    case empty
    /// Each entry is one level; `ROLLUP (a, (b, c))` has two.
    case rollup([[Expression]])
    case cube([[Expression]])
    case groupingSets([GroupingElement])
}

enum OrderBy: Sendable {
    /// `ORDER BY ALL [DESC] [NULLS FIRST]`
    case all(direction: SortDirection?, nulls: NullOrder?)
    case items([OrderItem])
}

/// `a DESC NULLS LAST`; what is not written is nil (ascending, NULLS LAST unless a setting says otherwise).
struct OrderItem: Sendable {
    var expression: Expression
    var direction: SortDirection?
    var nulls: NullOrder?
}

enum SortDirection: String, Hashable, Sendable {
    case ascending = "ASC"
    case descending = "DESC"
}

enum NullOrder: String, Hashable, Sendable {
    case first = "NULLS FIRST"
    case last = "NULLS LAST"
}

enum Limit: Sendable {
    case rows(Expression)
    /// `LIMIT 10%`, `LIMIT 10 PERCENT`
    case percent(Expression)
}

/// `USING SAMPLE 10%`, `TABLESAMPLE reservoir(100 ROWS) REPEATABLE (42)`
struct Sample: Sendable {
    var size: Expression
    var isPercent: Bool
    /// `reservoir`, `bernoulli` or `system` in lower case; nil: not written.
    var method: String?
    var seed: Int?
}

/// `name [(columns)] AS [NOT MATERIALIZED | MATERIALIZED] (query)`
struct CommonTableExpression: Sendable {
    var name: Identifier
    var columns: [Identifier] = []
    /// nil: not written.
    var isMaterialized: Bool?
    var query: Query
    /// `USING KEY (columns)` of a recursive query.
    var keyColumns: [Identifier] = []
}
