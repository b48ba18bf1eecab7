/// The thresholds of one scan over a histogram that leave enough on both sides, in the order of the scan: sums of the side that
/// the scan accumulates. Belongs to one search; allocated once for the widest feature.
final class SplitCandidates {
    let gradients: UnsafeMutablePointer<Double>
    let hessians: UnsafeMutablePointer<Double>
    /// Rows on that side; not kept where hessians are counts.
    let counts: UnsafeMutablePointer<Int>
    /// The bin that was accumulated last.
    let bins: UnsafeMutablePointer<Int>

    init(binCount: Int) {
        let capacity: Int = binCount + 1
        gradients = .allocate(capacity: capacity)
        hessians = .allocate(capacity: capacity)
        counts = .allocate(capacity: capacity)
        bins = .allocate(capacity: capacity)
    }

    deinit {
        gradients.deallocate()
        hessians.deallocate()
        counts.deallocate()
        bins.deallocate()
    }
}
