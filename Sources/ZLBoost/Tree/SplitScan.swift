/// The two scans of a split search, bin by bin: each gathers its candidates, `keepBest` then takes the best one of both.
struct SplitScan {
    private let finder: SplitFinder
    private let leaf: LeafSums
    private let candidates: SplitCandidates
    /// The leaf's hessian with 2 epsilon added.
    private let hessian: Double
    private let rowsPerHessian: Double
    /// Candidates of the running scan.
    private var count = 0

    init(_ finder: SplitFinder, _ leaf: LeafSums, _ candidates: SplitCandidates) {
        self.finder = finder
        self.leaf = leaf
        self.candidates = candidates
        hessian = leaf.hessian + 2 * SplitFinder.epsilon
        rowsPerHessian = Double(leaf.count) / hessian
    }

    /// The estimated number of rows behind a sum of hessians.
    @inline(__always)
    private func rows(_ hessian: Double) -> Int {
        let estimate: Double = hessian * rowsPerHessian + 0.5
        if estimate > -1 && estimate < 2_147_483_648 { return Int(estimate) }
        // why: weights may be so unequal that the estimate leaves 32 bits; LightGBM's conversion then gives the least integer.
        return estimate > -2_147_483_649 && estimate < 0 ? Int(estimate) : Int(Int32.min)
    }

    /// Accumulates the right side from bin `top` down to bin 1.
    @inline(__always)
    mutating func fromRight(
        _ histogram: UnsafePointer<HistogramEntry>, top: Int, skipping skippedBin: Int, isConstantHessian: Bool
    ) {
        var side = Side(finder, leaf, hessian, candidates)
        var bin: Int = top
        while bin >= 1 {
            if bin != skippedBin {
                let entry: HistogramEntry = histogram[bin]
                let entryRows: Int = isConstantHessian ? 0 : rows(entry.hessian)
                side.add(entry, entryRows)
                if !side.note(bin, isConstantHessian) { break }
            }
            bin &-= 1
        }
        count = side.noted
    }

    /// Accumulates the left side from bin 0 up to the last but one.
    @inline(__always)
    mutating func fromLeft(
        _ histogram: UnsafePointer<HistogramEntry>, binCount: Int, skipping skippedBin: Int, isFirstImplicit: Bool,
        hasNaNBin: Bool, isConstantHessian: Bool
    ) {
        var side = Side(finder, leaf, hessian, candidates)
        var bin = 0
        // why: LightGBM keeps no entry for a most frequent bin 0. With a NaN bin its sums are what the others leave; without one
        // the scan does without it.
        if isFirstImplicit {
            bin = 1
            if hasNaNBin {
                side.start(gradient: leaf.gradient, hessian: hessian - SplitFinder.epsilon, rows: leaf.count)
                for other in 1..<binCount {
                    let entryRows: Int = isConstantHessian ? 0 : rows(histogram[other].hessian)
                    side.remove(histogram[other], entryRows)
                }
                guard side.note(0, isConstantHessian) else {
                    count = side.noted
                    return
                }
            }
        }
        while bin <= binCount - 2 {
            if bin != skippedBin {
                let entry: HistogramEntry = histogram[bin]
                let entryRows: Int = isConstantHessian ? 0 : rows(entry.hessian)
                side.add(entry, entryRows)
                if !side.note(bin, isConstantHessian) { break }
            }
            bin &+= 1
        }
        count = side.noted
    }

    /// Keeps the scan's best candidate if it is better than the one kept before.
    func keepBest(_ choice: inout SplitChoice, isFromRight: Bool, defaultLeft: Bool) {
        var best = SplitChoice.Best()
        for index in 0..<count { best.take(index, choice.gain(SumPair(candidates.gradients[index], candidates.hessians[index]))) }
        guard best.index >= 0 else { return choice.keep(best, .zero, rows: 0, bin: 0, isFromRight: isFromRight, defaultLeft: defaultLeft) }
        let side = SumPair(candidates.gradients[best.index], candidates.hessians[best.index])
        let rows: Int = finder.isConstantHessian ? Int(side.y + 0.5) : candidates.counts[best.index]
        choice.keep(best, side, rows: rows, bin: candidates.bins[best.index], isFromRight: isFromRight, defaultLeft: defaultLeft)
    }
}

/// The side of a split that a scan accumulates, bin by bin.
private struct Side {
    private var gradient = 0.0
    private var hessian: Double = SplitFinder.epsilon
    private var rows = 0
    /// Candidates written so far.
    private(set) var noted = 0

    private let leafHessian: Double
    private let leafRows: Int
    private let minRows: Int
    private let minHessian: Double
    /// With unit hessians a count test is a test of the sum half way between two integers.
    private let leastHessian: Double
    private let mostHessian: Double
    private let gradients: UnsafeMutablePointer<Double>
    private let hessians: UnsafeMutablePointer<Double>
    private let counts: UnsafeMutablePointer<Int>
    private let bins: UnsafeMutablePointer<Int>

    @inline(__always)
    init(_ finder: SplitFinder, _ leaf: LeafSums, _ leafHessian: Double, _ candidates: SplitCandidates) {
        self.leafHessian = leafHessian
        leafRows = leaf.count
        minRows = finder.minDataInLeaf
        minHessian = finder.minSumHessian
        leastHessian = max(finder.minSumHessian, Double(finder.minDataInLeaf) - 0.5)
        mostHessian = Double(leaf.count - finder.minDataInLeaf) + 0.5
        gradients = candidates.gradients
        hessians = candidates.hessians
        counts = candidates.counts
        bins = candidates.bins
    }

    @inline(__always)
    mutating func start(gradient: Double, hessian: Double, rows: Int) {
        self.gradient = gradient
        self.hessian = hessian
        self.rows = rows
    }

    @inline(__always)
    mutating func add(_ entry: HistogramEntry, _ entryRows: Int) {
        gradient += entry.gradient
        hessian += entry.hessian
        rows &+= entryRows
    }

    @inline(__always)
    mutating func remove(_ entry: HistogramEntry, _ entryRows: Int) {
        gradient -= entry.gradient
        hessian -= entry.hessian
        rows &-= entryRows
    }

    /// Writes the present sums as a candidate if both sides have enough. Returns false once the other side has too little, after
    /// which nothing can follow.
    @inline(__always)
    mutating func note(_ bin: Int, _ isConstantHessian: Bool) -> Bool {
        let hasEnough: Bool
        let othersHaveEnough: Bool
        if isConstantHessian {
            hasEnough = hessian >= leastHessian
            othersHaveEnough = hessian <= mostHessian && leafHessian - hessian >= minHessian
        } else {
            hasEnough = rows >= minRows && hessian >= minHessian
            othersHaveEnough = leafRows &- rows >= minRows && leafHessian - hessian >= minHessian
            counts[noted] = rows
        }
        gradients[noted] = gradient
        hessians[noted] = hessian
        bins[noted] = bin
        if !othersHaveEnough && hasEnough { return false }
        noted &+= hasEnough ? 1 : 0
        return true
    }
}
