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
        gains = .allocate(capacity: stride)
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
                sums + index * stride, count: top, of: &choice, leaf, isFromRight: true,
                defaultLeft: column.isTwoSided || column.missingType != .nan) { top - $0 }
            if column.isTwoSided {
                look(
                    sums + (4 + index) * stride, count: column.binCount - 1, of: &choice, leaf, isFromRight: false, defaultLeft: false) { $0 }
            }
            isSplittable[numbers[index]] = choice.isSplittable
            if choice.kept.gain > -Double.infinity {
                choice.kept.column = numbers[index]
                if choice.kept.isBetter(than: best) { best = choice.kept }
            }
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

    /// Takes the candidates of a stretch of running sums with enough rows and hessian on both sides; `bin` tells the last bin of one.
    private func look(
        _ sums: UnsafePointer<SumPair>, count: Int, of choice: inout SplitChoice, _ leaf: LeafSums, isFromRight: Bool, defaultLeft: Bool,
        bin: (Int) -> Int
    ) {
        let least: Double = max(finder.minSumHessian, Double(finder.minDataInLeaf) - 0.5)
        let most: Double = Double(leaf.count - finder.minDataInLeaf) + 0.5
        let hessian: Double = choice.hessian
        let minHessian: Double = finder.minSumHessian
        let first: Int = Self.firstPlace(count) { sums[$0].y >= least }
        let end: Int = Self.firstPlace(count) { !(sums[$0].y <= most && hessian - sums[$0].y >= minHessian) }
        guard first < end else { return }
        let best: SplitChoice.Best = self.best(sums + first, end - first, choice, leaf)
        guard best.index >= 0 else { return choice.keep(best, .zero, rows: 0, bin: 0, isFromRight: isFromRight, defaultLeft: defaultLeft) }
        let place: Int = first + best.index
        choice.keep(
            best, sums[place], rows: Int(sums[place].y + 0.5), bin: bin(place), isFromRight: isFromRight, defaultLeft: defaultLeft)
    }

    /// The first place that passes; all behind it pass too.
    @inline(__always)
    private static func firstPlace(_ count: Int, where passes: (Int) -> Bool) -> Int {
        var low = 0
        var high: Int = count
        while low < high {
            let middle: Int = (low &+ high) >> 1
            if passes(middle) { high = middle } else { low = middle &+ 1 }
        }
        return low
    }

    /// The best candidate: estimates of all gains with one division each instead of two, then the gains themselves of those that
    /// may be the largest.
    ///
    /// An estimate is within a few roundings of the gain, since no term is negative; far more is allowed for. With an L1 penalty,
    /// and where estimates are not finite or too small for that, all gains are computed as they are defined.
    private func best(_ sums: UnsafePointer<SumPair>, _ count: Int, _ choice: SplitChoice, _ leaf: LeafSums) -> SplitChoice.Best {
        var best = SplitChoice.Best()
        let estimate: Double? = finder.lambdaL1 == 0 ? largestEstimate(sums, count, leaf.gradient, choice.hessian) : nil
        guard let estimate, estimate > 1e-200, estimate.isFinite else {
            for index in 0..<count { best.take(index, choice.gain(sums[index])) }
            return best
        }
        let least: Double = estimate * (1 - 1e-12)
        var index = 0
        while index < count {
            while index < count, gains[index] < least { index &+= 1 }
            if index < count { best.take(index, choice.gain(sums[index])) }
            index &+= 1
        }
        return best
    }

    /// Fills `gains` with estimates and returns the largest; NaN where one is no number.
    private func largestEstimate(_ sums: UnsafePointer<SumPair>, _ count: Int, _ gradient: Double, _ hessian: Double) -> Double {
        let lambda: Double = finder.lambdaL2
        var largest = SIMD2<Double>(repeating: 0)
        var total = SIMD2<Double>(repeating: 0)
        var index = 0
        while index &+ 2 <= count {
            let a: SumPair = sums[index]
            let b: SumPair = sums[index &+ 1]
            let side = SIMD2<Double>(a.x, b.x)
            let weight: SIMD2<Double> = SIMD2<Double>(a.y, b.y) + lambda
            let other: SIMD2<Double> = gradient - side
            let otherWeight: SIMD2<Double> = (hessian - SIMD2<Double>(a.y, b.y)) + lambda
            let gain: SIMD2<Double> = (other * other * weight + side * side * otherWeight) / (weight * otherWeight)
            gains[index] = gain.x
            gains[index &+ 1] = gain.y
            largest.replace(with: gain, where: gain .> largest)
            total += gain
            index &+= 2
        }
        if index < count {
            let other: Double = gradient - sums[index].x
            let weight: Double = sums[index].y + lambda
            let otherWeight: Double = (hessian - sums[index].y) + lambda
            let gain: Double = (other * other * weight + sums[index].x * sums[index].x * otherWeight) / (weight * otherWeight)
            gains[index] = gain
            largest.x = gain > largest.x ? gain : largest.x
            total.x += gain
        }
        return (total.x + total.y).isFinite ? max(largest.x, largest.y) : .nan
    }
}
