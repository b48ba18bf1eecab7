import ZLColumnar

/// The aggregates that have a window form of their own, with the results of the general one.
enum FramedAggregates {
    /// - Parameter general: what frames go to that the form does not cover.
    static func evaluator(
        _ name: String, _ signature: ResolvedSignature, _ constants: [Value?], general: AggregateWindow
    ) -> (any WindowEvaluator)? {
        statistic(name, constants) ?? total(name, signature, general) ?? choice(name, signature, general)
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
        case "quantile_cont": fraction(constants).map { framed(Quantile(fraction: $0)) }
        default: nil
        }
    }

    /// Nil for what the aggregate itself refuses.
    private static func fraction(_ constants: [Value?]) -> Double? {
        guard constants.count > 1, let number = try? WindowArguments.number(constants[1], "a fraction", of: "quantile_cont") else {
            return nil
        }
        return (0...1).contains(number) ? number : nil
    }

    private static func framed<S: FrameStatistic>(_ statistic: S) -> any WindowEvaluator {
        StatisticWindow(statistic: statistic, length: nil, minimum: 0)
    }

    /// - Complexity: see each form.
    private static func choice(_ name: String, _ signature: ResolvedSignature, _ general: AggregateWindow) -> (any WindowEvaluator)? {
        switch name {
        case "min" where ExtremeAggregate.takes(signature): Alternative(form: ExtremeAggregate(isGreatest: false), general: general)
        case "max" where ExtremeAggregate.takes(signature): Alternative(form: ExtremeAggregate(isGreatest: true), general: general)
        case "first": Alternative(form: FrameEnd(isLast: false, skipsNulls: false), general: general)
        case "last": Alternative(form: FrameEnd(isLast: true, skipsNulls: false), general: general)
        case "any_value": Alternative(form: FrameEnd(isLast: false, skipsNulls: true), general: general)
        default: nil
        }
    }

    private static func total(_ name: String, _ signature: ResolvedSignature, _ general: AggregateWindow) -> (any WindowEvaluator)? {
        let isDouble = signature.arguments == [.double] && signature.result == .double
        switch name {
        case "sum" where isDouble: return Alternative(form: StatisticWindow(statistic: Sum(), length: nil, minimum: 0), general: general)
        case "avg" where isDouble: return Alternative(form: StatisticWindow(statistic: Mean(), length: nil, minimum: 0), general: general)
        case "sum", "avg":
            return ExactTotals(sumOf: signature, averages: name == "avg").map { Alternative(form: $0, general: general) }
        case "count", "count_star": return Alternative(form: ExactTotals(countsTrue: false), general: general)
        case "count_if": return Alternative(form: ExactTotals(countsTrue: true), general: general)
        default: return nil
        }
    }
}

/// An evaluator for some of the frames that can be written.
protocol FramedForm: WindowEvaluator {
    func covers(_ partition: WindowPartition) -> Bool
}

/// A form for the frames that it covers, the general way for others.
struct Alternative<Form: FramedForm>: WindowEvaluator {
    let form: Form
    let general: AggregateWindow

    func reach(_ use: WindowUse) -> WindowReach? { form.reach(use) }

    func makeWriter(_ partition: WindowPartition, into output: WindowOutput) -> SharedSums.Writer? {
        form.covers(partition) ? form.makeWriter(partition, into: output) : nil
    }

    func evaluate(_ partition: WindowPartition, into output: WindowOutput) throws(ZLError) {
        if form.covers(partition) {
            try form.evaluate(partition, into: output)
        } else {
            try general.evaluate(partition, into: output)
        }
    }
}

/// The value of the first or last row of the frame.
struct FrameEnd: FramedForm {
    let isLast: Bool
    /// Looks for a value that is not NULL.
    let skipsNulls: Bool

    func reach(_ use: WindowUse) -> WindowReach? { use.isFiltered || skipsNulls ? nil : use.frameReach }

    func covers(_ partition: WindowPartition) -> Bool {
        partition.filter == nil && partition.exclusion == .noOthers && !(skipsNulls && partition.arguments[0].mayHaveNulls)
    }

    func evaluate(_ partition: WindowPartition, into output: WindowOutput) throws(ZLError) {
        let values = partition.arguments[0]
        for row in partition.targets {
            let range = partition.frameRange(row)
            guard let place = isLast ? range.last : range.first, !values.isNull(place) else { continue }
            output.copy(values, from: place, to: row)
        }
    }
}

/// min and max of numbers and times over frames of constant width.
struct ExtremeAggregate: FramedForm {
    let isGreatest: Bool

    static func takes(_ signature: ResolvedSignature) -> Bool {
        signature.arguments.count == 1 && signature.arguments[0].physical.stride <= 8
    }

    func covers(_ partition: WindowPartition) -> Bool { partition.span(lastRows: nil) != nil }

    func reach(_ use: WindowUse) -> WindowReach? { WindowSpan(use, lastRows: nil)?.reach }

    func evaluate(_ partition: WindowPartition, into output: WindowOutput) throws(ZLError) {
        switch partition.arguments[0].physical {
        case .bool, .uint8: run(partition, UInt8.self, output)
        case .int8: run(partition, Int8.self, output)
        case .int16: run(partition, Int16.self, output)
        case .uint16: run(partition, UInt16.self, output)
        case .int32: run(partition, Int32.self, output)
        case .uint32: run(partition, UInt32.self, output)
        case .int64: run(partition, Int64.self, output)
        case .uint64: run(partition, UInt64.self, output)
        case .float32: run(partition, Float.self, output)
        case .float64: run(partition, Double.self, output)
        case .int128, .string, .interval: preconditionFailure("takes() lets in layouts of up to 8 bytes")
        }
    }

    private func run<T: WindowElement>(_ partition: WindowPartition, _ type: T.Type, _ output: WindowOutput) {
        guard let span = partition.span(lastRows: nil) else { return }
        let input = FrameInput(partition, arity: 1)
        DoublingExtremes<T>(isGreatest: isGreatest).run(
            partition.arguments[0].values(T.self), partition.rows, span, partition.targets, minimum: 1,
            counts: input.mayHaveGaps ? input.counts : nil, into: output.values(T.self), valid: output.valid)
        input.keepAlive()
    }
}
