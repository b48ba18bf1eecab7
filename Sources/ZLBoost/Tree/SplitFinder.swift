/// What the split search has to know of a column.
struct ColumnLayout {
    /// Index of the feature in the training matrix.
    var feature: Int
    var binCount: Int
    /// Where its histogram begins in a slot.
    var offset: Int
    var defaultBin: Int
    var mostFrequentBin: Int
    var missingType: MissingType

    /// The bin of missing values, -1 if there is none.
    var missingBin: Int {
        switch missingType {
        case .none: -1
        case .zero: defaultBin
        case .nan: binCount - 1
        }
    }
}

/// Finds the best threshold of one numerical feature in one leaf by two scans over its histogram (LightGBM's sequential search).
///
/// Scanning from the right, missing values go left with the rest; scanning from the left they go right. A candidate needs
/// `min_data_in_leaf` rows, estimated from hessians, and `min_sum_hessian_in_leaf` on both sides, and must gain more than the
/// leaf itself plus `min_gain_to_split`. The first strict maximum wins. O(bins).
struct SplitFinder {
    static let epsilon = Double(Float(1e-15))

    let lambdaL1: Double
    let lambdaL2: Double
    let minDataInLeaf: Int
    let minSumHessian: Double
    let minGainToSplit: Double
    /// Every hessian is 1, so that sums of hessians are counts.
    let isConstantHessian: Bool

    init(_ parameters: BoostParameters, isConstantHessian: Bool) {
        lambdaL1 = parameters.lambdaL1
        lambdaL2 = parameters.lambdaL2
        minDataInLeaf = parameters.minDataInLeaf
        minSumHessian = parameters.minSumHessianInLeaf
        minGainToSplit = parameters.minGainToSplit
        self.isConstantHessian = isConstantHessian
    }

    /// The value of a leaf: the Newton step with both penalties.
    func output(gradient: Double, hessian: Double) -> Double {
        let reduced: Double = max(0, gradient.magnitude - lambdaL1)
        return -(gradient < 0 ? -reduced : reduced) / (hessian + lambdaL2)
    }

    @inline(__always)
    func leafGain(gradient: Double, hessian: Double) -> Double {
        let reduced: Double = max(0, gradient.magnitude - lambdaL1)
        return (reduced * reduced) / (hessian + lambdaL2)
    }

    /// Searches a column and replaces `best` if its best split is better. Returns whether any threshold was acceptable.
    ///
    /// `histogram` has `column.binCount` entries; entry 0 is not read if bin 0 is the most frequent one.
    func search(
        _ histogram: UnsafePointer<HistogramEntry>, _ column: ColumnLayout, index: Int, leaf: LeafSums,
        best: inout SplitCandidate
    ) -> Bool {
        var scan = Scan(self, leaf)
        let isTwoSided: Bool = column.binCount > 2 && column.missingType != .none
        let skippedBin: Int = isTwoSided && column.missingType == .zero ? column.defaultBin : -1
        let hasNaNBin: Bool = isTwoSided && column.missingType == .nan
        let top: Int = hasNaNBin ? column.binCount - 2 : column.binCount - 1
        if isConstantHessian {
            scan.fromRight(histogram, top: top, skipping: skippedBin, isConstantHessian: true)
        } else {
            scan.fromRight(histogram, top: top, skipping: skippedBin, isConstantHessian: false)
        }
        scan.keepBest(defaultLeft: isTwoSided || column.missingType != .nan)
        if isTwoSided {
            let isFirstImplicit: Bool = column.mostFrequentBin == 0
            if isConstantHessian {
                scan.fromLeft(
                    histogram, binCount: column.binCount, skipping: skippedBin, isFirstImplicit: isFirstImplicit,
                    hasNaNBin: hasNaNBin, isConstantHessian: true)
            } else {
                scan.fromLeft(
                    histogram, binCount: column.binCount, skipping: skippedBin, isFirstImplicit: isFirstImplicit,
                    hasNaNBin: hasNaNBin, isConstantHessian: false)
            }
            scan.keepBest(defaultLeft: false)
        }
        guard scan.hasKept else { return scan.isSplittable }
        var candidate: SplitCandidate = scan.candidate()
        candidate.column = index
        if candidate.isBetter(than: best) { best = candidate }
        return scan.isSplittable
    }
}

extension SplitFinder {
    /// The state of a search: the leaf, the best candidate of the running scan, the best of the scans before.
    private struct Scan {
        private let finder: SplitFinder
        private let leaf: LeafSums
        /// The leaf's hessian with 2 epsilon added.
        private let hessian: Double
        private let rowsPerHessian: Double
        private let shift: Double
        private(set) var isSplittable = false
        private(set) var hasKept = false

        private var bestGain = -Double.infinity
        private var bestThreshold = 0
        private var bestGradient = 0.0
        private var bestHessian = 0.0
        private var bestCount = 0

        private var keptGain = -Double.infinity
        private var keptThreshold = 0
        private var keptGradient = 0.0
        private var keptHessian = 0.0
        private var keptCount = 0
        private var keptDefaultLeft = true

        init(_ finder: SplitFinder, _ leaf: LeafSums) {
            self.finder = finder
            self.leaf = leaf
            hessian = leaf.hessian + 2 * SplitFinder.epsilon
            rowsPerHessian = Double(leaf.count) / hessian
            shift = finder.leafGain(gradient: leaf.gradient, hessian: hessian) + finder.minGainToSplit
        }

        /// The estimated number of rows behind a sum of hessians.
        @inline(__always)
        private func rows(_ hessian: Double) -> Int {
            let estimate: Double = hessian * rowsPerHessian + 0.5
            // why: weights may be so unequal that the estimate leaves 32 bits; LightGBM's conversion then gives the least integer.
            return estimate.magnitude < 2_147_483_648 ? Int(estimate) : Int(Int32.min)
        }

        /// Accumulates the right side from bin `top` down to bin 1.
        @inline(__always)
        mutating func fromRight(
            _ histogram: UnsafePointer<HistogramEntry>, top: Int, skipping skippedBin: Int, isConstantHessian: Bool
        ) {
            let minData: Int = finder.minDataInLeaf
            let minHessian: Double = finder.minSumHessian
            // With unit hessians a count test is a test of the sum half way between two integers.
            let leastRight: Double = max(minHessian, Double(minData) - 0.5)
            let mostRight: Double = Double(leaf.count - minData) + 0.5
            var rightGradient = 0.0
            var rightHessian: Double = SplitFinder.epsilon
            var rightCount = 0
            var best = -Double.infinity
            var bin: Int = top + 1
            while bin > 1 {
                bin -= 1
                if bin == skippedBin { continue }
                let entry: HistogramEntry = histogram[bin]
                rightGradient += entry.gradient
                rightHessian += entry.hessian
                if isConstantHessian {
                    if rightHessian < leastRight { continue }
                    if rightHessian > mostRight { break }
                } else {
                    rightCount += rows(entry.hessian)
                    if rightCount < minData || rightHessian < minHessian { continue }
                    if leaf.count - rightCount < minData { break }
                }
                let leftHessian: Double = hessian - rightHessian
                if leftHessian < minHessian { break }
                let leftGradient: Double = leaf.gradient - rightGradient
                let gain: Double =
                    finder.leafGain(gradient: leftGradient, hessian: leftHessian)
                    + finder.leafGain(gradient: rightGradient, hessian: rightHessian)
                if gain <= shift { continue }
                isSplittable = true
                if gain > best {
                    best = gain
                    bestThreshold = bin - 1
                    bestGradient = leftGradient
                    bestHessian = leftHessian
                    bestCount = leaf.count - (isConstantHessian ? Int(rightHessian + 0.5) : rightCount)
                }
            }
            bestGain = best
        }

        /// Accumulates the left side from bin 0 up to the last but one.
        @inline(__always)
        mutating func fromLeft(
            _ histogram: UnsafePointer<HistogramEntry>, binCount: Int, skipping skippedBin: Int,
            isFirstImplicit: Bool, hasNaNBin: Bool, isConstantHessian: Bool
        ) {
            let minData: Int = finder.minDataInLeaf
            let minHessian: Double = finder.minSumHessian
            let leastLeft: Double = max(minHessian, Double(minData) - 0.5)
            let mostLeft: Double = Double(leaf.count - minData) + 0.5
            var leftGradient = 0.0
            var leftHessian: Double = SplitFinder.epsilon
            var leftCount = 0
            var best = -Double.infinity
            var bin: Int = isFirstImplicit ? 0 : -1
            // why: LightGBM keeps no entry for a most frequent bin 0. With a NaN bin its sums are what the others leave; without
            // one the scan does without it.
            var isFirstGiven = false
            if isFirstImplicit && hasNaNBin {
                leftGradient = leaf.gradient
                leftHessian = hessian - SplitFinder.epsilon
                leftCount = leaf.count
                for other in 1..<binCount {
                    leftGradient -= histogram[other].gradient
                    leftHessian -= histogram[other].hessian
                    if !isConstantHessian { leftCount -= rows(histogram[other].hessian) }
                }
                isFirstGiven = true
                bin = -1
            }
            while bin < binCount - 2 {
                bin += 1
                if bin == skippedBin { continue }
                if isFirstGiven {
                    isFirstGiven = false
                } else {
                    let entry: HistogramEntry = histogram[bin]
                    leftGradient += entry.gradient
                    leftHessian += entry.hessian
                    if !isConstantHessian { leftCount += rows(entry.hessian) }
                }
                if isConstantHessian {
                    if leftHessian < leastLeft { continue }
                    if leftHessian > mostLeft { break }
                } else {
                    if leftCount < minData || leftHessian < minHessian { continue }
                    if leaf.count - leftCount < minData { break }
                }
                let rightHessian: Double = hessian - leftHessian
                if rightHessian < minHessian { break }
                let rightGradient: Double = leaf.gradient - leftGradient
                let gain: Double =
                    finder.leafGain(gradient: leftGradient, hessian: leftHessian)
                    + finder.leafGain(gradient: rightGradient, hessian: rightHessian)
                if gain <= shift { continue }
                isSplittable = true
                if gain > best {
                    best = gain
                    bestThreshold = bin
                    bestGradient = leftGradient
                    bestHessian = leftHessian
                    bestCount = isConstantHessian ? Int(leftHessian + 0.5) : leftCount
                }
            }
            bestGain = best
        }

        /// Keeps the scan's best candidate if it gains more than the ones kept before, compared as LightGBM does.
        mutating func keepBest(defaultLeft: Bool) {
            guard isSplittable, bestGain > keptGain + shift else { return }
            hasKept = true
            keptGain = bestGain - shift
            keptThreshold = bestThreshold
            keptGradient = bestGradient
            keptHessian = bestHessian
            keptCount = bestCount
            keptDefaultLeft = defaultLeft
        }

        /// The kept split with its children's sums and values.
        func candidate() -> SplitCandidate {
            let rightGradient: Double = leaf.gradient - keptGradient
            let rightHessian: Double = hessian - keptHessian
            var candidate = SplitCandidate()
            candidate.gain = keptGain
            candidate.threshold = keptThreshold
            candidate.defaultLeft = keptDefaultLeft
            candidate.left = LeafSums(
                gradient: keptGradient, hessian: keptHessian - SplitFinder.epsilon, count: keptCount)
            candidate.right = LeafSums(
                gradient: rightGradient, hessian: rightHessian - SplitFinder.epsilon, count: leaf.count - keptCount)
            candidate.leftOutput = finder.output(gradient: keptGradient, hessian: keptHessian)
            candidate.rightOutput = finder.output(gradient: rightGradient, hessian: rightHessian)
            return candidate
        }
    }
}
