/// The best split of one column in one leaf, while its two scans are looked through.
struct SplitChoice {
    private let finder: SplitFinder
    private let leaf: LeafSums
    /// The leaf's hessian with 2 epsilon added.
    let hessian: Double
    /// What a split has to gain more than.
    private let shift: Double

    /// Whether any candidate gained enough.
    private(set) var isSplittable = false
    /// The best split so far: what it gains over `shift`, -inf if there is none, and the side that the scan accumulated.
    private var keptGain = -Double.infinity
    private var keptSide = SumPair.zero
    private var keptRows = 0
    private var keptBin = 0
    private var isKeptFromRight = false
    private var keptDefaultLeft = false

    init(_ finder: SplitFinder, _ leaf: LeafSums) {
        self.finder = finder
        self.leaf = leaf
        hessian = leaf.hessian + 2 * SplitFinder.epsilon
        shift = finder.leafGain(gradient: leaf.gradient, hessian: hessian) + finder.minGainToSplit
    }

    /// The best of some candidates: the first with the largest gain, -1 if there is none that is a number.
    struct Best {
        var index = -1
        var gain = -Double.infinity
        var hasNaN = false

        @inline(__always)
        mutating func take(_ candidate: Int, _ candidateGain: Double) {
            if candidateGain > gain {
                gain = candidateGain
                index = candidate
            } else if candidateGain.isNaN {
                hasNaN = true
            }
        }
    }

    /// What both sides gain where one of them has these sums.
    @inline(__always)
    func gain(_ side: SumPair) -> Double {
        finder.leafGain(gradient: leaf.gradient - side.x, hessian: hessian - side.y) + finder.leafGain(gradient: side.x, hessian: side.y)
    }

    /// Whether a gain of at most this is less than a split of another column has over `shift`.
    func isBelow(_ gain: Double, _ wanted: Double) -> Bool { gain - shift < wanted }

    /// Whether a gain makes the column worth a search below.
    func isAcceptable(_ gain: Double) -> Bool { gain > shift }

    /// Notes that some candidate gained enough, though none of them is wanted.
    mutating func acceptWithoutKeeping() { isSplittable = true }

    /// Keeps a scan's best candidate if it gains more than the one kept before, compared as LightGBM does.
    ///
    /// `side` has the sums of the side that the scan accumulated, `rows` its rows, `bin` is the bin that came last.
    mutating func keep(_ best: Best, _ side: SumPair, rows: Int, bin: Int, isFromRight: Bool, defaultLeft: Bool) {
        if best.gain > shift || best.hasNaN { isSplittable = true }
        guard best.gain > shift, best.gain > keptGain + shift else { return }
        keptGain = best.gain - shift
        keptSide = side
        keptRows = rows
        keptBin = bin
        isKeptFromRight = isFromRight
        keptDefaultLeft = defaultLeft
    }

    /// Replaces a leaf's best split by the one kept, which is of `column`, if that is better.
    func replace(_ best: inout SplitCandidate, column: Int) {
        guard keptGain > -Double.infinity else { return }
        var kept = SplitCandidate(gain: keptGain, column: column)
        guard kept.isBetter(than: best) else { return }
        let leftGradient: Double = isKeptFromRight ? leaf.gradient - keptSide.x : keptSide.x
        let leftHessian: Double = isKeptFromRight ? hessian - keptSide.y : keptSide.y
        let leftRows: Int = isKeptFromRight ? leaf.count - keptRows : keptRows
        let rightGradient: Double = leaf.gradient - leftGradient
        let rightHessian: Double = hessian - leftHessian
        kept.threshold = isKeptFromRight ? keptBin - 1 : keptBin
        kept.defaultLeft = keptDefaultLeft
        kept.left = LeafSums(
            gradient: leftGradient, hessian: leftHessian - SplitFinder.epsilon, count: leftRows)
        kept.right = LeafSums(
            gradient: rightGradient, hessian: rightHessian - SplitFinder.epsilon, count: leaf.count - leftRows)
        kept.leftOutput = finder.output(gradient: leftGradient, hessian: leftHessian)
        kept.rightOutput = finder.output(gradient: rightGradient, hessian: rightHessian)
        best = kept
    }
}
