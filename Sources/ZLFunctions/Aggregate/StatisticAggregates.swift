import ZLColumnar

/// Statistics of all values of a group: formulas over its moments, and what needs all of its values at once, by the same formulas as
/// over window frames.
enum StatisticAggregates {
    static let functions: [AggregateFunction] = [
        moments("stddev_samp", aliases: ["stddev"], "Sample standard deviation.", Spread(correction: 1, isDeviation: true)),
        moments("stddev_pop", "Population standard deviation.", Spread(correction: 0, isDeviation: true)),
        moments("var_samp", aliases: ["variance"], "Sample variance.", Spread(correction: 1, isDeviation: false)),
        moments("var_pop", "Population variance.", Spread(correction: 0, isDeviation: false)),
        moments("corr", "Correlation of two columns.", Correlation()),
        moments("regr_slope", aliases: ["beta"], "Slope of the first column on the second.", Slope()),
        moments("covar_samp", "Sample covariance.", Covariance(correction: 1)),
        moments("covar_pop", "Population covariance.", Covariance(correction: 0)),
        make("skewness", "Sample skewness.", Skewness()),
        make("kurtosis", "Sample excess kurtosis.", Kurtosis()),
        make("kurtosis_pop", "Population excess kurtosis.", PopulationKurtosis()),
        make("median", "Median, interpolated.", Quantile(fraction: 0.5)),
        make("mad", "Median of the distances from the median.", MedianDeviation()),
        make("product", "Product of the values.", Product()),
        make("geomean", aliases: ["geometric_mean"], "Geometric mean.", GeometricMean()),
        moments("sem", "Population standard deviation over the root of the number of values.", StandardError()),
        quantile("quantile_cont", "Interpolated quantile at a constant fraction.") { Quantile(fraction: $0) },
        quantile("quantile_disc", aliases: ["quantile"], "Value at a constant fraction of the sorted values.") { DiscreteQuantile(fraction: $0) },
    ] + RegressionPart.Kind.allCases.map { moments("regr_\($0.rawValue)", $0.summary, RegressionPart(kind: $0)) }

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

    /// Whole numbers have overloads of their own, whose sums are exact.
    private static func moments<F: MomentFormula>(
        _ name: String, aliases: [String] = [], _ summary: String, _ formula: F
    ) -> AggregateFunction {
        let types = [DataType](repeating: .double, count: F.arity)
        let integers = types.map { _ in "integer" }.joined(separator: ", ")
        return AggregateFunction(
            FunctionDescription(name, .aggregate, aliases: aliases, summary, nullRule: .skips, example: example(name, F.arity)),
            [
                AggregateOverload("\(name)(\(integers)) -> DOUBLE", resolve: wholeNumbers(F.arity), isOverFrames: false) {
                    (_, _) throws(ZLError) in ExactMomentState(formula)
                },
                AggregateOverload("\(name)(\(types.map(\.description).joined(separator: ", "))) -> DOUBLE", resolve: Signatures.fixed(types, .double)) {
                    (_, _) throws(ZLError) in MomentState(formula)
                },
            ])
    }

    /// Integers that fit 64 bits with their sign.
    private static func wholeNumbers(_ count: Int) -> SignatureResolver {
        { types in
            guard types.count == count, types.allSatisfy({ $0.isInteger && $0 != .hugeint && $0 != .ubigint }) else { return nil }
            return ResolvedSignature(arguments: [DataType](repeating: .bigint, count: count), result: .double, cost: 0)
        }
    }

    private static func example(_ name: String, _ arity: Int) -> String {
        arity == 1 ? "\(name)(x) FROM range(5) AS t(x)" : "\(name)(x, x * x) FROM range(5) AS t(x)"
    }

    private static func make<S: FrameStatistic>(
        _ name: String, aliases: [String] = [], _ summary: String, _ statistic: S
    ) -> AggregateFunction {
        let types = [DataType](repeating: .double, count: S.arity)
        return AggregateFunction(
            FunctionDescription(name, .aggregate, aliases: aliases, summary, nullRule: .skips, example: example(name, S.arity)),
            [
                AggregateOverload("\(name)(\(types.map(\.description).joined(separator: ", "))) -> DOUBLE", resolve: Signatures.fixed(types, .double)) {
                    (_, _) throws(ZLError) in StatisticState(statistic)
                }
            ])
    }
}

/// Holds the values as they come, each with its group, and parts them by group in the end.
///
/// - Complexity: O(1) a row; memory O(values).
private final class StatisticState<Statistic: FrameStatistic>: AggregateState {
    private let statistic: Statistic
    private var groupCount = 0
    private var pieces: [Piece] = []
    private var held = 0

    /// Some rows' values. Many small pieces, for one that grows would be copied again and again.
    private struct Piece {
        static var capacity: Int { 4096 }
        let x = Buffer(byteCount: capacity * 8)
        let y = Buffer(byteCount: Statistic.arity > 1 ? capacity * 8 : 16)
        let groups = Buffer(byteCount: capacity * 4)
        var count = 0
    }

    init(_ statistic: Statistic) { self.statistic = statistic }

    func grow(to groupCount: Int) { self.groupCount = max(self.groupCount, groupCount) }

    func update(_ arguments: [ColumnVector], count: Int, groups: UnsafePointer<UInt32>?) throws(ZLError) {
        let first = arguments[0].flattened()
        let second = Statistic.arity > 1 ? arguments[1].flattened() : first
        var start = 0
        while start < count {
            if (pieces.last?.count ?? Piece.capacity) == Piece.capacity { pieces.append(Piece()) }
            let piece = pieces.count - 1
            let end = min(count, start + Piece.capacity - pieces[piece].count)
            let added = add(start..<end, first, second, groups, to: pieces[piece])
            pieces[piece].count += added
            held += added
            start = end
        }
        withExtendedLifetime((first, second)) {}
    }

    /// Adds rows that fit, and returns how many had values.
    private func add(_ rows: Range<Int>, _ first: ColumnVector, _ second: ColumnVector, _ groups: UnsafePointer<UInt32>?, to piece: Piece) -> Int {
        let (left, right) = (NullMask(first), NullMask(second))
        let (xs, ys) = (first.values(Double.self), second.values(Double.self))
        let (toX, toY) = (piece.x.values(Double.self), piece.y.values(Double.self))
        let toGroups = piece.groups.values(UInt32.self)
        var place = piece.count
        for row in rows where !left.isNull(row) && !right.isNull(row) {
            toX[place] = xs[row]
            if Statistic.arity > 1 { toY[place] = ys[row] }
            toGroups[place] = groups?[row] ?? 0
            place += 1
        }
        return place - piece.count
    }

    func finish() throws(ZLError) -> ColumnVector {
        let starts = self.starts()
        let (x, y) = parted(starts)
        let builder = ColumnBuilder(type: .double, capacity: groupCount)
        for group in 0..<groupCount {
            let count = starts[group + 1] - starts[group]
            let left = UnsafePointer(x.values(Double.self) + starts[group])
            let right = UnsafePointer((Statistic.arity > 1 ? y : x).values(Double.self) + starts[group])
            if count > 0, let value = statistic.value(left, right, count, current: 0) {
                builder.append(value)
            } else {
                builder.appendNull()
            }
        }
        return withExtendedLifetime((x, y)) { builder.finish() }
    }

    /// Where each group's values begin among all, and their number.
    private func starts() -> [Int] {
        var starts = [Int](repeating: 0, count: groupCount + 1)
        starts.withUnsafeMutableBufferPointer { starts in
            for piece in pieces {
                let numbers = piece.groups.values(UInt32.self)
                for place in 0..<piece.count { starts[Int(numbers[place]) + 1] += 1 }
            }
            for group in 0..<groupCount { starts[group + 1] += starts[group] }
        }
        return starts
    }

    /// The values group by group, in order within each.
    private func parted(_ starts: [Int]) -> (x: Buffer, y: Buffer) {
        let x = Buffer(byteCount: max(16, held * 8))
        let y = Buffer(byteCount: Statistic.arity > 1 ? max(16, held * 8) : 16)
        let (toX, toY) = (x.values(Double.self), y.values(Double.self))
        var next = starts
        next.withUnsafeMutableBufferPointer { next in
            for piece in pieces {
                let (xs, ys) = (piece.x.values(Double.self), piece.y.values(Double.self))
                let numbers = piece.groups.values(UInt32.self)
                for place in 0..<piece.count {
                    let group = Int(numbers[place])
                    toX[next[group]] = xs[place]
                    if Statistic.arity > 1 { toY[next[group]] = ys[place] }
                    next[group] += 1
                }
            }
        }
        return (x, y)
    }
}
