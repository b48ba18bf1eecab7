import CKernels

/// Finds the best threshold of one numerical feature in one leaf by two scans over its histogram (LightGBM's sequential search), bin
/// by bin; `SplitSearch` does the same faster where it can.
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

    /// What kernels have to know of a leaf; where every hessian is 1, a test of counts is one half way between two integers.
    func terms(_ leaf: LeafSums) -> ZLSplitTerms {
        let hessian: Double = leaf.hessian + 2 * Self.epsilon
        return ZLSplitTerms(
            leaf: ZLSums(gradient: leaf.gradient, hessian: hessian), lambda: lambdaL2,
            least: max(minSumHessian, Double(minDataInLeaf) - 0.5),
            most: most(of: hessian, atMost: Double(leaf.count - minDataInLeaf) + 0.5))
    }

    /// The most that one side's hessian may be, so that it is at most `limit` and leaves `min_sum_hessian_in_leaf` for the other side;
    /// below 0 if there is none.
    private func most(of hessian: Double, atMost limit: Double) -> Double {
        // With more than half for each side there is no split; with less the difference is off by a few steps at most.
        guard minSumHessian <= hessian / 2 else { return -1 }
        var most: Double = min(limit, hessian - minSumHessian)
        while hessian - most < minSumHessian { most = most.nextDown }
        while most.nextUp <= limit && hessian - most.nextUp >= minSumHessian { most = most.nextUp }
        return most
    }

    /// Whether kernels can estimate gains: hessians are counts, there is no L1 penalty, and no side of a split weighs nothing.
    var allowsEstimates: Bool { isConstantHessian && lambdaL1 == 0 && minSumHessian > 0 }

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
        candidates: SplitCandidates, best: inout SplitCandidate
    ) -> Bool {
        var scan = SplitScan(self, leaf, candidates)
        var choice = SplitChoice(self, leaf)
        let skippedBin: Int = column.isTwoSided && column.missingType == .zero ? column.defaultBin : -1
        if isConstantHessian {
            scan.fromRight(histogram, top: column.lastValueBin, skipping: skippedBin, isConstantHessian: true)
        } else {
            scan.fromRight(histogram, top: column.lastValueBin, skipping: skippedBin, isConstantHessian: false)
        }
        scan.keepBest(&choice, isFromRight: true, defaultLeft: column.isTwoSided || column.missingType != .nan)
        if column.isTwoSided {
            let isFirstImplicit: Bool = column.mostFrequentBin == 0
            let hasNaNBin: Bool = column.missingType == .nan
            if isConstantHessian {
                scan.fromLeft(
                    histogram, binCount: column.binCount, skipping: skippedBin, isFirstImplicit: isFirstImplicit,
                    hasNaNBin: hasNaNBin, isConstantHessian: true)
            } else {
                scan.fromLeft(
                    histogram, binCount: column.binCount, skipping: skippedBin, isFirstImplicit: isFirstImplicit,
                    hasNaNBin: hasNaNBin, isConstantHessian: false)
            }
            scan.keepBest(&choice, isFromRight: false, defaultLeft: false)
        }
        choice.replace(&best, column: index)
        return choice.isSplittable
    }
}
