/// The thresholds of one scan over a histogram that leave enough on both sides, in the order of the scan: sums of the side that
/// the scan accumulates, and the gains.
///
/// Gathering them first and computing all gains afterwards keeps branches and divisions out of the chain of additions. Belongs
/// to one learner; allocated once for the widest feature.
final class SplitCandidates {
    let gradients: UnsafeMutablePointer<Double>
    let hessians: UnsafeMutablePointer<Double>
    /// Rows on that side; not kept where hessians are counts.
    let counts: UnsafeMutablePointer<Int>
    /// The bin that was accumulated last.
    let bins: UnsafeMutablePointer<Int>
    private let gains: UnsafeMutablePointer<Double>

    init(binCount: Int) {
        let capacity: Int = binCount + 1
        gradients = .allocate(capacity: capacity)
        hessians = .allocate(capacity: capacity)
        counts = .allocate(capacity: capacity)
        bins = .allocate(capacity: capacity)
        gains = .allocate(capacity: capacity)
    }

    deinit {
        gradients.deallocate()
        hessians.deallocate()
        counts.deallocate()
        bins.deallocate()
        gains.deallocate()
    }

    /// Computes the gains of `count` candidates of a leaf with the given sums. Returns the first with the largest gain (-1 if
    /// there is none that is a number), that gain, and whether some gain is no number.
    func best(
        _ count: Int, of finder: SplitFinder, gradient: Double, hessian: Double
    ) -> (index: Int, gain: Double, hasNaN: Bool) {
        let gradients: UnsafeMutablePointer<Double> = gradients
        let hessians: UnsafeMutablePointer<Double> = hessians
        let gains: UnsafeMutablePointer<Double> = gains
        for index in 0..<count {
            let other: Double = gradient - gradients[index]
            let otherHessian: Double = hessian - hessians[index]
            gains[index] =
                finder.leafGain(gradient: other, hessian: otherHessian)
                + finder.leafGain(gradient: gradients[index], hessian: hessians[index])
        }
        var best = -Double.infinity
        var bestIndex = -1
        var nanCount = 0
        for index in 0..<count {
            let gain: Double = gains[index]
            nanCount &+= gain.isNaN ? 1 : 0
            if gain > best {
                best = gain
                bestIndex = index
            }
        }
        return (bestIndex, best, nanCount > 0)
    }
}
