import ZLColumnar

/// Statistics of all values of a group, by the same formulas as over window frames. A state holds its group's values.
enum StatisticAggregates {
    static let functions: [AggregateFunction] = [
        make("stddev_samp", aliases: ["stddev"], "Sample standard deviation.", Spread(correction: 1, isDeviation: true)),
        make("stddev_pop", "Population standard deviation.", Spread(correction: 0, isDeviation: true)),
        make("var_samp", aliases: ["variance"], "Sample variance.", Spread(correction: 1, isDeviation: false)),
        make("var_pop", "Population variance.", Spread(correction: 0, isDeviation: false)),
        make("corr", "Correlation of two columns.", Correlation()),
        make("regr_slope", aliases: ["beta"], "Slope of the first column on the second.", Slope()),
        make("covar_samp", "Sample covariance.", Covariance(correction: 1)),
        make("covar_pop", "Population covariance.", Covariance(correction: 0)),
        make("skewness", "Sample skewness.", Skewness()),
        make("kurtosis", "Sample excess kurtosis.", Kurtosis()),
        make("kurtosis_pop", "Population excess kurtosis.", PopulationKurtosis()),
        make("median", "Median, interpolated.", Quantile(fraction: 0.5)),
        make("mad", "Median of the distances from the median.", MedianDeviation()),
        make("product", "Product of the values.", Product()),
        make("geomean", aliases: ["geometric_mean"], "Geometric mean.", GeometricMean()),
        make("sem", "Population standard deviation over the root of the number of values.", StandardError()),
        quantile("quantile_cont", "Interpolated quantile at a constant fraction.") { Quantile(fraction: $0) },
        quantile("quantile_disc", aliases: ["quantile"], "Value at a constant fraction of the sorted values.") { DiscreteQuantile(fraction: $0) },
    ] + RegressionPart.Kind.allCases.map { make("regr_\($0.rawValue)", $0.summary, RegressionPart(kind: $0)) }

    private static func quantile<S: FrameStatistic>(
        _ name: String, aliases: [String] = [], _ summary: String, _ statistic: @escaping @Sendable (Double) -> S
    ) -> AggregateFunction {
        AggregateFunction(
            FunctionDescription(name, .aggregate, aliases: aliases, summary, nullRule: .skips, example: "\(name)(x, 0.9) FROM range(5) AS t(x)"),
            [
                AggregateOverload("\(name)(DOUBLE, fraction) -> DOUBLE", resolve: Signatures.fixed([.double, .double], .double)) {
                    (_, constants) throws(ZLError) in
                    let fraction = try WindowArguments.number(constants[1], "a fraction", of: name)
                    guard (0...1).contains(fraction) else {
                        throw ZLError(.binding, "quantile_fraction", "the fraction of \(name) is \(fraction), expected 0 to 1")
                    }
                    return StatisticState(statistic(fraction))
                }
            ])
    }

    private static func make<S: FrameStatistic>(
        _ name: String, aliases: [String] = [], _ summary: String, _ statistic: S
    ) -> AggregateFunction {
        let types = [DataType](repeating: .double, count: S.arity)
        return AggregateFunction(
            FunctionDescription(
                name, .aggregate, aliases: aliases, summary, nullRule: .skips,
                example: S.arity == 1 ? "\(name)(x) FROM range(5) AS t(x)" : "\(name)(x, x * x) FROM range(5) AS t(x)"),
            [
                AggregateOverload("\(name)(\(types.map(\.description).joined(separator: ", "))) -> DOUBLE", resolve: Signatures.fixed(types, .double)) {
                    (_, _) throws(ZLError) in StatisticState(statistic)
                }
            ])
    }
}

/// - Complexity: memory O(values).
private final class StatisticState<Statistic: FrameStatistic>: AggregateState {
    private let statistic: Statistic
    private var x: [[Double]] = []
    private var y: [[Double]] = []

    init(_ statistic: Statistic) { self.statistic = statistic }

    func grow(to groupCount: Int) {
        while x.count < groupCount {
            x.append([])
            y.append([])
        }
    }

    func update(_ arguments: [ColumnVector], count: Int, groups: UnsafePointer<UInt32>?, block: Int) throws(ZLError) {
        let first = arguments[0].flattened()
        let second = Statistic.arity > 1 ? arguments[1].flattened() : first
        for row in 0..<count where !first.isNull(row) && !second.isNull(row) {
            let group = groups.map { Int($0[row]) } ?? 0
            x[group].append(first.values(Double.self)[row])
            if Statistic.arity > 1 { y[group].append(second.values(Double.self)[row]) }
        }
    }

    func finish() throws(ZLError) -> ColumnVector {
        let builder = ColumnBuilder(type: .double, capacity: x.count)
        for group in x.indices {
            let value = x[group].withUnsafeBufferPointer { left in
                y[group].withUnsafeBufferPointer { right -> Double? in
                    guard let values = left.baseAddress, left.count > 0 else { return nil }
                    return statistic.value(values, right.baseAddress ?? values, left.count, current: 0)
                }
            }
            if let value { builder.append(value) } else { builder.appendNull() }
        }
        return builder.finish()
    }
}
