import Glibc
import ZLColumnar

/// A number computed from the frame's values, in the order of the rows: depends on them alone, not on where they stand.
protocol FrameStatistic: Sendable {
    /// Number of value arguments, 1 or 2.
    static var arity: Int { get }
    /// Needs the current row's own value; NULL where that is NULL.
    static var usesCurrentRow: Bool { get }
    /// - Parameters:
    ///   - x: `count` values, none NULL; `y` the second argument's, where there is one.
    ///   - current: the current row's value of the first argument.
    func value(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, _ count: Int, current: Double) -> Double?
    /// What computes frames of constant width; nil reads them one at a time.
    func makeKernel() -> (any FrameKernel<Self>)?
}

extension FrameStatistic {
    func makeKernel() -> (any FrameKernel<Self>)? { nil }
}

/// Sums over a frame by pairs: the error grows with the logarithm of the length, and no value outlives its frame.
enum FrameSums {
    /// The mean fourth power of the deviations over the squared population variance; nil without a spread.
    static func fourthMoment(_ x: UnsafePointer<Double>, _ count: Int) -> Double? {
        let n = Double(count)
        let m2 = deviations(x, count) / n
        guard m2 != 0 else { return nil }
        let centre = mean(x, count)
        var m4 = 0.0
        for index in 0..<count {
            let d = x[index] - centre
            m4 += d * d * d * d
        }
        return m4 / n / (m2 * m2)
    }

    /// - Complexity: O(count)
    static func sum(_ x: UnsafePointer<Double>, _ count: Int) -> Double {
        if count <= 16 {
            var total = 0.0
            for index in 0..<count { total += x[index] }
            return total
        }
        let half = count / 2
        return sum(x, half) + sum(x + half, count - half)
    }

    static func mean(_ x: UnsafePointer<Double>, _ count: Int) -> Double {
        // why: the mean of the differences from the first value loses nothing on a high level
        let anchor = x[0]
        if !anchor.isFinite { return sum(x, count) / Double(count) }
        let shift = shiftedSum(x, count, anchor) / Double(count)
        let direct = sum(x, count) / Double(count)
        return abs(shift) < abs(direct) ? anchor + shift : direct
    }

    private static func shiftedSum(_ x: UnsafePointer<Double>, _ count: Int, _ anchor: Double) -> Double {
        if count <= 16 {
            var total = 0.0
            for index in 0..<count { total += x[index] - anchor }
            return total
        }
        let half = count / 2
        return shiftedSum(x, half, anchor) + shiftedSum(x + half, count - half, anchor)
    }

    /// Sum of (x - centre)^2.
    static func squares(_ x: UnsafePointer<Double>, _ count: Int, _ centre: Double) -> Double {
        if count <= 16 {
            var total = 0.0
            for index in 0..<count {
                let d = x[index] - centre
                total += d * d
            }
            return total
        }
        let half = count / 2
        return squares(x, half, centre) + squares(x + half, count - half, centre)
    }

    /// Sum of (x - a)(y - b).
    static func products(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, _ count: Int, _ a: Double, _ b: Double) -> Double {
        if count <= 16 {
            var total = 0.0
            for index in 0..<count { total += (x[index] - a) * (y[index] - b) }
            return total
        }
        let half = count / 2
        return products(x, y, half, a, b) + products(x + half, y + half, count - half, a, b)
    }

    /// `value` less the mean, with the digits that the mean loses in rounding.
    static func distance(_ value: Double, _ x: UnsafePointer<Double>, _ count: Int) -> Double {
        let centre = mean(x, count)
        return centre.isFinite ? (value - centre) - shiftedSum(x, count, centre) / Double(count) : value - centre
    }

    /// Corrected two-pass sum of products of deviations.
    static func codeviations(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, _ count: Int) -> Double {
        let (a, b) = (mean(x, count), mean(y, count))
        return products(x, y, count, a, b) - shiftedSum(x, count, a) * shiftedSum(y, count, b) / Double(count)
    }

    /// Corrected two-pass sum of squared deviations (Chan, Golub and LeVeque 1983); exactly 0 where all values are equal.
    static func deviations(_ x: UnsafePointer<Double>, _ count: Int) -> Double {
        let anchor = x[0]
        var isConstant = true
        for index in 1..<max(count, 1) where x[index] != anchor {
            isConstant = false
            break
        }
        if isConstant { return anchor.isFinite ? 0 : .nan }
        let centre = mean(x, count)
        let residue = shiftedSum(x, count, centre)
        return squares(x, count, centre) - residue * residue / Double(count)
    }
}
