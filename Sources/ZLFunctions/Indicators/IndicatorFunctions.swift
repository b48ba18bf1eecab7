import ZLColumnar

/// The indicators as SQL functions.
enum IndicatorFunctions {
    static let functions: [WindowFunction] = [
        make("ema", "Exponential moving average, factor 2 / (n + 1), seeded by the mean of the first n rows.", values: 1, lengths: 1) { n, _ in ExponentialAverage(n: n[0]) },
        make("rma", "Wilder's moving average, factor 1 / n, seeded by the mean of the first n rows.", values: 1, lengths: 1) { n, _ in WilderAverage(n: n[0]) },
        make("wma", "Linearly weighted moving average.", values: 1, lengths: 1) { n, _ in WeightedAverage(n: n[0]) },
        make("rsi", "Wilder's relative strength index.", values: 1, lengths: 1) { n, _ in RelativeStrength(n: n[0]) },
        macd("macd_line", "Fast less slow exponential average; starts at row slow.", .line),
        macd("macd_signal", "Exponential average of macd_line; starts at row slow + signal - 1.", .signal),
        macd("macd_histogram", "macd_line less macd_signal.", .histogram),
        make("true_range", "Greatest of high - low and the distances to the close before.", values: 3, lengths: 0) { _, _ in TrueRange() },
        make("atr", "Wilder's average true range.", values: 3, lengths: 1) { n, _ in AverageTrueRange(n: n[0]) },
        bollinger("bollinger_upper", "Mean plus k population deviations.", .upper),
        bollinger("bollinger_lower", "Mean less k population deviations.", .lower),
        bollinger("bollinger_percent_b", "Place of x between the lower (0) and the upper band (1); NULL where they meet.", .percentB),
        bollinger("bollinger_width", "Distance of the bands over the mean.", .width),
        make("stoch_k", "Place of the close between lowest low and highest high, in percent.", values: 3, lengths: 1) { n, _ in Stochastic(n: n[0], smoothing: 1) },
        make("stoch_d", "Mean of stoch_k over a number of rows.", values: 3, lengths: 2) { n, _ in Stochastic(n: n[0], smoothing: n[1]) },
        make("roc", "Rate of change over n rows in percent.", values: 1, lengths: 1) { n, _ in Change(n: n[0], output: .percent) },
        make("pct_change", "x over x n rows ago, less 1.", values: 1, lengths: 1) { n, _ in Change(n: n[0], output: .ratio) },
        make("momentum", "x less x n rows ago.", values: 1, lengths: 1) { n, _ in Change(n: n[0], output: .difference) },
        make("log_return", "Natural logarithm of x over x n rows ago.", values: 1, lengths: 1) { n, _ in Change(n: n[0], output: .logarithm) },
        make("obv", "On-balance volume.", values: 2, lengths: 0) { _, _ in OnBalanceVolume() },
    ]

    private static func macd(_ name: String, _ summary: String, _ output: ConvergenceDivergence.Output) -> WindowFunction {
        make(name, summary, values: 1, lengths: 3) { n, _ in
            ConvergenceDivergence(fast: n[0], slow: n[1], signal: n[2], output: output)
        }
    }

    private static func bollinger(_ name: String, _ summary: String, _ output: BollingerBand.Output) -> WindowFunction {
        make(name, summary, values: 1, lengths: 1, factors: 1) { n, k in BollingerBand(n: n[0], k: k[0], output: output) }
    }

    /// - Parameters:
    ///   - values: number of value arguments, DOUBLE.
    ///   - lengths: number of constant row counts behind them.
    ///   - factors: number of constant numbers behind those.
    private static func make<I: Indicator>(
        _ name: String, _ summary: String, values: Int, lengths: Int, factors: Int = 0,
        _ build: @escaping @Sendable (_ lengths: [Int], _ factors: [Double]) -> I
    ) -> WindowFunction {
        let types = [DataType](repeating: .double, count: values) + [DataType](repeating: .bigint, count: lengths)
            + [DataType](repeating: .double, count: factors)
        let sample = ([String](repeating: "x", count: values) + ["2", "3", "2"].prefix(lengths) + [String](repeating: "2", count: factors))
            .joined(separator: ", ")
        return WindowFunction(
            FunctionDescription(name, .window, summary, nullRule: .skips, example: "\(name)(\(sample)) OVER (ORDER BY x) FROM range(8) AS t(x)"),
            frameUse: .trailing, needsOrder: true,
            [
                WindowOverload("\(name)(\(types.map(\.description).joined(separator: ", "))) -> DOUBLE", resolve: Signatures.fixed(types, .double)) {
                    (_, constants, named) throws(ZLError) in
                    if let key = named.keys.first {
                        throw ZLError(.binding, "named_argument", "\(name) has no argument named \(key)")
                    }
                    var counts: [Int] = []
                    for index in values..<(values + lengths) { counts.append(try WindowArguments.length(constants[index], of: name)) }
                    var numbers: [Double] = []
                    for index in (values + lengths)..<types.count {
                        numbers.append(try WindowArguments.number(constants[index], "a factor", of: name))
                    }
                    return IndicatorWindow(indicator: build(counts, numbers))
                }
            ])
    }
}
