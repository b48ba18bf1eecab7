import ZLColumnar

/// ASOF joins: equalities are keys, exactly one inequality between the sides says what is nearest.
extension Binder {
    mutating func bindAsofJoin(
        _ join: Join, _ left: BoundSource, _ right: BoundSource
    ) throws(ZLError) -> BoundSource {
        let range = place(join.range)
        let condition: AsofCondition
        var scope = Scope(left.scope.tables + right.scope.tables)
        switch join.condition {
        case .on(let expression):
            var environment = ExpressionEnvironment(.joinCondition, scope)
            let bound = try self.condition(try bind(expression, &environment), "ON")
            condition = try AsofCondition(bound, left: left.plan.columnIDs, right: right.plan.columnIDs, range: range)
        case .using(let names):
            condition = try bindAsofUsing(names.map(\.text), left.scope, right.scope, range)
            for name in names.map(\.text) {
                let merged = try usingColumn(name, left.scope, "left", range)
                merge(name, into: &scope, leftTables: left.scope.tables.count, as: merged)
            }
        case .none, .natural:
            throw ZLError(.binding, "missing_condition", "an ASOF join needs ON or USING", range: range)
        }
        let direction = join.direction ?? (condition.comparison.isGreater ? .backward : .forward)
        var tolerance: Value?
        if let written = join.tolerance { tolerance = try bindTolerance(written, condition.leftKey.type) }
        let node = AsofJoinNode(
            isLeft: join.kind == .asofLeft, left: left.plan, right: right.plan, keys: condition.keys,
            leftKey: condition.leftKey, rightKey: condition.rightKey,
            comparison: condition.comparison.turned(to: direction), direction: direction, tolerance: tolerance,
            residual: .conjunction(condition.rest))
        return BoundSource(plan: .asofJoin(node), scope: scope)
    }

    /// `USING (k, ts)`: the last column is compared by `>=`, the others by `=`.
    private mutating func bindAsofUsing(
        _ names: [String], _ left: Scope, _ right: Scope, _ range: Range<Int>?
    ) throws(ZLError) -> AsofCondition {
        var pairs: [JoinKey] = []
        for name in names {
            let pair = [try usingColumn(name, left, "left", range), try usingColumn(name, right, "right", range)]
            let unified = try unify(pair, "USING (\(name))", forComparison: true).expressions
            pairs.append(JoinKey(left: unified[0], right: unified[1]))
        }
        guard let last = pairs.popLast() else {
            throw ZLError(.binding, "missing_condition", "an ASOF join needs a column in USING", range: range)
        }
        return AsofCondition(keys: pairs, leftKey: last.left, rightKey: last.right, comparison: .greaterOrEqual)
    }

    /// A distance in the key's measure: a number for numbers and dates, an INTERVAL for dates and timestamps.
    private mutating func bindTolerance(_ expression: Expression, _ key: DataType) throws(ZLError) -> Value {
        var environment = ExpressionEnvironment(.constant, Scope())
        let bound = try bind(expression, &environment)
        let fits = key.isNumeric ? bound.type.isNumeric
            : key == .date ? bound.type == .interval || bound.type.isInteger : bound.type == .interval
        guard fits else {
            throw ZLError(
                .binding, "type_mismatch", "TOLERANCE of \(bound.type) cannot measure keys of \(key)",
                hint: key.isTemporal ? "use an INTERVAL" : nil, range: bound.range)
        }
        let typed = key.isNumeric ? try cast(bound, to: key) : bound
        let value = try constantArgument(typed, "TOLERANCE")
        if value.isNull { throw ZLError(.binding, "bad_argument", "TOLERANCE cannot be NULL", range: bound.range) }
        return value
    }
}

/// An ASOF join's condition taken apart.
struct AsofCondition {
    var keys: [JoinKey]
    var leftKey: BoundExpression
    var rightKey: BoundExpression
    /// `leftKey comparison rightKey`
    var comparison: ComparisonOperator
    var rest: [BoundExpression] = []
}

extension AsofCondition {
    init(
        _ condition: BoundExpression, left: Set<ColumnID>, right: Set<ColumnID>, range: Range<Int>?
    ) throws(ZLError) {
        let split = SplitCondition.split(condition, left: left, right: right)
        var found: [(left: BoundExpression, right: BoundExpression, comparison: ComparisonOperator)] = []
        var rest: [BoundExpression] = []
        for conjunct in split.rest {
            if let inequality = AsofCondition.inequality(conjunct, left, right) {
                found.append(inequality)
            } else {
                rest.append(conjunct)
            }
        }
        guard found.count == 1 else {
            throw ZLError(
                .binding, "asof_condition",
                "an ASOF join needs exactly one inequality between its sides, found \(found.count)",
                hint: "for example: ON a.symbol = b.symbol AND a.ts >= b.ts", range: range)
        }
        self.init(
            keys: split.keys, leftKey: found[0].left, rightKey: found[0].right, comparison: found[0].comparison, rest: rest)
    }

    private static func inequality(
        _ conjunct: BoundExpression, _ left: Set<ColumnID>, _ right: Set<ColumnID>
    ) -> (left: BoundExpression, right: BoundExpression, comparison: ComparisonOperator)? {
        guard case .call(let call) = conjunct.kind, call.arguments.count == 2,
            let comparison = ComparisonOperator(rawValue: call.function.description.name), comparison.isInequality
        else { return nil }
        let (first, second) = (call.arguments[0], call.arguments[1])
        if SplitCondition.reads(first, only: left), SplitCondition.reads(second, only: right) {
            return (first, second, comparison)
        }
        if SplitCondition.reads(first, only: right), SplitCondition.reads(second, only: left) {
            return (second, first, comparison.mirrored)
        }
        return nil
    }
}

extension ComparisonOperator {
    var isInequality: Bool { self != .equal && self != .notEqual }

    var isGreater: Bool { self == .greater || self == .greaterOrEqual }

    /// `b mirrored a` says what `a self b` says.
    var mirrored: ComparisonOperator {
        switch self {
        case .equal, .notEqual: self
        case .less: .greater
        case .lessOrEqual: .greaterOrEqual
        case .greater: .less
        case .greaterOrEqual: .lessOrEqual
        }
    }

    /// The comparison that a written direction asks for; strictness stays.
    func turned(to direction: AsofDirection) -> ComparisonOperator {
        switch direction {
        case .backward: isGreater ? self : mirrored
        case .forward: isGreater ? mirrored : self
        case .nearest: self
        }
    }
}
