import Glibc

/// exp of the mean of the logarithms.
struct GeometricMean: FrameStatistic {
    static let arity = 1, usesCurrentRow = false
    func value(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, _ count: Int, current: Double) -> Double? {
        withUnsafeTemporaryAllocation(of: Double.self, capacity: count) { logarithms in
            guard let first = logarithms.baseAddress else { return nil }
            for index in 0..<count { first[index] = Glibc.log(x[index]) }
            return Glibc.exp(FrameSums.mean(first, count))
        }
    }
}

/// Median of the distances from the median.
struct MedianDeviation: FrameStatistic {
    static let arity = 1, usesCurrentRow = false
    func value(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, _ count: Int, current: Double) -> Double? {
        let median = Quantile(fraction: 0.5)
        guard let centre = median.value(x, y, count, current: 0) else { return nil }
        return withUnsafeTemporaryAllocation(of: Double.self, capacity: count) { distances in
            guard let first = distances.baseAddress else { return nil }
            for index in 0..<count { first[index] = abs(x[index] - centre) }
            return median.value(first, first, count, current: 0)
        }
    }
}

/// Population excess kurtosis; needs a spread.
struct PopulationKurtosis: FrameStatistic {
    static let arity = 1, usesCurrentRow = false
    func value(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, _ count: Int, current: Double) -> Double? {
        guard count > 1 else { return nil }
        return FrameSums.fourthMoment(x, count).map { $0 - 3 }
    }
}

/// The least value that is not below the given share of the others.
struct DiscreteQuantile: FrameStatistic {
    static let arity = 1, usesCurrentRow = false
    let fraction: Double
    func value(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, _ count: Int, current: Double) -> Double? {
        guard count > 0 else { return nil }
        let place = min(count - 1, max(0, Int((fraction * Double(count)).rounded(.up)) - 1))
        return withUnsafeTemporaryAllocation(of: Double.self, capacity: count) { copy in
            guard let values = copy.baseAddress else { return nil }
            values.initialize(from: x, count: count)
            OrderStatistics.select(place, of: values, count)
            return values[place]
        }
    }
}
