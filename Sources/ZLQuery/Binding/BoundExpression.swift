import ZLColumnar
import ZLFunctions

/// Names one column of one operator within one query. Unique in the query, so a plan can be rearranged without renumbering.
struct ColumnID: Hashable, Sendable {
    var number: Int
}

/// An expression whose names and types are settled. Evaluates to one value a row of its input.
struct BoundExpression: Sendable {
    var kind: BoundExpressionKind
    var type: DataType
    /// The piece of the statement's text it came from; nil for what the binder made up.
    var range: Range<Int>?

    init(_ kind: BoundExpressionKind, type: DataType, range: Range<Int>? = nil) {
        self.kind = kind
        self.type = type
        self.range = range
    }
}

/// Aggregates and window functions are not here: the plan computes them as columns of their own.
indirect enum BoundExpressionKind: Sendable {
    case constant(Value)
    case column(ColumnID)
    /// Arguments are already cast to the signature's types.
    case call(BoundCall)
    case cast(BoundExpression, isTry: Bool)
    /// Two or more BOOLEAN operands; three-valued.
    case and([BoundExpression])
    case or([BoundExpression])
    case not(BoundExpression)
    /// `IS NULL`
    case isNull(BoundExpression)
    /// `IS NOT DISTINCT FROM` when `isNegated`, else `IS DISTINCT FROM`. Operands have one type.
    case distinctFrom(BoundExpression, BoundExpression, isNegated: Bool)
    /// The first branch whose condition is true; NULL without `otherwise`. Also COALESCE, NULLIF, IF. All results have the type
    /// of the expression. A branch is evaluated for the rows that reach it only, so that it cannot fail on others.
    case conditional([BoundBranch], otherwise: BoundExpression?)
    /// `operand IN (constants or expressions)` of one type; NULL rules of SQL.
    case inList(BoundExpression, [BoundExpression])
    /// The score of a stored model over its features, in the model's order, cast to DOUBLE.
    case predict(any RowModel, [BoundExpression])
}

struct BoundBranch: Sendable {
    var condition: BoundExpression
    var result: BoundExpression
}

struct BoundCall: Sendable {
    var function: ScalarFunction
    var overload: ScalarOverload
    var signature: ResolvedSignature
    var arguments: [BoundExpression]
}

/// A model as the evaluator sees it.
protocol RowModel: Sendable {
    var name: String { get }
    /// Fills `output` with one score a row; a NULL feature is NaN.
    func predict(_ features: [UnsafePointer<Double>], rowCount: Int, into output: UnsafeMutablePointer<Double>)
}

/// `sum(DISTINCT x ORDER BY y) FILTER (WHERE z)`
struct BoundAggregate: Sendable {
    var function: AggregateFunction
    var overload: AggregateOverload
    var signature: ResolvedSignature
    /// Cast to the signature's types.
    var arguments: [BoundExpression]
    /// Values of constant arguments, else nil.
    var constants: [Value?]
    var isDistinct = false
    var orderBy: [SortKey] = []
    var filter: BoundExpression?
    var range: Range<Int>?
}

/// One ORDER BY key.
struct SortKey: Sendable {
    var expression: BoundExpression
    var isDescending = false
    var nullsFirst = false
}

/// PARTITION BY, ORDER BY and frame of a window. Calls that share `partitionBy` and `orderBy` share one sort and one pass.
struct BoundWindow: Sendable {
    var partitionBy: [BoundExpression] = []
    var orderBy: [SortKey] = []
}

enum BoundFrameBound: Sendable {
    case unboundedPreceding
    case preceding(BoundExpression)
    case currentRow
    case following(BoundExpression)
    case unboundedFollowing
}

struct BoundFrame: Sendable {
    var unit: FrameUnit
    var start: BoundFrameBound
    var end: BoundFrameBound
    var exclusion: FrameExclusion
}

/// One window function call of a plan.
struct BoundWindowCall: Sendable {
    var name: String
    var evaluator: any WindowEvaluator
    var resultType: DataType
    var arguments: [BoundExpression]
    var filter: BoundExpression?
    var ignoresNulls: Bool
    /// The SQL default where none was written: RANGE UNBOUNDED PRECEDING with ORDER BY, the whole partition without.
    var frame: BoundFrame
    var frameUse: WindowFunction.FrameUse
    var range: Range<Int>?
}
