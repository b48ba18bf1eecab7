/// An expression with the piece of the text that it stands in (UTF-8 offsets).
///
/// Trees from the parser are at most `Parser.maximumDepth` high, so that consumers may recurse.
struct Expression: Sendable {
    var kind: ExpressionKind
    var range: Range<Int>
}

/// The shapes of an `Expression`; each comment is the SQL that the case stands for.
indirect enum ExpressionKind: Sendable {
    /// `NULL`, `1`, `'text'`, `DATE '2024-01-31'`
    case literal(Literal)
    /// `INTERVAL (n + 1) DAY`
    case interval(Expression, IntervalUnit)
    /// `close`, `b.close`, `features.b.close`, `s.field`: the binder decides which parts are table, column and field.
    case column([Identifier])
    /// `*`, `b.* EXCLUDE (x) REPLACE (y + 1 AS y) RENAME (z AS w)`
    case star(Star)
    /// `COLUMNS('zl_.*')`, `COLUMNS(* EXCLUDE (x))`, `COLUMNS(c -> c LIKE 'zl%')`; the flag: `*COLUMNS(...)`
    case columns(Expression, unpacked: Bool)
    /// `?`, `$1`, `$name`
    case parameter(Parameter)
    /// `-x`, `NOT x`
    case unary(UnaryOperator, Expression)
    /// `a + b`
    case binary(BinaryOperator, Expression, Expression)
    /// `a AND b AND c`, two or more operands
    case and([Expression])
    /// `a OR b OR c`, two or more operands
    case or([Expression])
    /// `a || b || c`, two or more operands
    case concatenate([Expression])
    /// `a < b`
    case comparison(ComparisonOperator, Expression, Expression)
    /// `a IS [NOT] DISTINCT FROM b`; `isNegated` stands for the NOT
    case distinctFrom(Expression, Expression, isNegated: Bool)
    /// `a IS [NOT] NULL`, `a ISNULL`, `a NOTNULL`, `a IS [NOT] TRUE`
    case test(TruthTest, Expression, isNegated: Bool)
    /// `a [NOT] BETWEEN low AND high`
    case between(Expression, low: Expression, high: Expression, isNegated: Bool)
    /// `a [NOT] IN (b, c)`; the list may be empty, which holds nothing (false, NULL for a NULL)
    case inList(Expression, [Expression], isNegated: Bool)
    /// `a [NOT] IN (SELECT ...)`
    case inQuery(Expression, Query, isNegated: Bool)
    /// `a [NOT] IN b`, where b is a list
    case inExpression(Expression, Expression, isNegated: Bool)
    /// `a [NOT] LIKE pattern [ESCAPE e]`, also ILIKE, GLOB, SIMILAR TO, `~~`, `~`
    case match(PatternKind, Expression, pattern: Expression, escape: Expression?, isNegated: Bool)
    /// `CASE [a] WHEN b THEN c [ELSE d] END`
    case conditional(Conditional)
    /// `CAST(a AS T)`, `a::T`, and with `isTry` `TRY_CAST(a AS T)`
    case cast(Expression, TypeName, isTry: Bool)
    /// `f(a, b)`, `sum(DISTINCT x ORDER BY y) FILTER (WHERE z) OVER w`
    case call(FunctionCall)
    /// `(SELECT ...)` as a value
    case subquery(Query)
    /// `EXISTS (SELECT ...)`
    case exists(Query)
    /// `a < ANY (SELECT ...)`, `a = ALL (SELECT ...)`
    case quantified(ComparisonOperator, Expression, Quantifier, Query)
    /// `a < ANY (list)`
    case quantifiedExpression(ComparisonOperator, Expression, Quantifier, Expression)
    /// `ARRAY (SELECT ...)`
    case arrayQuery(Query)
    /// `[a, b]`
    case list([Expression])
    /// `[a FOR x IN b IF c]`
    case comprehension(Expression, variable: Identifier, source: Expression, condition: Expression?)
    /// `{'a': 1, b: 2}`
    case structure([StructEntry])
    /// `MAP {k: v}`
    case map(keys: [Expression], values: [Expression])
    /// `a[i]`
    case element(Expression, index: Expression)
    /// `a[lower:upper:step]`
    case slice(Expression, lower: Expression?, upper: Expression?, step: Expression?)
    /// `(a).field`, `f(x).field`
    case field(Expression, Identifier)
    /// `x -> x + 1`, `(x, y) -> x + y`, `LAMBDA x, y: x + y`
    case lambda([Identifier], Expression)
    /// `a COLLATE nocase`
    case collate(Expression, ObjectName)
    /// `(a, b)`, `ROW(a)`
    case row([Expression])
    /// `DEFAULT` as a value of INSERT or UPDATE
    case defaultValue
}

/// A constant in the text. Numbers keep their digits (underscores taken out), so that no layer rounds too early.
enum Literal: Hashable, Sendable {
    case null
    case boolean(Bool)
    /// Decimal digits without a sign; hexadecimal and binary forms are already turned into decimal.
    case integer(String)
    /// Digits with a point and no exponent: `1.50`, `.5`, `5.`
    case decimal(String)
    /// A number with an exponent: `1e-9`
    case double(String)
    case string(String)
    /// `'\xAA'::BLOB` is a cast; this is `x'AA'`.
    case blob([UInt8])
    /// `DATE '2024-01-31'`: the type's name in upper case and the text.
    case typed(String, String)
    /// `INTERVAL '3 days'`, `INTERVAL '3' DAY`, `INTERVAL 3 DAY`
    case interval(String, IntervalUnit?)
}

/// The unit after `INTERVAL n`, plural forms included.
enum IntervalUnit: String, Hashable, Sendable, CaseIterable {
    case nanosecond, microsecond, millisecond, second, minute, hour, day, week, month, quarter, year
    case decade, century, millennium
}

/// `*` or `t.*` with its changes.
struct Star: Sendable {
    /// The table's name, empty for a bare `*`.
    var qualifier: [Identifier] = []
    var exclude: [[Identifier]] = []
    var replace: [StarReplacement] = []
    var rename: [StarRenaming] = []
    /// `* LIKE 'zl%'`, `* SIMILAR TO '...'`, ...: only the columns whose names match.
    var pattern: StarPattern?
}

/// `REPLACE (expression AS name)`
struct StarReplacement: Sendable {
    var expression: Expression
    var name: Identifier
}

/// `RENAME (column AS name)`
struct StarRenaming: Sendable {
    var column: [Identifier]
    var name: Identifier
}

/// `* LIKE 'pattern'`
struct StarPattern: Sendable {
    var kind: PatternKind
    var pattern: String
    var isNegated: Bool
}

/// A place for a value of a prepared statement.
enum Parameter: Hashable, Sendable {
    /// The n-th `?`, counted from 1.
    case next(Int)
    /// `$1`, `?1`
    case position(Int)
    /// `$name`
    case name(String)
}

enum UnaryOperator: String, Hashable, Sendable {
    case plus = "+"
    case minus = "-"
    case not = "NOT"
    case bitwiseNot = "~"
    case absolute = "@"
    case factorial = "!"
}

enum BinaryOperator: String, Hashable, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case integerDivide = "//"
    case remainder = "%"
    /// `^` and `**`
    case power = "^"
    case bitwiseAnd = "&"
    case bitwiseOr = "|"
    case shiftLeft = "<<"
    case shiftRight = ">>"
    /// `->`, JSON value
    case extract = "->"
    /// `->>`, JSON text
    case extractText = "->>"
    /// `^@`
    case startsWith = "^@"
    /// `&&`
    case overlaps = "&&"
    /// `@>`
    case contains = "@>"
    /// `<@`
    case containedIn = "<@"
}

enum ComparisonOperator: String, Hashable, Sendable {
    case equal = "="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
}

enum TruthTest: String, Hashable, Sendable {
    case null = "NULL"
    case isTrue = "TRUE"
    case isFalse = "FALSE"
    case unknown = "UNKNOWN"
}

enum PatternKind: String, Hashable, Sendable {
    case like = "LIKE"
    case ilike = "ILIKE"
    case glob = "GLOB"
    case similar = "SIMILAR TO"
    /// `~`: the whole text against a regular expression
    case regularExpression = "~"
}

enum Quantifier: String, Hashable, Sendable {
    /// `ANY` and `SOME`
    case any = "ANY"
    case all = "ALL"
}

/// `CASE [operand] WHEN ... THEN ... [ELSE ...] END`
struct Conditional: Sendable {
    var operand: Expression?
    var branches: [ConditionalBranch]
    var otherwise: Expression?
}

struct ConditionalBranch: Sendable {
    var condition: Expression
    var result: Expression
}

struct StructEntry: Sendable {
    var name: Identifier
    var value: Expression
}

/// A call of a scalar, aggregate, window or table function.
///
/// Special forms become calls: `EXTRACT(f FROM x)` is `date_part('f', x)`, `x AT TIME ZONE z` is `timezone(z, x)`,
/// `SUBSTRING(x FROM a FOR b)` is `substring(x, a, b)`, `POSITION(a IN b)` is `position(b, a)`, `TRIM(BOTH a FROM b)` is
/// `trim(b, a)`, LEADING is `ltrim` and TRAILING is `rtrim`, `OVERLAY(a PLACING b FROM c FOR d)` is `overlay(a, b, c, d)`,
/// `CURRENT_DATE` is `current_date()`.
struct FunctionCall: Sendable {
    /// As typed; matched without regard to case.
    var name: ObjectName
    /// `count(*)` has one argument of kind `star`.
    var arguments: [Argument] = []
    var isDistinct = false
    var orderBy: [OrderItem] = []
    /// `WITHIN GROUP (ORDER BY ...)`
    var withinGroup: [OrderItem] = []
    var filter: Expression?
    var nullTreatment: NullTreatment?
    var window: WindowReference?
}

/// `x`, `alpha => x`, `alpha := x`
struct Argument: Sendable {
    var name: Identifier?
    var value: Expression
}

enum NullTreatment: String, Hashable, Sendable {
    case ignore = "IGNORE NULLS"
    case respect = "RESPECT NULLS"
}
