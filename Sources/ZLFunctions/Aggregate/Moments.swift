/// Number, means, and sums of squares and products of deviations of pairs (x, y); of single values x where nobody asks for y.
///
/// Means are kept as distances from an anchor, a value of the group: on a high level they would lose the digits of the spread.
struct Moments: BitwiseCopyable {
    var count = 0.0
    /// Values of the group, or 0 where its first one is not finite.
    var anchorX = 0.0, anchorY = 0.0
    /// Means less the anchors.
    var x = 0.0, y = 0.0
    /// Sums of (x - mean)^2, (y - mean)^2 and (x - mean)(y - mean).
    var xx = 0.0, yy = 0.0, xy = 0.0

    var meanX: Double { anchorX + x }
    var meanY: Double { anchorY + y }

    /// Takes in the pairs of `other` as well (Chan, Golub and LeVeque 1983); exactly 0 stays 0 where all values are equal.
    @inline(__always)
    mutating func add(_ other: Moments, isPair: Bool) {
        if count == 0 {
            self = other
            return
        }
        let total = count + other.count
        let share = other.count / total
        let weight = count * share
        let shiftX = other.anchorX - anchorX
        let dx = shiftX + (other.x - x)
        x = Moments.mean(x, shiftX + other.x, dx * share)
        xx += other.xx + dx * dx * weight
        if isPair {
            let shiftY = other.anchorY - anchorY
            let dy = shiftY + (other.y - y)
            y = Moments.mean(y, shiftY + other.y, dy * share)
            yy += other.yy + dy * dy * weight
            xy += other.xy + dx * dy * weight
        }
        count = total
    }

    /// An infinite mean stays, unless the other sign or NaN comes to it.
    @inline(__always)
    private static func mean(_ mean: Double, _ other: Double, _ step: Double) -> Double {
        mean.isFinite ? mean + step : mean + (other.isFinite ? 0 : other)
    }
}

/// Sums of distances from an anchor over few values: of one group in one block of source rows.
struct AnchoredSums: BitwiseCopyable {
    var anchorX = 0.0, anchorY = 0.0
    var x = 0.0, y = 0.0
    var xx = 0.0, yy = 0.0, xy = 0.0

    @inline(__always)
    init(anchorX: Double, anchorY: Double) {
        // why: distances from an infinite value would say nothing about the mean
        self.anchorX = anchorX.isFinite ? anchorX : 0
        self.anchorY = anchorY.isFinite ? anchorY : 0
    }

    @inline(__always)
    mutating func add(_ valueX: Double, _ valueY: Double, isPair: Bool) {
        let dx = valueX - anchorX
        x += dx
        xx += dx * dx
        if isPair {
            let dy = valueY - anchorY
            y += dy
            yy += dy * dy
            xy += dx * dy
        }
    }

    /// The anchor is one of the values: at most `count` times the sum of squares about the mean is lost against it.
    @inline(__always)
    func moments(_ count: Int, isPair: Bool) -> Moments {
        // why: where groups are many, most blocks have one value of each
        if count == 1, x == 0, y == 0 { return Moments(count: 1, anchorX: anchorX, anchorY: anchorY) }
        let n = Double(count)
        var moments = Moments(count: n, anchorX: anchorX, anchorY: anchorY, x: x / n)
        moments.xx = AnchoredSums.positive(xx - x * moments.x)
        if isPair {
            moments.y = y / n
            moments.yy = AnchoredSums.positive(yy - y * moments.y)
            moments.xy = xy - x * moments.y
        }
        return moments
    }

    /// No sum of squares is negative; NaN stays.
    @inline(__always)
    private static func positive(_ sum: Double) -> Double { sum < 0 ? 0 : sum }
}

/// A statistic that is a formula over the moments of a group. x is the first argument, y the second.
protocol MomentFormula: Sendable {
    /// Number of value arguments, 1 or 2.
    static var arity: Int { get }
    /// - Parameter moments: of at least one value.
    func value(_ moments: Moments) -> Double?
}

extension MomentFormula {
    var arity: Int { Self.arity }
}

extension Spread: MomentFormula {
    func value(_ moments: Moments) -> Double? {
        guard moments.count > Double(correction) else { return nil }
        let variance = moments.xx / (moments.count - Double(correction))
        return isDeviation ? variance.squareRoot() : variance
    }
}

extension Covariance: MomentFormula {
    func value(_ moments: Moments) -> Double? {
        moments.count > Double(correction) ? moments.xy / (moments.count - Double(correction)) : nil
    }
}

extension Correlation: MomentFormula {
    func value(_ moments: Moments) -> Double? {
        guard moments.count > 1, moments.xx != 0, moments.yy != 0 else { return nil }
        return moments.xy / (moments.xx.squareRoot() * moments.yy.squareRoot())
    }
}

extension Slope: MomentFormula {
    func value(_ moments: Moments) -> Double? {
        moments.count > 1 && moments.yy != 0 ? moments.xy / moments.yy : nil
    }
}

/// Population deviation over the root of the number of values.
struct StandardError: MomentFormula {
    static let arity = 1
    func value(_ moments: Moments) -> Double? { (moments.xx / moments.count).squareRoot() / moments.count.squareRoot() }
}
