import ZLColumnar

/// Moves conditions down to where the rows they concern come from, so that fewer rows are read, joined and sorted.
///
/// A condition passes projections, sorts and plain DISTINCT; a window if it reads partition keys only; an aggregation if it
/// reads groups only; a join on the side whose columns it reads, where that side's rows are not padded with NULLs; a union
/// into both sides. Equalities between the sides of an inner or cross join become its keys; those that every branch of an OR
/// repeats are taken out of it first. It stops at LIMIT, DISTINCT ON, shared subplans and files. Conditions keep their order, so a guard still comes before what it guards.
enum FilterPushDown {
    static func apply(_ plan: LogicalPlan) throws(ZLError) -> LogicalPlan { try push([], into: plan) }

    /// The rows of `plan` that fulfil all conditions.
    private static func push(
        _ conditions: [BoundExpression], into plan: LogicalPlan
    ) throws(ZLError) -> LogicalPlan {
        switch plan {
        case .filter(let child, let predicate):
            return try push(Disjunctions.factored(predicate) + conditions, into: child)
        case .projection(let child, let projections):
            return try pass(conditions, through: plan, child, substitution(projections)) { .projection($0, projections) }
        case .sort(let child, let keys):
            return .sort(try push(conditions, into: child), keys)
        case .distinct(let child, on: nil):
            return .distinct(try push(conditions, into: child), on: nil)
        case .window(let node): return try push(conditions, into: node)
        case .aggregate(let node): return try push(conditions, into: node)
        case .join(let node): return try push(conditions, into: node)
        case .asofJoin(var node):
            let split = Sides(conditions, left: node.left.columnIDs, right: [])
            node.left = try push(split.left, into: node.left)
            node.right = try push([], into: node.right)
            return filtered(.asofJoin(node), split.rest)
        case .setOperation(let operation, let isAll, let left, let right, let columns):
            let here = conditions.filter(\.isVolatile)
            let movable = conditions.filter { !$0.isVolatile }
            let first = try push(renamed(movable, columns, left.columns), into: left)
            let second = try push(renamed(movable, columns, right.columns), into: right)
            return filtered(.setOperation(operation, isAll: isAll, first, second, columns: columns), here)
        case .tableScan(var scan):
            scan.filters += conditions.filter { !$0.isVolatile && !$0.columnIDs.isEmpty }
            return filtered(.tableScan(scan), conditions.filter { $0.isVolatile || $0.columnIDs.isEmpty })
        default:
            return filtered(try plan.mapChildren { (child) throws(ZLError) in try push([], into: child) }, conditions)
        }
    }

    private static func filtered(_ plan: LogicalPlan, _ conditions: [BoundExpression]) -> LogicalPlan {
        BoundExpression.conjunction(conditions).map { .filter(plan, $0) } ?? plan
    }

    private static func substitution(_ projections: [Projection]) -> [ColumnID: BoundExpression] {
        Dictionary(projections.map { ($0.id, $0.expression) }, uniquingKeysWith: { first, _ in first })
    }

    private static func renamed(
        _ conditions: [BoundExpression], _ columns: [OutputColumn], _ sources: [OutputColumn]
    ) -> [BoundExpression] {
        var replacements: [ColumnID: BoundExpression] = [:]
        for (column, source) in zip(columns, sources) { replacements[column.id] = .column(source) }
        return conditions.map { $0.replacingColumns(replacements) }
    }

    /// Conditions over computed columns, written over what the columns are computed from. Volatile ones, on either side, stay.
    private static func pass(
        _ conditions: [BoundExpression], through plan: LogicalPlan, _ child: LogicalPlan,
        _ replacements: [ColumnID: BoundExpression], _ rebuild: (LogicalPlan) -> LogicalPlan
    ) throws(ZLError) -> LogicalPlan {
        let volatile = Set(replacements.filter { $0.value.isVolatile }.keys)
        var moved: [BoundExpression] = []
        var kept: [BoundExpression] = []
        for condition in conditions {
            let replaced = condition.replacingColumns(replacements)
            let extent = replaced.extent(limit: Binder.maximumExpressionSize)
            if condition.isVolatile || !condition.columnIDs.isDisjoint(with: volatile)
                || extent.size >= Binder.maximumExpressionSize || extent.height > Binder.maximumExpressionHeight
            {
                kept.append(condition)
            } else {
                moved.append(replaced)
            }
        }
        return filtered(rebuild(try push(moved, into: child)), kept)
    }

    private static func push(
        _ conditions: [BoundExpression], into node: WindowNode
    ) throws(ZLError) -> LogicalPlan {
        let keys = Set(node.window.partitionBy.compactMap(\.columnID))
        let moved = conditions.filter { SplitCondition.reads($0, only: keys) }
        let kept = conditions.filter { !SplitCondition.reads($0, only: keys) }
        var copy = node
        copy.child = try push(moved, into: node.child)
        return filtered(.window(copy), kept)
    }

    private static func push(
        _ conditions: [BoundExpression], into node: AggregateNode
    ) throws(ZLError) -> LogicalPlan {
        let groups = node.groupingSets == nil ? Set(node.groups.filter { !$0.expression.isVolatile }.map(\.id)) : []
        let replacements = substitution(node.groups)
        let moved = conditions.filter { SplitCondition.reads($0, only: groups) }.map { $0.replacingColumns(replacements) }
        let kept = conditions.filter { !SplitCondition.reads($0, only: groups) }
        var copy = node
        copy.child = try push(moved, into: node.child)
        return filtered(.aggregate(copy), kept)
    }

    private static func push(
        _ conditions: [BoundExpression], into node: JoinNode
    ) throws(ZLError) -> LogicalPlan {
        var node = node
        let left = node.left.columnIDs
        let right = node.right.columnIDs
        let own = node.residual.map(Disjunctions.factored) ?? []
        switch node.kind {
        case .inner, .cross:
            let split = Sides(own + conditions, left: left, right: right)
            let condition = SplitCondition.split(BoundExpression.conjunction(split.rest) ?? .boolean(true), left: left, right: right)
            let rest = split.rest.isEmpty ? [] : condition.rest
            let atJoin = rest.filter { !$0.isVolatile }
            node.keys += split.rest.isEmpty ? [] : condition.keys
            node.residual = .conjunction(atJoin)
            node.kind = node.keys.isEmpty && node.residual == nil ? .cross : .inner
            node.left = try push(split.left + atJoin.compactMap { Disjunctions.implied($0, on: left) }, into: node.left)
            node.right = try push(split.right + atJoin.compactMap { Disjunctions.implied($0, on: right) }, into: node.right)
            return filtered(.join(node), rest.filter(\.isVolatile))
        case .left, .semi, .anti, .nullAwareAnti, .mark:
            let above = Sides(conditions, left: left, right: [])
            let on = node.kind == .mark || node.kind == .nullAwareAnti
                ? Sides([], left: [], right: []) : Sides(own, left: [], right: right)
            if node.kind != .mark, node.kind != .nullAwareAnti { node.residual = .conjunction(on.rest) }
            node.left = try push(above.left, into: node.left)
            node.right = try push(on.right, into: node.right)
            return filtered(.join(node), above.rest)
        case .right:
            let above = Sides(conditions, left: [], right: right)
            let on = Sides(own, left: left, right: [])
            node.residual = .conjunction(on.rest)
            node.left = try push(on.left, into: node.left)
            node.right = try push(above.right, into: node.right)
            return filtered(.join(node), above.rest)
        case .full, .positional:
            node.left = try push([], into: node.left)
            node.right = try push([], into: node.right)
            return filtered(.join(node), conditions)
        }
    }

    /// Conditions by the side of a join that they read.
    private struct Sides {
        var left: [BoundExpression] = []
        var right: [BoundExpression] = []
        var rest: [BoundExpression] = []

        init(_ conditions: [BoundExpression], left leftColumns: Set<ColumnID>, right rightColumns: Set<ColumnID>) {
            for condition in conditions {
                if SplitCondition.reads(condition, only: leftColumns) {
                    left.append(condition)
                } else if SplitCondition.reads(condition, only: rightColumns) {
                    right.append(condition)
                } else {
                    rest.append(condition)
                }
            }
        }
    }
}
