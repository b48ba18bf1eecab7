import ZLColumnar

/// The aggregates that have a window form of their own, with the results of the general one.
enum FramedAggregates {
    /// - Parameter general: what frames go to that the form does not cover.
    static func evaluator(
        _ name: String, _ signature: ResolvedSignature, _ constants: [Value?], general: AggregateWindow
    ) -> (any WindowEvaluator)? {
        statistic(name, constants) ?? sum(name, signature, general)
    }

    private static func statistic(_ name: String, _ constants: [Value?]) -> (any WindowEvaluator)? {
        switch name {
        case "stddev_samp": framed(Spread(correction: 1, isDeviation: true))
        case "stddev_pop": framed(Spread(correction: 0, isDeviation: true))
        case "var_samp": framed(Spread(correction: 1, isDeviation: false))
        case "var_pop": framed(Spread(correction: 0, isDeviation: false))
        case "corr": framed(Correlation())
        case "regr_slope": framed(Slope())
        case "covar_samp": framed(Covariance(correction: 1))
        case "covar_pop": framed(Covariance(correction: 0))
        case "skewness": framed(Skewness())
        case "kurtosis": framed(Kurtosis())
        case "median": framed(Quantile(fraction: 0.5))
        default: nil
        }
    }

    private static func framed<S: FrameStatistic>(_ statistic: S) -> any WindowEvaluator {
        StatisticWindow(statistic: statistic, length: nil, minimum: 0)
    }

    private static func sum(_ name: String, _ signature: ResolvedSignature, _ general: AggregateWindow) -> (any WindowEvaluator)? {
        guard signature.arguments == [.double], signature.result == .double else { return nil }
        switch name {
        case "sum": return ConstantWidth(form: StatisticWindow(statistic: Sum(), length: nil, minimum: 0), general: general)
        case "avg": return ConstantWidth(form: StatisticWindow(statistic: Mean(), length: nil, minimum: 0), general: general)
        default: return nil
        }
    }
}

/// One evaluator for frames of constant width, another for the rest.
struct ConstantWidth<Form: WindowEvaluator>: WindowEvaluator {
    let form: Form
    let general: AggregateWindow

    func evaluate(_ partition: WindowPartition, into output: WindowOutput) throws(ZLError) {
        if partition.span(lastRows: nil) != nil {
            try form.evaluate(partition, into: output)
        } else {
            try general.evaluate(partition, into: output)
        }
    }
}
