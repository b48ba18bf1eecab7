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
        logical("bool_and", "Whether all values are true.", initial: 1),
        logical("bool_or", "Whether some value is true.", initial: 0),
    ]

    private static func logical(_ name: String, _ summary: String, initial: UInt8) -> AggregateFunction {
        AggregateFunction(
            FunctionDescription(name, .aggregate, summary, nullRule: .skips, example: "\(name)(x > 1) FROM range(3) AS t(x)"),
            [AggregateOverload("\(name)(BOOLEAN) -> BOOLEAN", resolve: Signatures.fixed([.boolean], .boolean)) { (_, _) throws(ZLError) in LogicalState(initial: initial) }])
    }
}

private final class CountState: AggregateState {
    private var counts = GroupArray<Int64>(0)
    private let onlyTrue: Bool

    init(onlyTrue: Bool = false) { self.onlyTrue = onlyTrue }

    func grow(to groupCount: Int) { counts.grow(to: groupCount) }

    func update(_ arguments: [ColumnVector], count: Int, groups: UnsafePointer<UInt32>?, block: Int) throws(ZLError) {
        let values = counts.values
        let argument = onlyTrue ? arguments.first?.flattened() : arguments.first
        guard let argument, onlyTrue || argument.mayHaveNulls else {
            if let groups {
                for row in 0..<count { values[Int(groups[row])] += 1 }
            } else {
                values[0] += Int64(count)
            }
            return
        }
        for row in 0..<count where !argument.isNull(row) {
            if onlyTrue, argument.values(UInt8.self)[row] == 0 { continue }
            values[groups.map { Int($0[row]) } ?? 0] += 1
        }
    }

    func finish() throws(ZLError) -> ColumnVector { .groups(counts, type: .bigint) { _ in true } }
}

private final class LogicalState: AggregateState {
    private var values: GroupArray<UInt8>
    private var seen = GroupArray<UInt8>(0)
    private let initial: UInt8

    init(initial: UInt8) {
        self.initial = initial
        values = GroupArray(initial)
    }

    func grow(to groupCount: Int) {
        values.grow(to: groupCount)
        seen.grow(to: groupCount)
    }

    func update(_ arguments: [ColumnVector], count: Int, groups: UnsafePointer<UInt32>?, block: Int) throws(ZLError) {
        let argument = arguments[0].flattened()
        let flags = argument.values(UInt8.self)
        for row in 0..<count where !argument.isNull(row) {
            let group = groups.map { Int($0[row]) } ?? 0
            seen.values[group] = 1
            if flags[row] != initial { values.values[group] = 1 - initial }
        }
    }

    func finish() throws(ZLError) -> ColumnVector { .groups(values, type: .boolean) { seen.values[$0] == 1 } }
}
