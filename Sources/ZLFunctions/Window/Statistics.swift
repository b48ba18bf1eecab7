import Glibc
import ZLColumnar

struct Mean: FrameStatistic {
    static let arity = 1, usesCurrentRow = false
    func value(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, _ count: Int, current: Double) -> Double? {
        count > 0 ? FrameSums.sum(x, count) / Double(count) : nil
    }
}

struct Sum: FrameStatistic {
    static let arity = 1, usesCurrentRow = false
    func value(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, _ count: Int, current: Double) -> Double? {
        count > 0 ? FrameSums.sum(x, count) : nil
    }
}

struct Extreme: FrameStatistic {
    static let arity = 1, usesCurrentRow = false
    let isGreatest: Bool
    func value(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, _ count: Int, current: Double) -> Double? {
        guard count > 0 else { return nil }
        var best = x[0]
        for index in 1..<max(count, 1) {
            let next = x[index]
            // why: NaN is the greatest value
            let isGreater = next > best || (next.isNaN && !best.isNaN)
            let isLess = next < best || (best.isNaN && !next.isNaN)
            if isGreatest ? isGreater : isLess { best = next }
        }
        return best
    }
}

/// Sum of squared deviations over `count - correction`, and its root where `isDeviation`.
struct Spread: FrameStatistic {
    static let arity = 1, usesCurrentRow = false
    let correction: Int
    let isDeviation: Bool
    func value(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, _ count: Int, current: Double) -> Double? {
        guard count > correction else { return nil }
        let variance = FrameSums.deviations(x, count) / Double(count - correction)
        return isDeviation ? variance.squareRoot() : variance
    }
}

/// (current - mean) / sample deviation.
struct ZScore: FrameStatistic {
    static let arity = 1, usesCurrentRow = true
    func value(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, _ count: Int, current: Double) -> Double? {
        guard count > 1 else { return nil }
        let deviation = (FrameSums.deviations(x, count) / Double(count - 1)).squareRoot()
        guard deviation != 0 else { return nil }
        return FrameSums.distance(current, x, count) / deviation
    }
}

struct Demean: FrameStatistic {
    static let arity = 1, usesCurrentRow = true
    func value(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, _ count: Int, current: Double) -> Double? {
        count > 0 ? FrameSums.distance(current, x, count) : nil
    }
}

struct Drawdown: FrameStatistic {
    static let arity = 1, usesCurrentRow = true
    func value(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, _ count: Int, current: Double) -> Double? {
        guard let peak = Extreme(isGreatest: true).value(x, y, count, current: current), peak != 0 else { return nil }
        return current / peak - 1
    }
}

/// Rank of the current value among the frame's, ties averaged, over their number (pandas rank(pct=True)).
struct PercentileRank: FrameStatistic {
    static let arity = 1, usesCurrentRow = true
    func value(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, _ count: Int, current: Double) -> Double? {
        guard count > 0, !current.isNaN else { return nil }
        var less = 0
        var equal = 0
        for index in 0..<count {
            less += x[index] < current ? 1 : 0
            equal += x[index] == current ? 1 : 0
        }
        return (Double(less) + (Double(equal) + 1) / 2) / Double(count)
    }
}

struct Correlation: FrameStatistic {
    static let arity = 2, usesCurrentRow = false
    func value(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, _ count: Int, current: Double) -> Double? {
        guard count > 1 else { return nil }
        let spread = FrameSums.deviations(x, count)
        let other = FrameSums.deviations(y, count)
        guard spread != 0, other != 0 else { return nil }
        let shared = FrameSums.codeviations(x, y, count)
        return shared / (spread.squareRoot() * other.squareRoot())
    }
}

/// Slope of the first argument on the second.
struct Slope: FrameStatistic {
    static let arity = 2, usesCurrentRow = false
    func value(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, _ count: Int, current: Double) -> Double? {
        guard count > 1 else { return nil }
        let spread = FrameSums.deviations(y, count)
        guard spread != 0 else { return nil }
        return FrameSums.codeviations(x, y, count) / spread
    }
}

struct Covariance: FrameStatistic {
    static let arity = 2, usesCurrentRow = false
    let correction: Int
    func value(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, _ count: Int, current: Double) -> Double? {
        guard count > correction else { return nil }
        return FrameSums.codeviations(x, y, count) / Double(count - correction)
    }
}

/// Linear interpolation between the neighbours of position (count - 1) * fraction.
struct Quantile: FrameStatistic {
    static let arity = 1, usesCurrentRow = false
    let fraction: Double
    func value(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, _ count: Int, current: Double) -> Double? {
        guard count > 0 else { return nil }
        let position = Double(count - 1) * fraction
        let low = min(Int(position.rounded(.down)), count - 1)
        return withUnsafeTemporaryAllocation(of: Double.self, capacity: count) { copy in
            guard let values = copy.baseAddress else { return nil }
            values.initialize(from: x, count: count)
            guard low + 1 < count else {
                OrderStatistics.select(low, of: values, count)
                return values[low]
            }
            let (below, above) = OrderStatistics.pair(at: low, of: values, count)
            return Quantile.between(below, above, position - Double(low))
        }
    }

    /// A NaN or infinity behind the position does not reach it.
    @inline(__always)
    static func between(_ low: Double, _ high: Double, _ share: Double) -> Double {
        // why: of zeros the order does not know the sign
        share == 0 ? low + 0.0 : low + (high - low) * share
    }
}

/// Sample skewness with pandas' and DuckDB's correction; needs three values and a spread.
struct Skewness: FrameStatistic {
    static let arity = 1, usesCurrentRow = false
    func value(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, _ count: Int, current: Double) -> Double? {
        guard count > 2 else { return nil }
        let n = Double(count)
        let m2 = FrameSums.deviations(x, count) / n
        guard m2 != 0 else { return nil }
        let mean = FrameSums.mean(x, count)
        var m3 = 0.0
        for index in 0..<count {
            let d = x[index] - mean
            m3 += d * d * d
        }
        return (n * (n - 1)).squareRoot() / (n - 2) * (m3 / n) / (m2 * m2.squareRoot())
    }
}

/// Sample excess kurtosis with pandas' and DuckDB's correction; needs four values and a spread.
struct Kurtosis: FrameStatistic {
    static let arity = 1, usesCurrentRow = false
    func value(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, _ count: Int, current: Double) -> Double? {
        guard count > 3 else { return nil }
        let n = Double(count)
        guard let fourth = FrameSums.fourthMoment(x, count) else { return nil }
        return (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * fourth - 3 * (n - 1))
    }
}
