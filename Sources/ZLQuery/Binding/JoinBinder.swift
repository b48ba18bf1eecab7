import ZLColumnar

/// Joins: the condition split into equality keys and the rest, and the names both sides give.
extension Binder {
    mutating func bindJoin(_ join: Join) throws(ZLError) -> BoundSource {
        // A chain of joins leans to the left and may be long: its left spine is walked, not recursed into.
        var spine = [join]
        var first = join.left
        while case .join(let inner) = first.kind, first.alias == nil, first.sample == nil {
            spine.append(inner)
            first = inner.left
        }
        var source = try bindReference(first)
        for step in spine.reversed() {
            outerScopes.append(source.scope)
            let right = try bindReference(step.right)
            outerScopes.removeLast()
            source = try bindJoin(step, source, right)
        }
        return source
    }

    private mutating func bindJoin(
        _ join: Join, _ left: BoundSource, _ right: BoundSource
    ) throws(ZLError) -> BoundSource {
        let range = place(join.range)
        try countOperator(range)
        try checkNames(left.scope, right.scope, range)
        switch join.kind {
        case .asof, .asofLeft: return try bindAsofJoin(join, left, right)
        case .asofRight, .asofFull: throw ZLError.notYet("\(join.kind.rawValue) JOIN", range: range)
        default: break
        }
        let kind = Binder.logicalKind(join.kind)
        let both = Scope(left.scope.tables + right.scope.tables)
        switch join.condition {
        case .none:
            let node = JoinNode(kind: kind, left: left.plan, right: right.plan, keys: [], residual: nil)
            return BoundSource(plan: .join(node), scope: both)
        case .on(let condition):
            return try bindOn(condition, kind, left, right, range)
        case .using(let names):
            return try bindUsing(names.map(\.text), kind, left, right, range)
        case .natural:
            let rightNames = right.scope.starColumns.map(\.name)
            let names = left.scope.starColumns.map(\.name).filter { name in rightNames.contains { $0.isSameName(as: name) } }
            guard !names.isEmpty else {
                throw ZLError(
                    .binding, "no_common_column", "NATURAL JOIN needs a column name that both sides have", range: range)
            }
            return try bindUsing(names, kind, left, right, range)
        }
    }

    private static func logicalKind(_ kind: JoinKind) -> LogicalJoinKind {
        switch kind {
        case .inner, .asof, .asofLeft, .asofRight, .asofFull: .inner
        case .left: .left
        case .right: .right
        case .full: .full
        case .cross: .cross
        case .semi: .semi
        case .anti: .anti
        case .positional: .positional
        }
    }

    private mutating func bindOn(
        _ condition: Expression, _ kind: LogicalJoinKind, _ left: BoundSource, _ right: BoundSource, _ range: Range<Int>?
    ) throws(ZLError) -> BoundSource {
        let both = Scope(left.scope.tables + right.scope.tables)
        var environment = ExpressionEnvironment(.joinCondition, both)
        let bound = try self.condition(try bind(condition, &environment), "ON")
        let split = SplitCondition.split(bound, left: left.plan.columnIDs, right: right.plan.columnIDs)
        let node = JoinNode(
            kind: kind == .cross ? .inner : kind, left: left.plan, right: right.plan, keys: split.keys, residual: split.residual)
        return BoundSource(plan: .join(node), scope: keepsRight(kind) ? both : left.scope)
    }

    private func keepsRight(_ kind: LogicalJoinKind) -> Bool { kind != .semi && kind != .anti }

    /// `USING (a, b)`: equal columns, which a bare name and `*` see once.
    private mutating func bindUsing(
        _ names: [String], _ kind: LogicalJoinKind, _ left: BoundSource, _ right: BoundSource, _ range: Range<Int>?
    ) throws(ZLError) -> BoundSource {
        var keys: [JoinKey] = []
        var scope = Scope(left.scope.tables + right.scope.tables)
        for name in names {
            let pair = [
                try usingColumn(name, left.scope, "left", range), try usingColumn(name, right.scope, "right", range),
            ]
            let unified = try unify(pair, "USING (\(name))", forComparison: true).expressions
            keys.append(JoinKey(left: unified[0], right: unified[1]))
            let merged: BoundExpression
            switch kind {
            case .right: merged = pair[1]
            case .full: merged = try coalesce(unified, range: range)
            default: merged = pair[0]
            }
            merge(name, into: &scope, leftTables: left.scope.tables.count, as: merged)
        }
        let node = JoinNode(kind: kind, left: left.plan, right: right.plan, keys: keys, residual: nil)
        return BoundSource(plan: .join(node), scope: keepsRight(kind) ? scope : left.scope)
    }

    func usingColumn(
        _ name: String, _ scope: Scope, _ side: String, _ range: Range<Int>?
    ) throws(ZLError) -> BoundExpression {
        let parts = [Identifier(name, range: 0..<0)]
        switch scope.match(parts) {
        case .one(let found): return found
        case .several(let places): throw Scope.ambiguousColumn(parts, places, range: range)
        case .none:
            throw ZLError(
                .binding, "unknown_column", "USING: the \(side) side has no column \"\(name)\"",
                hint: NearestName.hint(name, among: scope.outputColumns.map(\.name)), range: range)
        }
    }

    /// The left column stands for both, the right one is seen only under its table's name.
    func merge(_ name: String, into scope: inout Scope, leftTables: Int, as merged: BoundExpression) {
        for table in scope.tables.indices {
            for column in scope.tables[table].columns.indices {
                let found = scope.tables[table].columns[column]
                guard found.name.isSameName(as: name), !found.isMerged else { continue }
                if table < leftTables {
                    scope.tables[table].columns[column].unqualified = merged
                } else {
                    scope.tables[table].columns[column].isMerged = true
                }
            }
        }
    }
}
