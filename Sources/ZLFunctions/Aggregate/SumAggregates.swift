import ZLColumnar

/// sum, avg, product. Floating sums add up block by block; whole numbers exactly.
enum SumAggregates {
    static let functions: [AggregateFunction] = [
        AggregateFunction(
            FunctionDescription("sum", .aggregate, "Sum of the values; whole numbers as HUGEINT.", nullRule: .skips, example: "sum(x) FROM range(3) AS t(x)"),
            [
                AggregateOverload("sum(integer) -> HUGEINT", resolve: exact) { (signature, _) throws(ZLError) in
                    makeState(argument: signature.arguments[0], result: signature.result, averages: false)
                },
                AggregateOverload("sum(DOUBLE) -> DOUBLE", resolve: Signatures.fixed([.double], .double)) { (_, _) throws(ZLError) in BlockSumState(averages: false) },
            ]),
        AggregateFunction(
            FunctionDescription("avg", .aggregate, aliases: ["mean"], "Mean of the values, as DOUBLE.", nullRule: .skips, example: "avg(x) FROM range(3) AS t(x)"),
            [
                AggregateOverload("avg(integer) -> DOUBLE", resolve: { exact($0).map { ResolvedSignature(arguments: $0.arguments, result: .double, cost: $0.cost) } }) {
                    (signature, _) throws(ZLError) in
                    makeState(argument: signature.arguments[0], result: .double, averages: true)
                },
                AggregateOverload("avg(DOUBLE) -> DOUBLE", resolve: Signatures.fixed([.double], .double)) { (_, _) throws(ZLError) in BlockSumState(averages: true) },
            ]),
    ]

    private static func makeState(argument: DataType, result: DataType, averages: Bool) -> any AggregateState {
        argument.physical == .int128
            ? WideSumState(argument: argument, result: result, averages: averages)
            : ExactSumState(argument: argument, result: result, averages: averages)
    }

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

