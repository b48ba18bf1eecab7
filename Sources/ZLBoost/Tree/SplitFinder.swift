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

    /// Whether missing values are tried on both sides.
    var isTwoSided: Bool { binCount > 2 && missingType != .none }

    /// The last bin that is not the one of NaNs, where that stands aside.
    var lastValueBin: Int { isTwoSided && missingType == .nan ? binCount - 2 : binCount - 1 }
}

/// Finds the best threshold of one numerical feature in one leaf by two scans over its histogram (LightGBM's sequential search), bin
/// by bin; `SplitSearch` does the same for four columns at once where it can.
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
