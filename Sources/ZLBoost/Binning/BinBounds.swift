/// Upper bounds of the bins of one numerical feature, found from its distinct values: LightGBM's greedy equal-count binning
/// with a bin of its own for zero.
enum BinBounds {
    /// Values of at most this magnitude are zeros: Float32(1e-35).
    static let zeroThreshold = Double(Float(1e-35))

    /// A value and the number of rows that have it.
    struct CountedValue {
        var value: Double
        var count: Int
    }

    /// Bounds for values left of zero, then zero's, then those right of it; the last is +inf.
    ///
    /// `total` is the number of rows that are not NaN, zeros included. An all-positive feature begins with an empty zero bin.
    static func aroundZero(_ values: [CountedValue], maxBin: Int, total: Int, minDataInBin: Int) -> [Double] {
        let left = values.prefix { $0.value <= -zeroThreshold }
        let right = values.drop { $0.value <= zeroThreshold }
        let leftRows: Int = left.reduce(0) { $0 + $1.count }
        let rightRows: Int = right.reduce(0) { $0 + $1.count }
        let zeroRows: Int = values.reduce(0) { $0 + $1.count } - leftRows - rightRows
        var bounds: [Double] = []
        if !left.isEmpty && maxBin > 1 {
            let share: Double = Double(leftRows) / Double(total - zeroRows)
            let leftBins: Int = max(1, Int(share * Double(maxBin - 1)))
            bounds = greedy(Array(left), maxBin: leftBins, total: leftRows, minDataInBin: minDataInBin)
            bounds[bounds.count - 1] = -zeroThreshold
        }
        let rightBins: Int = maxBin - 1 - bounds.count
        if !right.isEmpty && rightBins > 0 {
            bounds.append(zeroThreshold)
            bounds += greedy(Array(right), maxBin: rightBins, total: rightRows, minDataInBin: minDataInBin)
        } else {
            bounds.append(.infinity)
        }
        return bounds
    }

    /// At most `maxBin` bounds over `values` (not empty, ascending); the last is +inf.
    static func greedy(_ values: [CountedValue], maxBin: Int, total: Int, minDataInBin: Int) -> [Double] {
        var bounds: [Double] = []
        if values.count <= maxBin {
            var rows = 0
            for index in 0..<(values.count - 1) {
                rows += values[index].count
                if rows >= minDataInBin && append(midpoint(values[index].value, values[index + 1].value), to: &bounds) {
                    rows = 0
                }
            }
        } else {
            let borders = equalCountBorders(values, maxBin: max(1, min(maxBin, total / minDataInBin)), total: total)
            for border in borders { append(midpoint(border.below, border.above), to: &bounds) }
        }
        bounds.append(.infinity)
        return bounds
    }

    /// The last value of each bin but the last, and the value after it. A value with more rows than the mean bin gets a bin of
    /// its own; the others fill bins up to the mean of what is left.
    private static func equalCountBorders(
        _ values: [CountedValue], maxBin: Int, total: Int
    ) -> [(below: Double, above: Double)] {
        var mean: Double = Double(total) / Double(maxBin)
        var restBins: Int = maxBin
        var restRows: Int = total
        let isBig: [Bool] = values.map { Double($0.count) >= mean }
        for index in values.indices where isBig[index] {
            restBins -= 1
            restRows -= values[index].count
        }
        mean = Double(restRows) / Double(restBins)
        var borders: [(below: Double, above: Double)] = []
        var rows = 0
        for index in 0..<(values.count - 1) {
            if !isBig[index] { restRows -= values[index].count }
            rows += values[index].count
            let filled: Bool = Double(rows) >= mean
            let nextIsBig: Bool = isBig[index + 1] && Double(rows) >= max(1, mean * 0.5)
            guard isBig[index] || filled || nextIsBig else { continue }
            borders.append((values[index].value, values[index + 1].value))
            if borders.count >= maxBin - 1 { break }
            rows = 0
            if !isBig[index] {
                restBins -= 1
                mean = Double(restRows) / Double(restBins)
            }
        }
        return borders
    }

    /// The smallest bound above the middle of two neighbours.
    private static func midpoint(_ a: Double, _ b: Double) -> Double { ((a + b) / 2).nextUp }

    /// Appends a bound unless it equals the one before it up to one step; returns whether it did.
    @discardableResult
    private static func append(_ bound: Double, to bounds: inout [Double]) -> Bool {
        if let last = bounds.last, areEqualOrdered(last, bound) { return false }
        bounds.append(bound)
        return true
    }

    /// Whether two ascending numbers are the same or next to each other.
    static func areEqualOrdered(_ a: Double, _ b: Double) -> Bool { b <= a.nextUp }
}
