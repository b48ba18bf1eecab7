import ZLColumnar

/// The statistics that windows offer, as functions of the written frame and in their last-n-rows forms.
enum StatisticFunctions {
    static let functions: [WindowFunction] =
        [
            framed("zscore", "(x - mean) / sample deviation of the frame.", ZScore()),
            framed("percentile", "Rank of x within the frame, ties averaged, over the number of values.", PercentileRank()),
            framed("demean", "x less the frame's mean.", Demean()),
            framed("drawdown", "x over the frame's greatest value, less 1.", Drawdown()),
        ] + [
            rolling("avg", aliases: ["ma", "sma"], "Mean of the last n rows.", Mean()),
            rolling("sum", "Sum of the last n rows.", Sum()),
            rolling("min", "Least of the last n rows.", Extreme(isGreatest: false)),
            rolling("max", "Greatest of the last n rows.", Extreme(isGreatest: true)),
            rolling("stddev", "Sample deviation of the last n rows.", Spread(correction: 1, isDeviation: true)),
            rolling("variance", "Sample variance of the last n rows.", Spread(correction: 1, isDeviation: false)),
            rolling("zscore", "(x - mean) / sample deviation of the last n rows.", ZScore()),
            rolling("percentile", "Rank of x among the last n rows, ties averaged, over their number.", PercentileRank()),
            rolling("demean", "x less the mean of the last n rows.", Demean()),
            rolling("drawdown", "x over the greatest of the last n rows, less 1.", Drawdown()),
            rolling("median", "Median of the last n rows.", Quantile(fraction: 0.5)),
            rolling("skewness", "Sample skewness of the last n rows.", Skewness()),
            rolling("kurtosis", "Sample excess kurtosis of the last n rows.", Kurtosis()),
            rolling("corr", "Correlation of two columns over the last n rows.", Correlation()),
            rolling("beta", "Slope of the first column on the second over the last n rows.", Slope()),
            rolling("covar_samp", "Sample covariance over the last n rows.", Covariance(correction: 1)),
            quantile,
        ]

    private static func example(_ call: String) -> String { "\(call) OVER (ORDER BY x) FROM range(5) AS t(x)" }

    private static func framed<S: FrameStatistic>(_ name: String, _ summary: String, _ statistic: S) -> WindowFunction {
        WindowFunction(
            FunctionDescription(name, .window, summary, nullRule: .skips, example: example("\(name)(x)")), frameUse: .frame,
            [
                WindowOverload("\(name)(DOUBLE) -> DOUBLE", resolve: Signatures.fixed([.double], .double)) { (_, _, _) throws(ZLError) in
                    StatisticWindow(statistic: statistic, length: nil, minimum: 0)
                }
            ])
    }

    private static func rolling<S: FrameStatistic>(
        _ name: String, aliases: [String] = [], _ summary: String, _ statistic: S
    ) -> WindowFunction {
        let full = "rolling_\(name)"
        let values = [DataType](repeating: .double, count: S.arity)
        return WindowFunction(
            FunctionDescription(
                full, .window, aliases: aliases, summary + " NULL until n are there (min_periods => k: until k).", nullRule: .skips,
                example: example(S.arity == 1 ? "\(full)(x, 3)" : "\(full)(x, x, 3)")),
            frameUse: .trailing, needsOrder: true,
            [
                WindowOverload(
                    "\(full)(\(values.map { _ in "DOUBLE" }.joined(separator: ", ")), n) -> DOUBLE",
                    resolve: Signatures.fixed(values + [.bigint], .double)
                ) { (_, constants, named) throws(ZLError) in
                    let length = try WindowArguments.length(constants[S.arity], of: full)
                    return StatisticWindow(
                        statistic: statistic, length: length,
                        minimum: try WindowArguments.minimum(named, length: length, of: full))
                }
            ])
    }

    private static let quantile = WindowFunction(
        FunctionDescription(
            "rolling_quantile", .window, "Interpolated quantile of the last n rows.", nullRule: .skips,
            example: example("rolling_quantile(x, 0.9, 3)")),
        frameUse: .trailing, needsOrder: true,
        [
            WindowOverload("rolling_quantile(DOUBLE, fraction, n) -> DOUBLE", resolve: Signatures.fixed([.double, .double, .bigint], .double)) {
                (_, constants, named) throws(ZLError) in
                let length = try WindowArguments.length(constants[2], of: "rolling_quantile")
                let fraction = try WindowArguments.number(constants[1], "a fraction", of: "rolling_quantile")
                guard (0...1).contains(fraction) else {
                    throw ZLError(.binding, "quantile_fraction", "the fraction of rolling_quantile is \(fraction), expected 0 to 1")
                }
                return StatisticWindow(
                    statistic: Quantile(fraction: fraction), length: length,
                    minimum: try WindowArguments.minimum(named, length: length, of: "rolling_quantile"))
            }
        ])
}

/// Constant arguments of window functions.
enum WindowArguments {
    private static let greatestLength: Int128 = 1 << 31

    /// A number of rows, at least 1.
    static func length(_ value: Value?, of name: String) throws(ZLError) -> Int {
        guard case .integer(let number)? = value, (1...greatestLength).contains(number) else {
            throw ZLError(.binding, "window_length", "\(name) needs a constant number of rows of at least 1")
        }
        return Int(number)
    }

    static func number(_ value: Value?, _ what: String, of name: String) throws(ZLError) -> Double {
        switch value {
        case .double(let number)?: return number
        case .integer(let number)?: return Double(number)
        default: throw ZLError(.binding, "constant_argument", "\(name) needs \(what) that is constant")
        }
    }

    /// `min_periods => k`, `length` without it.
    static func minimum(_ named: [String: Value], length: Int, of name: String) throws(ZLError) -> Int {
        for key in named.keys where key != "min_periods" {
            throw ZLError(.binding, "named_argument", "\(name) has no argument named \(key)", hint: "it takes min_periods")
        }
        guard let value = named["min_periods"] else { return length }
        guard case .integer(let number) = value, number >= 0, number <= length else {
            throw ZLError(.binding, "min_periods", "min_periods of \(name) must be a number from 0 to \(length)")
        }
        return Int(number)
    }
}
