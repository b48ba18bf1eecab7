import ZLColumnar

/// Aggregates that pick one of the rows: min, max, first, last, any_value, arg_min, arg_max. They keep the argument's type.
enum ChoiceAggregates {

    static let functions: [AggregateFunction] = [
        single("min", "Least value.", .least),
        single("max", "Greatest value; NaN is greater than every number.", .greatest),
        single("any_value", "First value that is not NULL.", .firstValue, isOrderSensitive: true),
        single("first", aliases: ["arbitrary"], "Value of the first row, NULL or not.", .first, isOrderSensitive: true),
        single("last", "Value of the last row, NULL or not.", .last, isOrderSensitive: true),
        byKey("arg_min", aliases: ["min_by", "argmin"], "Value of the row with the least key, the first of several; rows where either is NULL do not count.", .least),
        byKey("arg_max", aliases: ["max_by", "argmax"], "Value of the row with the greatest key, the first of several; rows where either is NULL do not count.", .greatest),
    ]

    private static func single(
        _ name: String, aliases: [String] = [], _ summary: String, _ rule: ChoiceRule, isOrderSensitive: Bool = false
    ) -> AggregateFunction {
        AggregateFunction(
            FunctionDescription(name, .aggregate, aliases: aliases, summary, nullRule: .skips, example: "\(name)(x) FROM range(3) AS t(x)"),
            [
                AggregateOverload("\(name)(T) -> T", resolve: Signatures.uniform(count: 1) { _ in true }) { (signature, _) throws(ZLError) in
                    ChoiceState.make(rule, type: signature.result)
                }
            ], isOrderSensitive: isOrderSensitive)
    }

    private static func byKey(_ name: String, aliases: [String], _ summary: String, _ rule: ChoiceRule) -> AggregateFunction {
        AggregateFunction(
            FunctionDescription(name, .aggregate, aliases: aliases, summary, nullRule: .skips, example: "\(name)(x, 10 - x) FROM range(3) AS t(x)"),
            [
                AggregateOverload("\(name)(T, key) -> T", resolve: { types in
                    types.count == 2 ? ResolvedSignature(arguments: types, result: types[0], cost: 0) : nil
                }) { (signature, _) throws(ZLError) in
                    ChoiceState(rule, type: signature.result, key: signature.arguments[1])
                }
            ])
    }
}

/// Which row of a group is chosen: by key, or by place; `firstValue` passes over NULLs.
enum ChoiceRule: Sendable { case least, greatest, first, last, firstValue }
