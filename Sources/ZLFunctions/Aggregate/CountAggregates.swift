import ZLColumnar

/// Counting, and the logical aggregates.
enum CountAggregates {
    static let functions: [AggregateFunction] = [
        AggregateFunction(
            FunctionDescription("count", .aggregate, "Number of rows, or of values that are not NULL.", nullRule: .skips, example: "count(x) FROM range(3) AS t(x)"),
            [
                AggregateOverload("count() -> BIGINT", resolve: Signatures.fixed([], .bigint)) { (_, _) throws(ZLError) in CountState() },
                AggregateOverload("count(T) -> BIGINT", resolve: Signatures.uniform(count: 1, result: .bigint) { _ in true }) { (_, _) throws(ZLError) in CountState() },
            ]),
        AggregateFunction(
            FunctionDescription("count_star", .aggregate, "Number of rows.", nullRule: .skips, example: "count(*) FROM range(3) AS t(x)"),
            [AggregateOverload("count_star() -> BIGINT", resolve: Signatures.fixed([], .bigint)) { (_, _) throws(ZLError) in CountState() }]),
        AggregateFunction(
            FunctionDescription("count_if", .aggregate, aliases: ["countif"], "Number of rows for which the condition is true.", nullRule: .skips, example: "count_if(x > 1) FROM range(3) AS t(x)"),
            [AggregateOverload("count_if(BOOLEAN) -> BIGINT", resolve: Signatures.fixed([.boolean], .bigint)) { (_, _) throws(ZLError) in CountState(onlyTrue: true) }]),
        AggregateFunction(
            FunctionDescription("regr_count", .aggregate, "Number of pairs without NULL.", nullRule: .skips, example: "regr_count(x, x) FROM range(3) AS t(x)"),
            [
                AggregateOverload("regr_count(DOUBLE, DOUBLE) -> BIGINT", resolve: Signatures.fixed([.double, .double], .bigint)) {
                    (_, _) throws(ZLError) in PairCountState()
                }
            ]),
        logical("bool_and", "Whether all values are true.", initial: 1),
        logical("bool_or", "Whether some value is true.", initial: 0),
    ]

    private static func logical(_ name: String, _ summary: String, initial: UInt8) -> AggregateFunction {
        AggregateFunction(
            FunctionDescription(name, .aggregate, summary, nullRule: .skips, example: "\(name)(x > 1) FROM range(3) AS t(x)"),
            [AggregateOverload("\(name)(BOOLEAN) -> BOOLEAN", resolve: Signatures.fixed([.boolean], .boolean)) { (_, _) throws(ZLError) in LogicalState(initial: initial) }])
    }
}

private final class CountState: BatchAggregateState {
    private var counts = GroupArray<Int64>(0)
    private let onlyTrue: Bool

    init(onlyTrue: Bool = false) { self.onlyTrue = onlyTrue }

    var isOrderFree: Bool { true }

    func grow(to groupCount: Int) { counts.grow(to: groupCount) }

    func update(_ arguments: [ColumnVector], _ rows: AggregateRows) throws(ZLError) {
        let values = counts.values
        guard let argument = arguments.first, onlyTrue || argument.mayHaveNulls else {
            if let tally = FewGroups.tally(of: rows, groupCount: counts.count, nil) {
                let known = tally.counts(groupCount: counts.count)
                for group in 0..<counts.count { values[group] += Int64(known[group]) + Int64(known[counts.count + group]) }
            } else if let groups = rows.groups {
                for row in 0..<rows.count { values[Int(groups[row])] += 1 }
            } else {
                for run in rows.runs { values[run.group] += Int64(run.end - run.start) }
            }
            return
        }
        guard onlyTrue else { return try rows.forEachValid(argument) { (_, group) throws(ZLError) in values[group] += 1 } }
        let flat = argument.flattened()
        let flags = flat.values(UInt8.self)
        try rows.forEachValid(flat) { (row, group) throws(ZLError) in values[group] += Int64(flags[row]) }
        withExtendedLifetime(flat) {}
    }

    func makePartial() -> (any AggregateState)? { CountState(onlyTrue: onlyTrue) }

    func merge(_ partial: any AggregateState, groups: UnsafePointer<UInt32>) throws(ZLError) {
        guard let partial = partial as? CountState else { return }
        let (held, theirs) = (counts.values, partial.counts.values)
        for group in 0..<partial.counts.count { held[Int(groups[group])] += theirs[group] }
    }

    func finish() throws(ZLError) -> ColumnVector { .groups(counts, type: .bigint) { _ in true } }
}

private final class LogicalState: BatchAggregateState {
    private var values: GroupArray<UInt8>
    private var seen = GroupArray<UInt8>(0)
    private let initial: UInt8

    init(initial: UInt8) {
        self.initial = initial
        values = GroupArray(initial)
    }

    var isOrderFree: Bool { true }

    func grow(to groupCount: Int) {
        values.grow(to: groupCount)
        seen.grow(to: groupCount)
    }

    func update(_ arguments: [ColumnVector], _ rows: AggregateRows) throws(ZLError) {
        let argument = arguments[0].flattened()
        let flags = argument.values(UInt8.self)
        let (held, known) = (values.values, seen.values)
        try rows.forEachValid(argument) { (row, group) throws(ZLError) in
            known[group] = 1
            if flags[row] != initial { held[group] = 1 - initial }
        }
        withExtendedLifetime(argument) {}
    }

    func makePartial() -> (any AggregateState)? { LogicalState(initial: initial) }

    func merge(_ partial: any AggregateState, groups: UnsafePointer<UInt32>) throws(ZLError) {
        guard let partial = partial as? LogicalState else { return }
        for other in 0..<partial.values.count where partial.seen.values[other] == 1 {
            let group = Int(groups[other])
            seen.values[group] = 1
            if partial.values.values[other] != initial { values.values[group] = 1 - initial }
        }
    }

    func finish() throws(ZLError) -> ColumnVector { .groups(values, type: .boolean) { seen.values[$0] == 1 } }
}
