import CKernels

/// Searches the columns of a leaf, one or four at a time, for its best split. Belongs to one thread; allocated once.
///
/// Where every hessian is 1 and no bin is skipped, sums of hessians are counts that never fall, so the candidates with enough rows on
/// both sides are a stretch of the running sums: all sums are added first, four columns side by side, and gains are computed over
/// the stretch. Otherwise each column is scanned bin by bin (`SplitFinder.search`).
final class SplitSearch {
    private let finder: SplitFinder
    private let candidates: SplitCandidates
    /// Running sums of four columns from the right, then of four from the left.
    private let sums: UnsafeMutablePointer<SumPair>
    private let stride: Int
    private let gains: UnsafeMutablePointer<Double>

    init(_ finder: SplitFinder, binCount: Int) {
        self.finder = finder
        candidates = SplitCandidates(binCount: binCount)
        stride = binCount + 1
        sums = .allocate(capacity: 8 * stride)
        // Estimates are written eight at a time.
        gains = .allocate(capacity: stride + 8)
    }

    deinit {
        sums.deallocate()
        gains.deallocate()
    }

    /// Searches one or four columns, whose histograms lie at their offsets in `histograms`; `numbers` are theirs
    /// among all columns. Replaces `best` where a split is better and notes for each column whether any threshold was
    /// acceptable.
    func search(
        _ columns: UnsafeBufferPointer<ColumnLayout>, numbers: UnsafePointer<Int>,
        _ histograms: UnsafePointer<HistogramEntry>, leaf: LeafSums, best: inout SplitCandidate, isSplittable: UnsafeMutablePointer<Bool>
    ) {
        guard finder.isConstantHessian, columns.allSatisfy({ $0.missingType != .zero }) else {
            for index in columns.indices {
                isSplittable[numbers[index]] = finder.search(
                    histograms + columns[index].offset, columns[index], index: numbers[index], leaf: leaf, candidates: candidates,
                    best: &best)
            }
            return
        }
        addAll(columns, histograms, leaf)
        for index in columns.indices {
            let column: ColumnLayout = columns[index]
            var choice = SplitChoice(finder, leaf)
            let top: Int = column.lastValueBin
            look(
                sums + index * stride, count: top, of: &choice, leaf, atLeast: best.gain, isFromRight: true,
                defaultLeft: column.isTwoSided || column.missingType != .nan) { top - $0 }
            if column.isTwoSided {
                look(
                    sums + (4 + index) * stride, count: column.binCount - 1, of: &choice, leaf, atLeast: best.gain, isFromRight: false,
                    defaultLeft: false) { $0 }
            }
            isSplittable[numbers[index]] = choice.isSplittable
            choice.replace(&best, column: numbers[index])
        }
    }

    private func addAll(_ columns: UnsafeBufferPointer<ColumnLayout>, _ histograms: UnsafePointer<HistogramEntry>, _ leaf: LeafSums) {
        guard columns.count == 4 else {
            for index in columns.indices {
                RunningSums.add(rightSum(columns[index], histograms, index))
                if columns[index].isTwoSided { RunningSums.add(leftSum(columns[index], histograms, leaf, index)) }
            }
            return
        }
        RunningSums.add(
            rightSum(columns[0], histograms, 0), rightSum(columns[1], histograms, 1), rightSum(columns[2], histograms, 2),
            rightSum(columns[3], histograms, 3))
        if columns.contains(where: \.isTwoSided) {
            RunningSums.add(
                leftSum(columns[0], histograms, leaf, 0), leftSum(columns[1], histograms, leaf, 1),
                leftSum(columns[2], histograms, leaf, 2), leftSum(columns[3], histograms, leaf, 3))
        }
    }

    /// From the last bin of values down to bin 1.
    private func rightSum(_ column: ColumnLayout, _ histograms: UnsafePointer<HistogramEntry>, _ index: Int) -> RunningSum {
        RunningSum(
            entry: Histogram.pairsOf(histograms + column.offset) + column.lastValueBin, step: -1, count: column.lastValueBin,
            start: SumPair(0, SplitFinder.epsilon), target: sums + index * stride)
    }

    /// From bin 0 up to the last but one.
    ///
    /// LightGBM keeps no entry for a most frequent bin 0: its sums are what the others leave.
    private func leftSum(
        _ column: ColumnLayout, _ histograms: UnsafePointer<HistogramEntry>, _ leaf: LeafSums, _ index: Int
    ) -> RunningSum {
        let entries: UnsafePointer<SumPair> = Histogram.pairsOf(histograms + column.offset)
        let target: UnsafeMutablePointer<SumPair> = sums + (4 + index) * stride
        guard column.isTwoSided, column.mostFrequentBin == 0 else {
            return RunningSum(
                entry: entries, step: 1, count: column.binCount - 1, start: SumPair(0, SplitFinder.epsilon), target: target)
        }
        let hessian: Double = leaf.hessian + 2 * SplitFinder.epsilon
        let first: SumPair = RunningSums.rest(
            entries + 1, count: column.binCount - 1, of: SumPair(leaf.gradient, hessian - SplitFinder.epsilon))
        target[0] = first
        return RunningSum(entry: entries + 1, step: 1, count: column.binCount - 2, start: first, target: target + 1)
    }

    /// How far an estimate may be off: a few roundings, since no term is negative, and far more.
    private static let tolerance = 1e-12

    /// Takes the candidates of a stretch of running sums with enough rows and hessian on both sides; `bin` tells the last bin of one.
    /// A column that cannot gain as much as `wanted` need not be looked at closely.
    private func look(
        _ sums: UnsafePointer<SumPair>, count: Int, of choice: inout SplitChoice, _ leaf: LeafSums, atLeast wanted: Double,
        isFromRight: Bool, defaultLeft: Bool, bin: (Int) -> Int
    ) {
        var terms = ZLSplitTerms(
            leaf: ZLSums(gradient: leaf.gradient, hessian: choice.hessian), lambda: finder.lambdaL2,
            least: max(finder.minSumHessian, Double(finder.minDataInLeaf) - 0.5),
            most: Double(leaf.count - finder.minDataInLeaf) + 0.5, min_hessian: finder.minSumHessian)
        let range: ZLSplitRange = zl_split_estimates(
            UnsafeRawPointer(sums).assumingMemoryBound(to: ZLSums.self), max(count, 0), &terms, gains)
        guard range.first < range.end else { return }
        let largest: Double = range.largest
        // With an L1 penalty gains are others; where they are next to nothing, a few roundings are much.
        let isEstimated: Bool = finder.lambdaL1 == 0 && largest > 1e-200 && largest.isFinite
        if isEstimated {
            let isBelow: Bool = choice.isBelow(largest * (1 + Self.tolerance), wanted)
            if isBelow && choice.isAcceptable(largest * (1 - Self.tolerance)) { return choice.acceptWithoutKeeping() }
        }
        let best: SplitChoice.Best = self.best(sums, range, choice, isEstimated: isEstimated)
        guard best.index >= 0 else { return choice.keep(best, .zero, rows: 0, bin: 0, isFromRight: isFromRight, defaultLeft: defaultLeft) }
        let side: SumPair = sums[best.index]
        choice.keep(best, side, rows: Int(side.y + 0.5), bin: bin(best.index), isFromRight: isFromRight, defaultLeft: defaultLeft)
    }

    /// The best candidate: of the estimates those that may be the largest, and of these the gains as they are defined. Where estimates
    /// do not hold, the gains of all.
    private func best(_ sums: UnsafePointer<SumPair>, _ range: ZLSplitRange, _ choice: SplitChoice, isEstimated: Bool) -> SplitChoice.Best {
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
