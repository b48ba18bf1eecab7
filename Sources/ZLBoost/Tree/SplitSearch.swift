import CKernels

/// Searches columns of a leaf for its best split. Belongs to one thread; allocated once.
///
/// Where every hessian is 1 and no bin is skipped, sums of hessians are counts that never fall, so the candidates with enough rows on
/// both sides are a stretch of the running sums: all sums are added first, and gains are computed over the stretch. Kernels have
/// estimated before, for four columns at once, how much each column gains at most: only one that may be the best is looked at
/// closely. Otherwise each column is scanned bin by bin (`SplitFinder.search`).
final class SplitSearch {
    private let finder: SplitFinder
    private let layout: HistogramLayout
    private let candidates: SplitCandidates
    /// The histogram of one column, bin after bin.
    private let entries: UnsafeMutablePointer<HistogramEntry>
    private let sums: UnsafeMutablePointer<SumPair>
    private let gains: UnsafeMutablePointer<Double>

    init(_ finder: SplitFinder, _ layout: HistogramLayout) {
        self.finder = finder
        self.layout = layout
        candidates = SplitCandidates(binCount: layout.widest)
        entries = HistogramPool.allocate(layout.widest)
        sums = .allocate(capacity: layout.widest + 1)
        // Estimates are written eight at a time.
        gains = .allocate(capacity: layout.widest + 9)
    }

    deinit {
        entries.deallocate()
        sums.deallocate()
        gains.deallocate()
    }

    /// Searches the columns of groups in the histograms of a leaf. `estimates` has the largest gain of each column as kernels estimate
    /// it, four a group; nil: unknown. Replaces `best` where a split is better and notes for each column whether any threshold was
    /// acceptable.
    func search(
        _ groups: UnsafeBufferPointer<ActiveGroup>, _ histograms: UnsafePointer<HistogramEntry>, leaf: LeafSums,
        estimates: UnsafePointer<Double>?, best: inout SplitCandidate, isSplittable: UnsafeMutablePointer<Bool>
    ) {
        let choice = SplitChoice(finder, leaf)
        var largest = 0.0
        if let estimates {
            groups.forEachColumn(layout) { place, column in
                if isEstimated(column) && Self.isReliable(estimates[place]) { largest = max(largest, estimates[place]) }
            }
        }
        groups.forEachColumn(layout) { place, column in
            if isEstimated(column), let estimate = estimates?[place], let isAcceptable = verdict(estimate, choice, largest) {
                isSplittable[column] = isAcceptable
            } else {
                isSplittable[column] = search(column, histograms, leaf, &best)
            }
        }
    }

    /// Whether some threshold of a column is acceptable, as far as its estimate tells, unless it may have the best split of all, of which
    /// the estimate is `largest`: then nil.
    private func verdict(_ estimate: Double, _ choice: SplitChoice, _ largest: Double) -> Bool? {
        if estimate < 0 { return false }
        guard Self.isReliable(estimate) else { return nil }
        if !choice.isAcceptable(estimate * (1 + Self.groupTolerance)) { return false }
        let mayBeBest: Bool = estimate * (1 + Self.groupTolerance) >= largest * (1 - Self.groupTolerance)
        return !mayBeBest && choice.isAcceptable(estimate * (1 - Self.groupTolerance)) ? true : nil
    }

    /// Estimates are of scans that skip no bin.
    private func isEstimated(_ column: Int) -> Bool { layout.columns[column].missingType != .zero }

    private static func isReliable(_ estimate: Double) -> Bool { estimate > leastEstimate && estimate.isFinite }

    /// Searches one column, and returns whether any threshold is acceptable.
    private func search(
        _ number: Int, _ histograms: UnsafePointer<HistogramEntry>, _ leaf: LeafSums, _ best: inout SplitCandidate
    ) -> Bool {
        let column: ColumnLayout = layout.columns[number]
        let first: UnsafePointer<HistogramEntry> = histograms + layout.entry(of: 0, in: number)
        for bin in 0..<column.binCount - 1 { entries[bin] = first[HistogramLayout.groupWidth &* bin] }
        entries[column.binCount - 1] = histograms[layout.entry(of: column.binCount - 1, in: number)]
        guard finder.isConstantHessian, isEstimated(number) else {
            return finder.search(entries, column, index: number, leaf: leaf, candidates: candidates, best: &best)
        }
        let pairs: UnsafePointer<SumPair> = UnsafeRawPointer(entries).assumingMemoryBound(to: SumPair.self)
        let start = SumPair(0, SplitFinder.epsilon)
        var choice = SplitChoice(finder, leaf)
        // From the last bin of values down to bin 1.
        let top: Int = column.lastValueBin
        RunningSums.add(pairs + top, step: -1, count: top, to: start, into: sums)
        look(
            count: top, of: &choice, leaf, atLeast: best.gain, isFromRight: true,
            defaultLeft: column.isTwoSided || column.missingType != .nan) { top - $0 }
        if column.isTwoSided {
            // From bin 0 up to the last but one.
            if column.mostFrequentBin == 0 {
                // LightGBM keeps no entry for a most frequent bin 0: its sums are what the others leave.
                sums[0] = RunningSums.rest(
                    pairs + 1, count: column.binCount - 1, of: SumPair(leaf.gradient, choice.hessian - SplitFinder.epsilon))
                RunningSums.add(pairs + 1, step: 1, count: column.binCount - 2, to: sums[0], into: sums + 1)
            } else {
                RunningSums.add(pairs, step: 1, count: column.binCount - 1, to: start, into: sums)
            }
            look(count: column.binCount - 1, of: &choice, leaf, atLeast: best.gain, isFromRight: false, defaultLeft: false) { $0 }
        }
        choice.replace(&best, column: number)
        return choice.isSplittable
    }

    /// How far an estimate may be off: a few roundings, since no term is negative, and far more.
    private static let tolerance = 1e-12
    /// The same for the kernels' estimates, s^2 / w + (S - s)^2 / (W - w) as S^2 / W + W (s - S w / W)^2 / (w (W - w)): the difference is
    /// off by a few roundings of its terms, which makes the root of w / (W - w) roundings of the whole, at most 2^16.
    private static let groupTolerance = 1e-9
    /// Products of smaller gains and divisors may lose digits.
    private static let leastEstimate = 1e-200

    /// Takes the candidates of a stretch of `sums` with enough rows and hessian on both sides; `bin` tells the last bin of one.
    /// A column that cannot gain as much as `wanted` need not be looked at closely.
    private func look(
        count: Int, of choice: inout SplitChoice, _ leaf: LeafSums, atLeast wanted: Double, isFromRight: Bool, defaultLeft: Bool, bin: (Int) -> Int
    ) {
        var terms: ZLSplitTerms = finder.terms(leaf)
        let range: ZLSplitRange = zl_split_estimates(
            UnsafeRawPointer(sums).assumingMemoryBound(to: ZLSums.self), max(count, 0), &terms, gains)
        guard range.first < range.end else { return }
        let largest: Double = range.largest
        // With an L1 penalty gains are others; where they are next to nothing, a few roundings are much.
        let isEstimated: Bool = finder.lambdaL1 == 0 && largest > Self.leastEstimate && largest.isFinite
        if isEstimated {
            let isBelow: Bool = choice.isBelow(largest * (1 + Self.tolerance), wanted)
            if isBelow && choice.isAcceptable(largest * (1 - Self.tolerance)) { return choice.acceptWithoutKeeping() }
        }
        let best: SplitChoice.Best = self.best(range, choice, isEstimated: isEstimated)
        guard best.index >= 0 else { return choice.keep(best, .zero, rows: 0, bin: 0, isFromRight: isFromRight, defaultLeft: defaultLeft) }
        let side: SumPair = sums[best.index]
        choice.keep(best, side, rows: Int(side.y + 0.5), bin: bin(best.index), isFromRight: isFromRight, defaultLeft: defaultLeft)
    }

    /// The best candidate: of the estimates those that may be the largest, and of these the gains as they are defined. Where estimates
    /// do not hold, the gains of all.
    private func best(_ range: ZLSplitRange, _ choice: SplitChoice, isEstimated: Bool) -> SplitChoice.Best {
        var best = SplitChoice.Best()
        guard isEstimated else {
            for place in range.first..<range.end { best.take(place, choice.gain(sums[place])) }
            return best
        }
        let least: Double = range.largest * (1 - Self.tolerance)
        var place: Int = zl_next_gain(gains, range.first, range.end, least)
        while place < range.end {
            best.take(place, choice.gain(sums[place]))
            place = zl_next_gain(gains, place + 1, range.end, least)
        }
        return best
    }
}
