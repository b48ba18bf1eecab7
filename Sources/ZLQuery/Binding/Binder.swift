import ZLColumnar

/// Turns syntax trees into bound expressions and logical plans: settles names, types and what calls mean.
///
/// A binder serves one statement. Binding reads the catalog only; nothing runs but constant expressions.
struct Binder {
    /// How deep views may stand on views, and queries within queries.
    static let maximumQueryDepth = 100
    /// Joins, windows and set operations of one statement; more would make plans too high to walk by recursion.
    static let maximumOperatorCount = 750
    /// What one expression may grow to when aliases are written out.
    static let maximumExpressionSize = 100_000
    static let maximumExpressionHeight = 3000

    let context: BindingContext
    private var columnCount = 0
    private var operatorCount = 0
    /// The views of this statement that are bound already, by `schema.name`.
    var views: [String: SharedPlan] = [:]
    /// The columns of bound views, as they are called.
    var viewColumns: [String: [OutputColumn]] = [:]
    /// Views being bound, outermost first: a view within itself is an error.
    var openViews: [String] = []
    /// WITH clauses, innermost last.
    var commonTables: [[String: CommonTable]] = []
    /// FROM scopes of the queries around the one being bound: what a correlated subquery would see.
    var outerScopes: [Scope] = []
    var queryDepth = 0

    init(_ context: BindingContext) { self.context = context }

    /// A column id that nothing else in the statement has.
    mutating func newColumn(_ name: String, _ type: DataType) -> OutputColumn {
        OutputColumn(id: newColumnID(), name: name, type: type)
    }

    mutating func newColumnID() -> ColumnID {
        columnCount += 1
        return ColumnID(number: columnCount)
    }

    /// Counts an operator that can stand on another one without end.
    mutating func countOperator(_ range: Range<Int>?) throws(ZLError) {
        operatorCount += 1
        guard operatorCount <= Binder.maximumOperatorCount else {
            throw ZLError(
                .binding, "too_many_operators",
                "the statement has more than \(Binder.maximumOperatorCount) joins, windows, subqueries and set operations",
                hint: "compute it in several steps", range: range)
        }
    }

    /// The statement's text is not the text of a view: ranges of a view's definition mean nothing outside of it.
    func place(_ range: Range<Int>) -> Range<Int>? { openViews.isEmpty ? range : nil }
}

// MARK: Entry points

extension Binder {
    /// A whole query with its plan, not yet optimized.
    mutating func bind(_ query: Query) throws(ZLError) -> BoundQuery {
        try bindQuery(query)
    }

    /// An expression over given columns: CHECK, DEFAULT, the values of UPDATE. No aggregates, windows or subqueries.
    mutating func bind(
        _ expression: Expression, over columns: [OutputColumn], tableName: String?
    ) throws(ZLError) -> BoundExpression {
        try bind(expression, over: Scope(name: tableName ?? "", columns: columns))
    }

    /// The same over several tables.
    mutating func bind(_ expression: Expression, over scope: Scope) throws(ZLError) -> BoundExpression {
        var environment = ExpressionEnvironment(.plain, scope)
        return try bind(expression, &environment)
    }

    /// The value of an expression that needs no row: SET VARIABLE, options, COPY TO (expression).
    mutating func constant(_ expression: Expression) throws(ZLError) -> (value: Value, type: DataType) {
        var environment = ExpressionEnvironment(.constant, Scope())
        let bound = try bind(expression, &environment)
        return (try ConstantFolding.value(of: bound), bound.type)
    }

    /// The query with its columns cast to those of a table that takes its rows.
    ///
    /// - Throws: where a type cannot become the column's, naming the column.
    mutating func assign(
        _ query: BoundQuery, to columns: [(name: String, type: DataType)]
    ) throws(ZLError) -> BoundQuery {
        if zip(query.columns, columns).allSatisfy({ $0.type == $1.type }) { return query }
        var projections: [Projection] = []
        var outputs: [OutputColumn] = []
        for (source, target) in zip(query.columns, columns) {
            let cast: BoundExpression
            do { cast = try self.cast(.column(source), to: target.type) } catch {
                var named = error
                named.message = "column \"\(target.name)\": \(error.message)"
                throw named
            }
            let output = newColumn(target.name, target.type)
            projections.append(Projection(id: output.id, expression: cast))
            outputs.append(output)
        }
        return BoundQuery(plan: .projection(query.plan, projections), columns: outputs)
    }
}
