import ZLColumnar
import ZLFormats
import ZLFunctions

/// A column that an operator gives to the one above it.
struct OutputColumn: Sendable {
    var id: ColumnID
    var name: String
    var type: DataType
}

/// An expression computed into a column.
struct Projection: Sendable {
    var id: ColumnID
    var expression: BoundExpression
}

/// What a query means, as a tree of relational operators. The optimizer rewrites it; `PhysicalPlan` says how it runs.
///
/// Node names are those that EXPLAIN prints.
indirect enum LogicalPlan: Sendable {
    /// One row without columns: `SELECT 1`.
    case singleRow
    case tableScan(TableScan)
    case fileScan(FileScanNode)
    /// Rows of constant expressions.
    case values(rows: [[BoundExpression]], columns: [OutputColumn])
    /// Rows that the engine makes (zl_functions(), model_metrics('m')): already there as chunks.
    case materialized(chunks: [DataChunk], columns: [OutputColumn])
    /// generate_series / range over constants: integers or timestamps.
    case series(SeriesNode)
    case filter(LogicalPlan, BoundExpression)
    case projection(LogicalPlan, [Projection])
    case aggregate(AggregateNode)
    case window(WindowNode)
    case join(JoinNode)
    case asofJoin(AsofJoinNode)
    case sort(LogicalPlan, [SortKey])
    /// `limit` nil: no limit. Percent limits have `percent`.
    case limit(LogicalPlan, limit: Int?, offset: Int, percent: Double?)
    case distinct(LogicalPlan, on: [BoundExpression]?)
    /// Both sides have columns of the same types, in order; `columns` names the result's.
    case setOperation(SetOperator, isAll: Bool, LogicalPlan, LogicalPlan, columns: [OutputColumn])
    /// A subplan that several places read; computed once per query. `columns` are this place's ids, in the subplan's order.
    case shared(SharedPlan, columns: [OutputColumn])
    /// Exactly one row: the child's only row, all NULL where it has none, an error where it has more. For scalar subqueries.
    case scalarRow(LogicalPlan)
}

struct TableScan: Sendable {
    var schema: String
    var name: String
    var data: TableData
    /// The columns read, and their place in the table.
    var columns: [OutputColumn]
    var indices: [Int]
    /// Conjuncts that the scan applies itself, over `columns`; zone maps prune by them.
    var filters: [BoundExpression] = []
    /// Places in `columns` that nobody but the filters reads: what the scan gives there means nothing.
    var filterOnly: Set<Int> = []
}

struct FileScanNode: Sendable {
    var functionName: String
    var scan: any FileScan
    var columns: [OutputColumn]
    /// Indices into `scan.columns`.
    var indices: [Int]
}

struct SeriesNode: Sendable {
    var column: OutputColumn
    var start: Int64
    var count: Int
    var step: Interval?
    var integerStep: Int64
}

struct AggregateNode: Sendable {
    var child: LogicalPlan
    var groups: [Projection]
    /// Each set lists indices into `groups`; nil stands for the one set of all.
    var groupingSets: [[Int]]?
    var aggregates: [(id: ColumnID, aggregate: BoundAggregate)]
}

/// Gives the child's columns and one more for each call.
struct WindowNode: Sendable {
    var child: LogicalPlan
    var window: BoundWindow
    var calls: [(id: ColumnID, call: BoundWindowCall)]
}

enum LogicalJoinKind: String, Sendable {
    case inner = "INNER"
    case left = "LEFT"
    case right = "RIGHT"
    case full = "FULL"
    /// Left rows that have a match / have none.
    case semi = "SEMI"
    case anti = "ANTI"
    /// NOT IN: no left row qualifies when the right side holds a NULL key; a NULL left key qualifies only against no rows.
    case nullAwareAnti = "ANTI (NOT IN)"
    /// Left rows plus one BOOLEAN column `mark`: IN / EXISTS as a value.
    case mark = "MARK"
    case cross = "CROSS"
    case positional = "POSITIONAL"
}

/// An equality that hash joins use: `left` over the left child's columns, `right` over the right's, of one type.
struct JoinKey: Sendable {
    var left: BoundExpression
    var right: BoundExpression
    /// `IS NOT DISTINCT FROM`: NULL equals NULL.
    var nullsEqual = false
}

struct JoinNode: Sendable {
    var kind: LogicalJoinKind
    var left: LogicalPlan
    var right: LogicalPlan
    var keys: [JoinKey]
    /// The rest of the condition, over both sides' columns.
    var residual: BoundExpression?
    /// The column of a mark join.
    var mark: OutputColumn?
    /// In a mark join: the value is NULL rather than false where a NULL key kept SQL from knowing (IN, not EXISTS).
    var markIsThreeValued = true
    /// The columns that are read above; nil for all.
    var outputs: Set<ColumnID>?
}

/// For each left row the nearest right row by one ordered key among those that equal it in `keys`.
struct AsofJoinNode: Sendable {
    var isLeft: Bool
    var left: LogicalPlan
    var right: LogicalPlan
    var keys: [JoinKey]
    /// `left.key op right.key`
    var leftKey: BoundExpression
    var rightKey: BoundExpression
    var comparison: ComparisonOperator
    var direction: AsofDirection
    /// A match farther than this does not count. Evaluated as |leftKey - rightKey| <= tolerance, a constant.
    var tolerance: Value?
    /// Further conditions over both sides; a right row that fails them is passed over.
    var residual: BoundExpression?
    /// The columns that are read above; nil for all.
    var outputs: Set<ColumnID>?
}

/// A subplan with an identity, so that equal references run once.
final class SharedPlan: Sendable {
    let name: String
    let plan: LogicalPlan

    init(name: String, plan: LogicalPlan) {
        self.name = name
        self.plan = plan
    }
}

extension LogicalPlan {
    /// The columns this operator gives, in order.
    var columns: [OutputColumn] {
        switch self {
        case .singleRow: []
        case .tableScan(let scan): scan.columns
        case .fileScan(let scan): scan.columns
        case .values(_, let columns), .materialized(_, let columns), .setOperation(_, _, _, _, let columns),
            .shared(_, let columns):
            columns
        case .series(let series): [series.column]
        case .filter(let child, _), .sort(let child, _), .limit(let child, _, _, _), .distinct(let child, _),
            .scalarRow(let child):
            child.columns
        case .projection(_, let projections): projections.map(\.outputColumn)
        case .aggregate(let node):
            node.groups.map(\.outputColumn)
                + node.aggregates.map {
                    OutputColumn(id: $0.id, name: $0.aggregate.function.description.name, type: $0.aggregate.signature.result)
                }
        case .window(let node):
            node.child.columns + node.calls.map { OutputColumn(id: $0.id, name: $0.call.name, type: $0.call.resultType) }
        case .join(let node):
            switch node.kind {
            case .semi, .anti, .nullAwareAnti: node.left.columns
            case .mark: node.left.columns + (node.mark.map { [$0] } ?? [])
            default: node.left.columns + node.right.columns
            }
        case .asofJoin(let node): node.left.columns + node.right.columns
        }
    }
}

extension Projection {
    /// The name of a column as plans show it; a query's own column names are kept beside its plan.
    var outputColumn: OutputColumn { OutputColumn(id: id, name: "#\(id.number)", type: expression.type) }
}

/// A bound query: its plan and what the result's columns are called.
struct BoundQuery: Sendable {
    var plan: LogicalPlan
    var columns: [OutputColumn]
}
