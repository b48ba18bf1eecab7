import CKernels
import ZLColumnar

/// Grows trees leaf by leaf: the leaf with the largest gain is split next (LightGBM's serial learner).
///
/// Of two new leaves the smaller one's histograms are summed from rows, the larger one's are parent - smaller. Everything is
/// allocated once for the whole of training. One learner belongs to one training run on one thread; nothing is shared.
///
/// A tree costs O(rows * features * depth) for histograms and O(leaves * features * bins) for the search.
final class TreeLearner {
    let partition: RowPartition
    private let bins: BinColumns
    private let rowBins: RowBins
    private let layout: [ColumnLayout]
    private let upperBounds: [[Double]]
    private let finder: SplitFinder
    /// One for each part that a search is divided into.
    private let searches: [SplitSearch]
    private let leafLimit: Int
    private let maxDepth: Int
    private let minDataInLeaf: Int

    private let pool: HistogramPool
    private let leaves: UnsafeMutablePointer<LeafState>
    private let isSampled: UnsafeMutablePointer<Bool>
    /// Columns that are searched at the current node.
    private let active: UnsafeMutablePointer<Int>
    /// Their layouts.
    private let activeLayouts: UnsafeMutablePointer<ColumnLayout>
    /// Room for the groups of columns whose histograms are summed together.
    private let groups: UnsafeMutablePointer<ZLColumnGroup>
    /// For each part of a search a histogram that takes what inactive columns of a group add up to.
    private let ignored: UnsafeMutablePointer<HistogramEntry>
    private let widest: Int
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
        var offset = 0
        var layout: [ColumnLayout] = []
        for feature in dataset.usedFeatures {
            let mapper: BinMapper = dataset.mappers[feature]
            layout.append(
                ColumnLayout(
                    feature: feature, binCount: mapper.binCount, offset: offset, defaultBin: mapper.defaultBin,
                    mostFrequentBin: mapper.mostFrequentBin, missingType: mapper.missingType))
            offset += mapper.binCount
        }
        self.layout = layout
        upperBounds = dataset.usedFeatures.map { dataset.mappers[$0].upperBounds }
        finder = SplitFinder(parameters, isConstantHessian: isConstantHessian)
        let widest: Int = layout.map(\.binCount).max() ?? 1
        self.widest = widest
        searches = (0..<max(1, threads)).map { [finder] _ in SplitSearch(finder, binCount: widest) }
        // why: a tree cannot have more leaves than rows or than its depth allows; buffers need not either.
        let depthLimit: Int = (1..<18).contains(parameters.maxDepth) ? 1 << parameters.maxDepth : Int.max
        leafLimit = max(1, min(parameters.leafCount, depthLimit, max(dataset.rowCount, 2)))
        maxDepth = parameters.maxDepth
        minDataInLeaf = parameters.minDataInLeaf
        partition = RowPartition(rowCount: dataset.rowCount, leafCount: leafLimit)
        pool = HistogramPool(binCount: offset, columnCount: layout.count)
        leaves = .allocate(capacity: leafLimit)
        leaves.initialize(repeating: LeafState(), count: leafLimit)
        isSampled = .allocate(capacity: max(layout.count, 1))
        isSampled.initialize(repeating: false, count: max(layout.count, 1))
        active = .allocate(capacity: max(layout.count, 1))
        activeLayouts = .allocate(capacity: max(layout.count, 1))
        groups = .allocate(capacity: max(layout.count, 1))
        ignored = HistogramPool.allocate(widest * searches.count)
        binnedNodes = .allocate(capacity: leafLimit)
    }

    deinit {
        leaves.deallocate()
        isSampled.deallocate()
        active.deallocate()
        activeLayouts.deallocate()
        groups.deallocate()
        ignored.deallocate()
        binnedNodes.deallocate()
    }

    /// Grows a tree on the rows of `bag` (nil: the first `rowCount` rows), with gradient pairs by row number, over the sampled
    /// columns. The tree has its values before shrinkage; one with a single leaf found no split.
    ///
    /// Afterwards `partition` holds the rows of each leaf and `addScores` knows the tree.
    func grow(
        pairs: UnsafePointer<GradientPair>, bag: UnsafePointer<Int32>?, rowCount: Int, columns: [Int]
    ) -> Tree {
        pool.reset()
        isSampled.update(repeating: false, count: layout.count)
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
                .run(threads: searches.count)
        }
    }

    /// Adds the values of the leaves to the scores of the rows in the partition.
    func addLeafScores(_ tree: Tree, to scores: UnsafeMutablePointer<Double>) {
        tree.leafValue.withUnsafeBufferPointer { values in
            guard let base = values.baseAddress else { return }
            LeafScoreWork(partition: partition, leafValues: base, leafCount: values.count, scores: scores)
                .run(threads: searches.count)
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
        pool.isSplittable(slot).update(repeating: false, count: layout.count)
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
        pool.isSplittable(smallerSlot).update(repeating: false, count: layout.count)
        // A leaf with fewer rows than two children need has no candidate; its histogram only serves the subtraction.
        let search = LeafSearch(
            leaf: smaller, slot: smallerSlot, sibling: larger, siblingSlot: parentSlot,
            isSearched: leaves[smaller].sums.count >= leastRows)
        run(search, activate { isSampled[$0] && parentFlags[$0] }, pairs)
        releaseIfFinal(smaller)
        releaseIfFinal(larger)
    }

    /// Makes the columns that pass the active ones and returns their number.
    private func activate(_ isActive: (Int) -> Bool) -> Int {
        var count = 0
        for column in layout.indices where isActive(column) {
            active[count] = column
            activeLayouts[count] = layout[column]
            count += 1
        }
        return count
    }

    /// Searches the active columns, in parts on several threads where there are enough rows; columns do not meet, and of two best
    /// splits it does not matter which is seen first.
    private func run(_ search: LeafSearch, _ activeCount: Int, _ pairs: UnsafePointer<GradientPair>) {
        let rows: UnsafeBufferPointer<Int32> = partition.rows(of: search.leaf)
        let blocks: Int = (activeCount + 3) / 4
        let parts: Int = rows.count * activeCount >= Self.parallelCells ? min(searches.count, blocks) : 1
        var best: [BestPair] = Array(repeating: (SplitCandidate(), SplitCandidate()), count: max(parts, 1))
        if parts <= 1 {
            searchPart(search, 0, 0..<activeCount, rows, pairs, &best[0])
        } else {
            best.withUnsafeMutableBufferPointer { best in
                let work = SharedWork(
                    learner: self, search: search, rows: rows, pairs: pairs, best: best, parts: parts, activeCount: activeCount)
                // why: the body throws nothing, so neither does this.
                try? WorkerPool.shared.forEach(count: parts, threads: parts) { part in work.run(part) }
            }
        }
        for pair in best {
            if pair.leaf.isBetter(than: leaves[search.leaf].best) { leaves[search.leaf].best = pair.leaf }
            if search.sibling >= 0, pair.sibling.isBetter(than: leaves[search.sibling].best) {
                leaves[search.sibling].best = pair.sibling
            }
        }
    }

    /// Rows times columns from which on a second thread saves more than it costs to wake it.
    private static let parallelCells = 1 << 20

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
            let blocks: Int = (activeCount + 3) / 4
            let first: Int = blocks * part / parts * 4
            let end: Int = min(blocks * (part + 1) / parts * 4, activeCount)
            learner.searchPart(search, part, first..<end, rows, pairs, &best[part])
        }
    }

    /// Sums some of the active columns, row by row, and searches them, four at a time.
    private func searchPart(
        _ search: LeafSearch, _ number: Int, _ part: Range<Int>, _ rows: UnsafeBufferPointer<Int32>, _ pairs: UnsafePointer<GradientPair>,
        _ best: inout BestPair
    ) {
        let splits: SplitSearch = searches[number]
        let histograms: UnsafeMutablePointer<HistogramEntry> = pool.histogram(search.slot)
        let flags: UnsafeMutablePointer<Bool> = pool.isSplittable(search.slot)
        let sums: LeafSums = leaves[search.leaf].sums
        for index in part { Histogram.clear(histograms + activeLayouts[index].offset, binCount: activeLayouts[index].binCount) }
        Histogram.accumulate(
            rowBins, rows: rows, pairs: pairs, groups: grouped(part, histograms, ignored: ignored + number * widest))
        var index: Int = part.lowerBound
        while index < part.upperBound {
            let width: Int = part.upperBound - index >= 4 ? 4 : 1
            let columns = UnsafeBufferPointer(start: activeLayouts + index, count: width)
            let numbers = UnsafePointer(active + index)
            Histogram.completeMostFrequentBins(histograms, columns, sums: sums)
            if search.isSearched {
                splits.search(columns, numbers: numbers, histograms, leaf: sums, best: &best.leaf, isSplittable: flags)
            }
            if search.sibling >= 0 {
                let siblings: UnsafeMutablePointer<HistogramEntry> = pool.histogram(search.siblingSlot)
                for column in columns {
                    Histogram.subtract(histograms + column.offset, from: siblings + column.offset, binCount: column.binCount)
                }
                splits.search(
                    columns, numbers: numbers, siblings, leaf: leaves[search.sibling].sums, best: &best.sibling,
                    isSplittable: pool.isSplittable(search.siblingSlot))
            }
            index += width
        }
    }

    /// The active columns of a part in groups that stand side by side in a row.
    private func grouped(
        _ part: Range<Int>, _ histograms: UnsafeMutablePointer<HistogramEntry>, ignored: UnsafeMutablePointer<HistogramEntry>
    ) -> UnsafeBufferPointer<ZLColumnGroup> {
        let unused: UnsafeMutablePointer<ZLSums> = Histogram.sumsOf(ignored)
        let first: UnsafeMutablePointer<ZLColumnGroup> = groups + part.lowerBound
        var count = 0
        var index: Int = part.lowerBound
        while index < part.upperBound {
            let column: Int = active[index]
            var lanes = (unused, unused, unused, unused)
            while index < part.upperBound, active[index] < column + RowBins.groupWidth {
                let histogram: UnsafeMutablePointer<ZLSums> = Histogram.sumsOf(histograms + activeLayouts[index].offset)
                switch active[index] - column {
                case 0: lanes.0 = histogram
                case 1: lanes.1 = histogram
                case 2: lanes.2 = histogram
                default: lanes.3 = histogram
                }
                index += 1
            }
            (first + count).initialize(to: ZLColumnGroup(histograms: lanes, place: column * rowBins.width.bytes))
            count += 1
        }
        return UnsafeBufferPointer(start: first, count: count)
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
        let column: ColumnLayout = layout[best.column]
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
