/// What can stand in FROM.
struct TableReference: Sendable {
    var kind: TableReferenceKind
    /// `AS alias (columns)`
    var alias: TableAlias?
    /// `TABLESAMPLE ...`
    var sample: Sample?
    var range: Range<Int>
}

struct TableAlias: Sendable {
    var name: Identifier
    var columns: [Identifier] = []
}

indirect enum TableReferenceKind: Sendable {
    /// `bars`, `market_data.bars`
    case table(ObjectName)
    /// `'bars/*.csv'`
    case file(String)
    /// `read_csv('a.csv', header => true)`; never DISTINCT, filtered or windowed
    case function(FunctionCall, isLateral: Bool, withOrdinality: Bool)
    /// `[LATERAL] (query)`
    case subquery(Query, isLateral: Bool)
    /// `(VALUES ...)` is a subquery; this is a bare `VALUES (1), (2)` in FROM.
    case values([[Expression]])
    case join(Join)
    /// `(a JOIN b ON ...)` with an alias of its own
    case parenthesised(TableReference)
    case pivot(Pivot)
    case unpivot(Unpivot)
}

/// `left kind JOIN right condition`
struct Join: Sendable {
    var kind: JoinKind
    var left: TableReference
    var right: TableReference
    var condition: JoinCondition
    /// Only with kind `asof` and `asofLeft`.
    var tolerance: Expression?
    var direction: AsofDirection?
    /// From the first word of the join to its end.
    var range: Range<Int>
}

enum JoinKind: String, Hashable, Sendable {
    case inner = "INNER"
    case left = "LEFT"
    case right = "RIGHT"
    case full = "FULL"
    case cross = "CROSS"
    case semi = "SEMI"
    case anti = "ANTI"
    case positional = "POSITIONAL"
    case asof = "ASOF"
    case asofLeft = "ASOF LEFT"
    case asofRight = "ASOF RIGHT"
    case asofFull = "ASOF FULL"
}

enum JoinCondition: Sendable {
    /// CROSS and POSITIONAL
    case none
    case natural
    case on(Expression)
    case using([Identifier])
}

enum AsofDirection: String, Hashable, Sendable {
    case backward = "BACKWARD"
    case forward = "FORWARD"
    case nearest = "NEAREST"
}

/// `t PIVOT (sum(x) FOR year IN (2020, 2021) GROUP BY c)` and the statement `PIVOT t ON year USING sum(x) GROUP BY c`
struct Pivot: Sendable {
    var source: TableReference
    var aggregates: [SelectItem]
    var columns: [PivotColumn]
    var groupBy: [Expression]
}

/// `expressions IN (values)`; no values: every one found.
struct PivotColumn: Sendable {
    var expressions: [Expression]
    var values: [SelectItem]
    /// `IN (SELECT ...)`
    var query: Query?
}

/// `t UNPIVOT [INCLUDE NULLS] (value FOR name IN (a, b))` and `UNPIVOT t ON a, b INTO NAME name VALUE value`
struct Unpivot: Sendable {
    var source: TableReference
    var includesNulls: Bool
    var nameColumn: Identifier?
    var valueColumns: [Identifier]
    var columns: [SelectItem]
}
