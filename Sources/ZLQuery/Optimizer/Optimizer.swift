import ZLColumnar

/// Rewrites a bound query into one with the same result that runs faster. One rule a file; this says their order.
///
/// The query and each subplan that stays shared are optimized on their own; only the columns that are read travel between them.
enum Optimizer {
    static func optimize(_ query: BoundQuery, settings: Settings) throws(ZLError) -> BoundQuery {
        let whole = try SharedSubplans.apply(query.plan)
        var units = SharedUnits(whole)
        for key in units.order { units.plans[key] = try rearranged(units.plan(key)).giving(units.plan(key).columns) }
        let top = try rearranged(whole)

        var pruning = ProjectionPushDown()
        let pruned = pruning.apply(top, wanted: query.columns)
        // Readers come before what they read, so that every need is known when a subplan's turn comes.
        for key in units.order.reversed() {
            let columns = units.plan(key).columns
            let needs = pruning.sharedNeeds[key] ?? []
            units.positions[key] = columns.indices.filter { needs.contains($0) }
            units.plans[key] = pruning.apply(units.plan(key), wanted: (units.positions[key] ?? []).map { columns[$0] })
        }
        for key in units.order {
            let merged = try ProjectionMerging.apply(try units.relinked(units.plan(key)))
            units.made[key] = SharedPlan(name: units.name(key), plan: merged)
        }
        return BoundQuery(
            plan: try ProjectionMerging.apply(try units.relinked(pruned)).giving(query.columns), columns: query.columns)
    }

    /// The rules that work within one unit.
    private static func rearranged(_ plan: LogicalPlan) throws(ZLError) -> LogicalPlan {
        var result = try folded(plan)
        result = try FilterPushDown.apply(result)
        result = try JoinOrdering.apply(result)
        return try SharedWindows.apply(result)
    }

    private static func folded(_ plan: LogicalPlan) throws(ZLError) -> LogicalPlan {
        let inner = try plan.mapChildren { (child) throws(ZLError) in try folded(child) }
        let result = inner.mapExpressions(ConstantFolding.fold)
        if case .filter(let child, let predicate) = result, predicate.constantValue == Value.boolean(true) { return child }
        return result
    }
}

/// The shared subplans of a query, each as a plan of its own.
private struct SharedUnits {
    /// A subplan stands behind all that it reads.
    private(set) var order: [ObjectIdentifier] = []
    private var sources: [ObjectIdentifier: SharedPlan] = [:]
    var plans: [ObjectIdentifier: LogicalPlan] = [:]
    /// The columns kept, by position.
    var positions: [ObjectIdentifier: [Int]] = [:]
    var made: [ObjectIdentifier: SharedPlan] = [:]

    init(_ plan: LogicalPlan) { collect(plan) }

    private mutating func collect(_ plan: LogicalPlan) {
        if case .shared(let shared, _) = plan, sources[ObjectIdentifier(shared)] == nil {
            let key = ObjectIdentifier(shared)
            sources[key] = shared
            plans[key] = shared.plan
            collect(shared.plan)
            order.append(key)
        }
        for child in plan.children { collect(child) }
    }

    func plan(_ key: ObjectIdentifier) -> LogicalPlan { plans[key] ?? .singleRow }

    func name(_ key: ObjectIdentifier) -> String { sources[key]?.name ?? "" }

    /// The plan with its shared leaves turned to the optimized subplans.
    func relinked(_ plan: LogicalPlan) throws(ZLError) -> LogicalPlan {
        guard case .shared(let shared, let columns) = plan else {
            return try plan.mapChildren { (child) throws(ZLError) in try relinked(child) }
        }
        let key = ObjectIdentifier(shared)
        guard let target = made[key] else {
            throw ZLError(.internal, "unlinked_plan", "the subplan \(shared.name) was not optimized")
        }
        return .shared(target, columns: (positions[key] ?? []).map { columns[$0] })
    }
}
