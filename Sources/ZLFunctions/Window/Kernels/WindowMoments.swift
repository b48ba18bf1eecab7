import CKernels

/// The window sums that a statistic is a formula over.
struct MomentChannels: OptionSet {
    let rawValue: Int
    static let x = MomentChannels(rawValue: 1)
    static let xx = MomentChannels(rawValue: 2)
    static let y = MomentChannels(rawValue: 4)
    static let yy = MomentChannels(rawValue: 8)
    static let xy = MomentChannels(rawValue: 16)
    static let both: MomentChannels = [.x, .xx, .y, .yy, .xy]
}

/// A statistic that is a formula over window sums wherever its result can be vouched for.
protocol MomentStatistic: FrameStatistic {
    static var channels: MomentChannels { get }
    /// Differences from an anchor are summed, not the values themselves.
    static var isAnchored: Bool { get }
    /// With fewer values the result is NULL.
    var leastCount: Int { get }
    var formula: zl_formula { get }
    /// What the divisor of a variance is below the number of values.
    var correction: Int { get }
}

extension MomentStatistic {
    static var isAnchored: Bool { true }
    var correction: Int { 1 }

    func makeKernel() -> (any FrameKernel<Self>)? { MomentKernel() }
}

extension Sum: MomentStatistic {
    static var channels: MomentChannels { .x }
    static var isAnchored: Bool { false }
    var leastCount: Int { 1 }
    var formula: zl_formula { ZL_SUM }
}

/// The mean is not anchored: an anchor would put an error of its own size on windows near zero.
extension Mean: MomentStatistic {
    static var channels: MomentChannels { .x }
    static var isAnchored: Bool { false }
    var leastCount: Int { 1 }
    var formula: zl_formula { ZL_MEAN }
}

extension Spread: MomentStatistic {
    static var channels: MomentChannels { [.x, .xx] }
    var leastCount: Int { correction + 1 }
    var formula: zl_formula { isDeviation ? ZL_DEVIATION : ZL_VARIANCE }
}

extension ZScore: MomentStatistic {
    static var channels: MomentChannels { [.x, .xx] }
    var leastCount: Int { 2 }
    var formula: zl_formula { ZL_ZSCORE }
}

extension Demean: MomentStatistic {
    static var channels: MomentChannels { [.x, .xx] }
    var leastCount: Int { 1 }
    var formula: zl_formula { ZL_DEMEAN }
}

extension Covariance: MomentStatistic {
    static var channels: MomentChannels { .both }
    var leastCount: Int { correction + 1 }
    var formula: zl_formula { ZL_COVARIANCE }
}

extension Correlation: MomentStatistic {
    static var channels: MomentChannels { .both }
    var leastCount: Int { 2 }
    var formula: zl_formula { ZL_CORRELATION }
}

extension Slope: MomentStatistic {
    static var channels: MomentChannels { .both }
    var leastCount: Int { 2 }
    var formula: zl_formula { ZL_SLOPE }
}
