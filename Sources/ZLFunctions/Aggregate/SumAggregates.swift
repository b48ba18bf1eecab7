import ZLColumnar

/// sum, avg, product. Floating sums add up block by block; whole numbers exactly.
enum SumAggregates {
    static let functions: [AggregateFunction] = [
        AggregateFunction(
            FunctionDescription("sum", .aggregate, "Sum of the values; whole numbers as HUGEINT.", nullRule: .skips, example: "sum(x) FROM range(3) AS t(x)"),
            [
                AggregateOverload("sum(integer) -> HUGEINT", resolve: exact) { (signature, _) throws(ZLError) in
                    ExactSumState(argument: signature.arguments[0], result: signature.result, averages: false)
                },
                AggregateOverload("sum(DOUBLE) -> DOUBLE", resolve: Signatures.fixed([.double], .double)) { (_, _) throws(ZLError) in BlockSumState(averages: false) },
            ]),
        AggregateFunction(
            FunctionDescription("avg", .aggregate, aliases: ["mean"], "Mean of the values, as DOUBLE.", nullRule: .skips, example: "avg(x) FROM range(3) AS t(x)"),
            [
                AggregateOverload("avg(integer) -> DOUBLE", resolve: { exact($0).map { ResolvedSignature(arguments: $0.arguments, result: .double, cost: $0.cost) } }) {
                    (signature, _) throws(ZLError) in
                    ExactSumState(argument: signature.arguments[0], result: .double, averages: true)
                },
                AggregateOverload("avg(DOUBLE) -> DOUBLE", resolve: Signatures.fixed([.double], .double)) { (_, _) throws(ZLError) in BlockSumState(averages: true) },
            ]),
    ]

    /// Whole numbers and booleans through HUGEINT, DECIMAL with all its digits.
    @Sendable private static func exact(_ types: [DataType]) -> ResolvedSignature? {
        guard types.count == 1 else { return nil }
        switch types[0] {
        case .decimal(let precision, let scale):
            let wide = DataType.decimal(precision: 38, scale: scale)
            return ResolvedSignature(arguments: [precision > 18 ? types[0] : .decimal(precision: precision, scale: scale)], result: wide, cost: 0)
        case .boolean: return ResolvedSignature(arguments: [.integer], result: .hugeint, cost: 1)
        case .hugeint: return ResolvedSignature(arguments: [.hugeint], result: .hugeint, cost: 0)
        case .ubigint: return ResolvedSignature(arguments: [.ubigint], result: .hugeint, cost: 0)
        default: return types[0].isInteger ? ResolvedSignature(arguments: [.bigint], result: .hugeint, cost: 0) : nil
        }
    }
}

private final class ExactSumState: AggregateState {
    private var sums = GroupArray<Int128>(0)
    private var counts = GroupArray<Int64>(0)
    private let argument: DataType
    private let result: DataType
    private let averages: Bool

    init(argument: DataType, result: DataType, averages: Bool) {
        self.argument = argument
        self.result = result
        self.averages = averages
    }

    func grow(to groupCount: Int) {
        sums.grow(to: groupCount)
        counts.grow(to: groupCount)
    }

    func update(_ arguments: [ColumnVector], count: Int, groups: UnsafePointer<UInt32>?, block: Int) throws(ZLError) {
        let vector = arguments[0].flattened()
        switch vector.physical {
        case .int32: try add(vector, Int32.self, count, groups)
        case .int64: try add(vector, Int64.self, count, groups)
        case .uint64: try add(vector, UInt64.self, count, groups)
        default: try add(vector, Int128.self, count, groups)
        }
    }

    private func add<T: FixedWidthInteger>(
        _ vector: ColumnVector, _ element: T.Type, _ count: Int, _ groups: UnsafePointer<UInt32>?
    ) throws(ZLError) {
        let values = vector.values(T.self)
        for row in 0..<count where !vector.isNull(row) {
            let group = groups.map { Int($0[row]) } ?? 0
            let (sum, overflow) = sums.values[group].addingReportingOverflow(Int128(truncatingIfNeeded: values[row]))
            if overflow { throw ZLError(.execution, "overflow", "sum does not fit into \(result)") }
            sums.values[group] = sum
            counts.values[group] += 1
        }
    }

    func finish() throws(ZLError) -> ColumnVector {
        guard averages else { return .groups(sums, type: result) { counts.values[$0] > 0 } }
        var scale = 0
        if case .decimal(_, let digits) = argument { scale = Int(digits) }
        let divisor = Double(PowersOfTen.integer(scale))
        var means = GroupArray<Double>(0)
        means.grow(to: sums.count)
        for group in 0..<sums.count where counts.values[group] > 0 {
            means.values[group] = Double(sums.values[group]) / (Double(counts.values[group]) * divisor)
        }
        return .groups(means, type: .double) { counts.values[$0] > 0 }
    }
}

/// Sums of doubles: within a block of source rows in order, block sums in order.
private final class BlockSumState: AggregateState {
    private var totals = GroupArray<Double>(0)
    private var pending = GroupArray<Double>(0)
    private var blocks = GroupArray<Int>(-1)
    private var counts = GroupArray<Int64>(0)
    private let averages: Bool

    init(averages: Bool) { self.averages = averages }

    func grow(to groupCount: Int) {
        totals.grow(to: groupCount)
        pending.grow(to: groupCount)
        blocks.grow(to: groupCount)
        counts.grow(to: groupCount)
    }

    func update(_ arguments: [ColumnVector], count: Int, groups: UnsafePointer<UInt32>?, block: Int) throws(ZLError) {
        let vector = arguments[0].flattened()
        let values = vector.values(Double.self)
        let (total, open, last, number) = (totals.values, pending.values, blocks.values, counts.values)
        for row in 0..<count where !vector.isNull(row) {
            let group = groups.map { Int($0[row]) } ?? 0
            if last[group] != block {
                total[group] += open[group]
                open[group] = 0
                last[group] = block
            }
            open[group] += values[row]
            number[group] += 1
        }
    }

    func finish() throws(ZLError) -> ColumnVector {
        var results = GroupArray<Double>(0)
        results.grow(to: totals.count)
        for group in 0..<totals.count {
            let sum = totals.values[group] + pending.values[group]
            results.values[group] = averages ? sum / Double(counts.values[group]) : sum
        }
        return .groups(results, type: .double) { counts.values[$0] > 0 }
    }
}
