import ZLColumnar

/// What the moment kernels know of one window: sums of differences from an anchor, or of the values themselves.
struct WindowMoments {
    /// Values that count.
    var count = 0.0
    /// The current row's first argument less the anchor.
    var current = 0.0
    var x = 0.0
    var xx = 0.0
    var y = 0.0
    var yy = 0.0
    var xy = 0.0

    /// Below this share of the sum of squared differences, a sum of squared deviations has lost too many digits to cancellation.
    ///
    /// The sums err by less than 1e-15 of themselves, so what passes errs by less than about 1e-12, typically by 1e-14.
    static let leastShare = 1e-3

    /// Sum of squared deviations from the mean, and whether it kept its digits; not for NaN, infinity or constant windows.
    @inline(__always)
    var deviationsX: (value: Double, isSure: Bool) { WindowMoments.deviations(x, xx, count) }

    @inline(__always)
    var deviationsY: (value: Double, isSure: Bool) { WindowMoments.deviations(y, yy, count) }

    /// Sum of products of deviations. Sure where the deviations of both sides are.
    @inline(__always)
    var products: Double { xy - x * y / count }

    @inline(__always)
    private static func deviations(_ sum: Double, _ squares: Double, _ count: Double) -> (value: Double, isSure: Bool) {
        let value = squares - sum * sum / count
        // why: false for NaN, for infinite and for all-zero sums, which are left to the exact formula
        return (value, value > leastShare * squares && squares < .greatestFiniteMagnitude)
    }
}

/// The sums that a statistic wants.
struct MomentChannels: OptionSet {
    let rawValue: Int
    static let x = MomentChannels(rawValue: 1)
    static let xx = MomentChannels(rawValue: 2)
    static let y = MomentChannels(rawValue: 4)
    static let yy = MomentChannels(rawValue: 8)
    static let xy = MomentChannels(rawValue: 16)
}

/// A statistic that is a formula over window sums wherever its result can be vouched for.
protocol MomentStatistic: FrameStatistic {
    static var channels: MomentChannels { get }
    /// Differences from an anchor are summed, not the values themselves.
    static var isAnchored: Bool { get }
    /// With fewer values the result is NULL.
    var leastCount: Int { get }
    /// The result of a window of at least `leastCount` values; where it is not sure, the frame is read value by value.
    func value(_ moments: WindowMoments) -> (value: Double, isSure: Bool)
}

extension MomentStatistic {
    static var isAnchored: Bool { true }

    func makeKernel() -> (any FrameKernel<Self>)? { MomentKernel() }
}

extension Sum: MomentStatistic {
    static var channels: MomentChannels { .x }
    static var isAnchored: Bool { false }
    var leastCount: Int { 1 }
    @inline(__always)
    func value(_ moments: WindowMoments) -> (value: Double, isSure: Bool) { (moments.x, true) }
}

/// The mean is not anchored: an anchor would put an error of its own size on windows near zero.
extension Mean: MomentStatistic {
    static var channels: MomentChannels { .x }
    static var isAnchored: Bool { false }
    var leastCount: Int { 1 }
    @inline(__always)
    func value(_ moments: WindowMoments) -> (value: Double, isSure: Bool) { (moments.x / moments.count, true) }
}

extension Spread: MomentStatistic {
    static var channels: MomentChannels { [.x, .xx] }
    var leastCount: Int { correction + 1 }
    @inline(__always)
    func value(_ moments: WindowMoments) -> (value: Double, isSure: Bool) {
        let (deviations, isSure) = moments.deviationsX
        let variance = deviations / (moments.count - Double(correction))
        return (isDeviation ? variance.squareRoot() : variance, isSure)
    }
}

extension ZScore: MomentStatistic {
    static var channels: MomentChannels { [.x, .xx] }
    var leastCount: Int { 2 }
    @inline(__always)
    func value(_ moments: WindowMoments) -> (value: Double, isSure: Bool) {
        let (deviations, isSure) = moments.deviationsX
        let deviation = (deviations / (moments.count - 1)).squareRoot()
        return ((moments.current - moments.x / moments.count) / deviation, isSure)
    }
}

extension Demean: MomentStatistic {
    static var channels: MomentChannels { [.x, .xx] }
    var leastCount: Int { 1 }
    @inline(__always)
    func value(_ moments: WindowMoments) -> (value: Double, isSure: Bool) {
        (moments.current - moments.x / moments.count, moments.deviationsX.isSure)
    }
}

extension Covariance: MomentStatistic {
    static var channels: MomentChannels { [.x, .xx, .y, .yy, .xy] }
    var leastCount: Int { correction + 1 }
    @inline(__always)
    func value(_ moments: WindowMoments) -> (value: Double, isSure: Bool) {
        (moments.products / (moments.count - Double(correction)), moments.deviationsX.isSure && moments.deviationsY.isSure)
    }
}

extension Correlation: MomentStatistic {
    static var channels: MomentChannels { [.x, .xx, .y, .yy, .xy] }
    var leastCount: Int { 2 }
    @inline(__always)
    func value(_ moments: WindowMoments) -> (value: Double, isSure: Bool) {
        let (left, leftIsSure) = moments.deviationsX
        let (right, rightIsSure) = moments.deviationsY
        return (moments.products / (left.squareRoot() * right.squareRoot()), leftIsSure && rightIsSure)
    }
}

extension Slope: MomentStatistic {
    static var channels: MomentChannels { [.x, .xx, .y, .yy, .xy] }
    var leastCount: Int { 2 }
    @inline(__always)
    func value(_ moments: WindowMoments) -> (value: Double, isSure: Bool) {
        let (spread, isSure) = moments.deviationsY
        return (moments.products / spread, isSure && moments.deviationsX.isSure)
    }
}
