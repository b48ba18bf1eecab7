import CKernels
import ZLColumnar

/// Grows trees leaf by leaf: the leaf with the largest gain is split next (LightGBM's serial learner).
///
/// Of two new leaves the smaller one's histograms are summed from rows, the larger one's are parent - smaller. Everything is
/// allocated once for the whole of training. One learner belongs to one training run; nothing is shared.
///
/// A tree costs O(rows * features * depth) for histograms and O(leaves * features * bins) for the search.
final class TreeLearner {
    let partition: RowPartition
    private let bins: BinColumns
    private let rowBins: RowBins
    private let layout: HistogramLayout
    private let columnCount: Int
    private let upperBounds: [[Double]]
    private let finder: SplitFinder
    private let threads: Int
    private let team: SearchTeam?
    private var trial = ThreadTrial()
    /// Whether the team works on the present tree.
    private var isShared = false
    /// One for each part that a search is divided into.
    private let searches: [SplitSearch]
    private let leafLimit: Int
    private let maxDepth: Int
    private let minDataInLeaf: Int

    private let pool: HistogramPool
    private let leaves: UnsafeMutablePointer<LeafState>
    private let isSampled: UnsafeMutablePointer<Bool>
    /// Groups with columns that are searched at the current node.
    private let active: UnsafeMutablePointer<ActiveGroup>
    /// The same as the kernels see them.
    private let activeGroups: UnsafeMutablePointer<ZLColumnGroup>
    /// Estimated gains of the columns of the active groups, in a leaf and in its sibling.
    private let estimates: UnsafeMutablePointer<Double>
    private let siblingEstimates: UnsafeMutablePointer<Double>
    /// Histograms of zeros.
    private let blank: UnsafeMutablePointer<HistogramEntry>
    /// The nodes of the last tree, over bins.
    private let binnedNodes: UnsafeMutablePointer<BinnedNode>

    private struct LeafState {
        var sums = LeafSums(gradient: 0, hessian: 0, count: 0)
        var depth = 0
        /// The inner node above, -1 for the root, and the side.
        var parent = -1
        var isLeftChild = false
        /// Where its histograms are, -1 if it has none.
        var slot = -1
        var best = SplitCandidate()
    }

    init(_ dataset: Dataset, _ parameters: BoostParameters, isConstantHessian: Bool, threads: Int) {
        bins = dataset.bins
        rowBins = dataset.rowBins
        layout = dataset.layout
        columnCount = layout.columns.count
        upperBounds = dataset.usedFeatures.map { dataset.mappers[$0].upperBounds }
        finder = SplitFinder(parameters, isConstantHessian: isConstantHessian)
        self.threads = max(1, threads)
        // Parts smaller than a thread's share, since threads seldom begin together.
        searches = (0..<(threads > 1 ? 2 * threads : 1)).map { [finder, layout] _ in SplitSearch(finder, layout) }
        team = threads > 1 ? SearchTeam() : nil
        team?.start(helpers: threads - 1)
        // why: a tree cannot have more leaves than rows or than its depth allows; buffers need not either.
        let depthLimit: Int = (1..<18).contains(parameters.maxDepth) ? 1 << parameters.maxDepth : Int.max
        leafLimit = max(1, min(parameters.leafCount, depthLimit, max(dataset.rowCount, 2)))
        maxDepth = parameters.maxDepth
        minDataInLeaf = parameters.minDataInLeaf
        partition = RowPartition(rowCount: dataset.rowCount, leafCount: leafLimit)
        pool = HistogramPool(entryCount: layout.entryCount, columnCount: columnCount)
        leaves = .allocate(capacity: leafLimit)
        leaves.initialize(repeating: LeafState(), count: leafLimit)
        isSampled = .allocate(capacity: max(columnCount, 1))
        isSampled.initialize(repeating: false, count: max(columnCount, 1))
        active = .allocate(capacity: max(layout.groups.count, 1))
        activeGroups = .allocate(capacity: max(layout.groups.count, 1))
        estimates = .allocate(capacity: max(layout.groups.count * HistogramLayout.groupWidth, 1))
        siblingEstimates = .allocate(capacity: max(layout.groups.count * HistogramLayout.groupWidth, 1))
        blank = HistogramPool.allocate(layout.entryCount)
        blank.initialize(repeating: HistogramEntry(gradient: 0, hessian: 0), count: layout.entryCount)
        binnedNodes = .allocate(capacity: leafLimit)
    }

    deinit {
        team?.stop()
        leaves.deallocate()
        isSampled.deallocate()
        active.deallocate()
        activeGroups.deallocate()
        estimates.deallocate()
        siblingEstimates.deallocate()
        blank.deallocate()
        binnedNodes.deallocate()
    }

    /// Grows a tree on the rows of `bag` (nil: the first `rowCount` rows), with gradient pairs by row number, over the sampled
    /// columns. The tree has its values before shrinkage; one with a single leaf found no split.
    ///
    /// Afterwards `partition` holds the rows of each leaf and `addScores` knows the tree.
    func grow(
        pairs: UnsafePointer<GradientPair>, bag: UnsafePointer<Int32>?, rowCount: Int, columns: [Int]
    ) -> Tree {
        if team != nil { isShared = trial.begin() }
        defer { if team != nil { trial.end() } }
        pool.reset()
        isSampled.update(repeating: false, count: columnCount)
        for column in columns { isSampled[column] = true }
        partition.reset(bag: bag, count: rowCount)
        var root = LeafState()
        root.sums = rootSums(pairs, rowCount)
        leaves[0] = root
        var tree = growingTree(root)
        searchRoot(pairs)
        while tree.leafCount < leafLimit {
            let leaf: Int = leafWithLargestGain(tree.leafCount)
            guard leaves[leaf].best.gain > 0 else { break }
            let newLeaf: Int = tree.leafCount
            split(leaf, into: newLeaf, &tree)
            if tree.leafCount < leafLimit { searchChildren(leaf, newLeaf, pairs) }
        }
        return tree
    }

    /// Adds the last tree's values to the scores of `rows` of `bins` (nil: all); for rows outside the partition.
    func addScores(
        _ tree: Tree, bins: BinColumns, rows: UnsafePointer<Int32>?, count: Int,
        to scores: UnsafeMutablePointer<Double>
    ) {
        tree.leafValue.withUnsafeBufferPointer { values in
            guard let base = values.baseAddress else { return }
            ScoreWork(nodes: binnedNodes, leafValues: base, bins: bins, rows: rows, count: count, scores: scores)
                .run(threads: threads)
        }
    }

    /// Adds the values of the leaves to the scores of the rows in the partition.
    func addLeafScores(_ tree: Tree, to scores: UnsafeMutablePointer<Double>) {
        tree.leafValue.withUnsafeBufferPointer { values in
            guard let base = values.baseAddress else { return }
            LeafScoreWork(partition: partition, leafValues: base, leafCount: values.count, scores: scores)
                .run(threads: threads)
        }
    }

    private func growingTree(_ root: LeafState) -> Tree {
        var tree = Tree(constant: finder.output(gradient: root.sums.gradient, hessian: root.sums.hessian))
        tree.leafWeight = [root.sums.hessian]
        tree.leafCounts = [root.sums.count]
        return tree
    }

    /// Sums over all rows of the tree, one after the other.
    private func rootSums(_ pairs: UnsafePointer<GradientPair>, _ count: Int) -> LeafSums {
        var sums = LeafSums(gradient: 0, hessian: 0, count: count)
        for row in partition.rows(of: 0) {
            sums.gradient += Double(pairs[Int(row)].gradient)
            sums.hessian += Double(pairs[Int(row)].hessian)
        }
        return sums
    }

    private func leafWithLargestGain(_ leafCount: Int) -> Int {
        var best = 0
        for leaf in 1..<max(leafCount, 1) where leaves[leaf].best.isBetter(than: leaves[best].best) { best = leaf }
        return best
    }
}

// MARK: - Searching new leaves

extension TreeLearner {
    /// What is done with the columns of a leaf whose histograms are new.
    private struct LeafSearch {
        /// The leaf whose histograms are summed from rows.
        var leaf: Int
        var slot: Int
        /// The other child of the parent and its slot, which still has the parent's histograms; -1 for the root.
        var sibling = -1
        var siblingSlot = -1
        /// Whether the leaf itself can be split.
        var isSearched = true
    }

    /// Best splits of a leaf and its sibling.
    private typealias BestPair = (leaf: SplitCandidate, sibling: SplitCandidate)

    private func searchRoot(_ pairs: UnsafePointer<GradientPair>) {
        let slot: Int = pool.take()
        pool.isSplittable(slot).update(repeating: false, count: columnCount)
        leaves[0].slot = slot
        run(LeafSearch(leaf: 0, slot: slot), activate { isSampled[$0] }, pairs)
        releaseIfFinal(0)
    }

    /// Finds the best splits of two new leaves; the parent's histograms are still in the slot of `left`.
    private func searchChildren(_ left: Int, _ right: Int, _ pairs: UnsafePointer<GradientPair>) {
        let parentSlot: Int = leaves[left].slot
        leaves[left].best = SplitCandidate()
        leaves[right].best = SplitCandidate()
        let leastRows: Int = 2 * minDataInLeaf
        let largerCount: Int = max(leaves[left].sums.count, leaves[right].sums.count)
        let isDeepest: Bool = maxDepth > 0 && leaves[left].depth >= maxDepth
        if isDeepest || largerCount < leastRows {
            pool.giveBack(parentSlot)
            leaves[left].slot = -1
            return
        }
        let smaller: Int = leaves[left].sums.count < leaves[right].sums.count ? left : right
        let larger: Int = smaller == left ? right : left
        let smallerSlot: Int = pool.take()
        leaves[smaller].slot = smallerSlot
        leaves[larger].slot = parentSlot
        let parentFlags: UnsafeMutablePointer<Bool> = pool.isSplittable(parentSlot)
        pool.isSplittable(smallerSlot).update(repeating: false, count: columnCount)
        // A leaf with fewer rows than two children need has no candidate; its histogram only serves the subtraction.
        let search = LeafSearch(
            leaf: smaller, slot: smallerSlot, sibling: larger, siblingSlot: parentSlot,
            isSearched: leaves[smaller].sums.count >= leastRows)
        run(search, activate { isSampled[$0] && parentFlags[$0] }, pairs)
        releaseIfFinal(smaller)
        releaseIfFinal(larger)
    }

    /// Makes the columns that pass the active ones and returns the number of their groups.
    private func activate(_ isActive: (Int) -> Bool) -> Int {
        var count = 0
        for group in layout.groups.indices {
            var active = ActiveGroup(group: group)
            let members: SIMD4<Int> = layout.members[group]
            for lane in 0..<HistogramLayout.groupWidth where members[lane] >= 0 && isActive(members[lane]) { active.lanes |= 1 << lane }
            guard active.lanes != 0 else { continue }
            self.active[count] = active
            activeGroups[count] = layout.groups[group]
            count += 1
        }
        return count
    }

    /// Searches the active groups, in parts on several threads where there are enough rows; groups do not meet, and of two best
    /// splits it does not matter which is seen first.
    private func run(_ search: LeafSearch, _ activeCount: Int, _ pairs: UnsafePointer<GradientPair>) {
        let rows: UnsafeBufferPointer<Int32> = partition.rows(of: search.leaf)
        let steps: Int = (rows.count + layout.widest) * activeCount
        let parts: Int = isShared && steps >= Self.parallelSteps ? min(searches.count, activeCount, SearchTeam.mostParts) : 1
        var best: [BestPair] = Array(repeating: (SplitCandidate(), SplitCandidate()), count: max(parts, 1))
        if let team, parts > 1 {
            best.withUnsafeMutableBufferPointer { best in
                let work = SharedWork(
                    learner: self, search: search, rows: rows, pairs: pairs, best: best, parts: parts, activeCount: activeCount)
                team.run(parts: parts) { part in work.run(part) }
            }
        } else {
            searchPart(search, 0, 0..<activeCount, rows, pairs, &best[0])
        }
        for pair in best {
            if pair.leaf.isBetter(than: leaves[search.leaf].best) { leaves[search.leaf].best = pair.leaf }
            if search.sibling >= 0, pair.sibling.isBetter(than: leaves[search.sibling].best) {
                leaves[search.sibling].best = pair.sibling
            }
        }
    }

    /// Rows and bins times groups from which on a second thread saves more than it costs to hand it something.
    private static let parallelSteps = 1 << 10

    /// Hands a search to several threads.
    // why @unchecked: parts read the same rows and write histograms, flags and bests of their own columns only.
    private struct SharedWork: @unchecked Sendable {
        let learner: TreeLearner
        let search: LeafSearch
        let rows: UnsafeBufferPointer<Int32>
        let pairs: UnsafePointer<GradientPair>
        let best: UnsafeMutableBufferPointer<BestPair>
        let parts: Int
        let activeCount: Int

        func run(_ part: Int) {
            learner.searchPart(
                search, part, activeCount * part / parts..<activeCount * (part + 1) / parts, rows, pairs, &best[part])
        }
    }

    /// Sums some of the active groups from rows and searches them.
    private func searchPart(
        _ search: LeafSearch, _ number: Int, _ part: Range<Int>, _ rows: UnsafeBufferPointer<Int32>, _ pairs: UnsafePointer<GradientPair>,
        _ best: inout BestPair
    ) {
        let histograms: UnsafeMutablePointer<HistogramEntry> = histograms(of: search)
        let groups = UnsafeBufferPointer(start: activeGroups + part.lowerBound, count: part.count)
        let sums: LeafSums = leaves[search.leaf].sums
        Histogram.sum(rowBins, rows: rows, pairs: pairs, groups: groups, into: histograms, isClear: histograms == blank)
        Histogram.completeMostFrequentBins(histograms, groups, sums: sums)
        estimate(search, part)
        let columns = UnsafeBufferPointer(start: active + part.lowerBound, count: part.count)
        let first: Int = part.lowerBound * HistogramLayout.groupWidth
        if search.isSearched {
            searches[number].search(
                columns, histograms, leaf: sums, estimates: finder.allowsEstimates ? estimates + first : nil, best: &best.leaf,
                isSplittable: pool.isSplittable(search.slot))
        }
        if search.sibling >= 0 {
            searches[number].search(
                columns, pool.histogram(search.siblingSlot), leaf: leaves[search.sibling].sums,
                estimates: finder.allowsEstimates ? siblingEstimates + first : nil, best: &best.sibling,
                isSplittable: pool.isSplittable(search.siblingSlot))
        }
    }

    /// Where a leaf is summed: a leaf that is not searched only to be subtracted, where it leaves zeros behind.
    private func histograms(of search: LeafSearch) -> UnsafeMutablePointer<HistogramEntry> {
        search.isSearched || !finder.allowsEstimates ? pool.histogram(search.slot) : blank
    }

    /// Subtracts the histograms of a leaf from those of its parent, if it has one, and estimates where that is possible what the columns
    /// of some active groups gain in both.
    private func estimate(_ search: LeafSearch, _ part: Range<Int>) {
        let histograms: UnsafeMutablePointer<HistogramEntry> = histograms(of: search)
        guard search.sibling >= 0 else {
            guard finder.allowsEstimates else { return }
            var terms: ZLSplitTerms = finder.terms(leaves[search.leaf].sums)
            for group in part {
                zl_group_estimates(
                    Histogram.sumsOf(histograms), activeGroups + group, &terms, estimates + group * HistogramLayout.groupWidth)
            }
            return
        }
        let siblings: UnsafeMutablePointer<HistogramEntry> = pool.histogram(search.siblingSlot)
        guard finder.allowsEstimates else {
            for group in part { Histogram.subtract(histograms, from: siblings, activeGroups[group]) }
            return
        }
        var terms: ZLSplitTerms = finder.terms(leaves[search.leaf].sums)
        var siblingTerms: ZLSplitTerms = finder.terms(leaves[search.sibling].sums)
        for group in part {
            let first: Int = group * HistogramLayout.groupWidth
            withUnsafePointer(to: &terms) { terms in
                zl_subtract_group(
                    Histogram.sumsOf(histograms), Histogram.sumsOf(siblings), activeGroups + group, search.isSearched ? terms : nil,
                    &siblingTerms, estimates + first, siblingEstimates + first)
            }
        }
    }

    /// Gives the histograms of a leaf back that nobody will split.
    private func releaseIfFinal(_ leaf: Int) {
        guard leaves[leaf].slot >= 0, !(leaves[leaf].best.gain > 0) else { return }
        pool.giveBack(leaves[leaf].slot)
        leaves[leaf].slot = -1
    }
}

// MARK: - Splitting

extension TreeLearner {
    /// Splits `leaf` by its best candidate: the left child keeps its number, the right one becomes `newLeaf`.
    private func split(_ leaf: Int, into newLeaf: Int, _ tree: inout Tree) {
        let parent: LeafState = leaves[leaf]
        let best: SplitCandidate = parent.best
        let column: ColumnLayout = layout.columns[best.column]
        let missingBin: Int = column.missingBin
        let naturallyLeft: Bool = missingBin <= best.threshold
        let isFlipped: Bool = missingBin >= 0 && naturallyLeft != best.defaultLeft
        let node: Int = newLeaf - 1
        let binned = BinnedNode(
            column: Int32(best.column), threshold: Int32(best.threshold),
            flippedBin: isFlipped ? Int32(missingBin) : -1, leftChild: ~Int32(leaf), rightChild: ~Int32(newLeaf))
        binnedNodes[node] = binned
        partition.split(leaf, into: newLeaf, bins: bins, by: binned)
        if parent.parent >= 0 {
            if parent.isLeftChild {
                tree.leftChild[parent.parent] = Int32(node)
                binnedNodes[parent.parent].leftChild = Int32(node)
            } else {
                tree.rightChild[parent.parent] = Int32(node)
                binnedNodes[parent.parent].rightChild = Int32(node)
            }
        }
        // Sums come from the split record, row counts from the partition.
        var left = LeafState(sums: best.left, depth: parent.depth + 1, parent: node, isLeftChild: true)
        left.slot = parent.slot
        left.sums.count = partition.count(leaf)
        var right = LeafState(sums: best.right, depth: parent.depth + 1, parent: node, isLeftChild: false)
        right.sums.count = partition.count(newLeaf)
        leaves[leaf] = left
        leaves[newLeaf] = right
        record(best, column, leaf, left, right, in: &tree)
    }

    private func record(
        _ best: SplitCandidate, _ column: ColumnLayout, _ leaf: Int, _ left: LeafState, _ right: LeafState,
        in tree: inout Tree
    ) {
        let newLeaf: Int = tree.leafCount
        tree.splitFeature.append(Int32(column.feature))
        tree.splitGain.append(Double(Float(best.gain + finder.minGainToSplit)))
        tree.threshold.append(upperBounds[best.column][best.threshold])
        tree.decisionType.append(
            Tree.decisionType(defaultLeft: best.defaultLeft, missingType: column.missingType))
        tree.leftChild.append(~Int32(leaf))
        tree.rightChild.append(~Int32(newLeaf))
        tree.internalValue.append(tree.leafValue[leaf])
        tree.internalWeight.append(left.sums.hessian + right.sums.hessian)
        tree.internalCount.append(left.sums.count + right.sums.count)
        tree.leafValue[leaf] = best.leftOutput.isNaN ? 0 : best.leftOutput
        tree.leafWeight[leaf] = left.sums.hessian
        tree.leafCounts[leaf] = left.sums.count
        tree.leafValue.append(best.rightOutput.isNaN ? 0 : best.rightOutput)
        tree.leafWeight.append(right.sums.hessian)
        tree.leafCounts.append(right.sums.count)
    }
}
