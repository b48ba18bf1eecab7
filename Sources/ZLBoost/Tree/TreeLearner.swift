/// Grows trees leaf by leaf: the leaf with the largest gain is split next (LightGBM's serial learner).
///
/// Of two new leaves the smaller one's histograms are summed from rows, the larger one's are parent - smaller. Everything is
/// allocated once for the whole of training. One learner belongs to one training run on one thread; nothing is shared.
///
/// A tree costs O(rows * features * depth) for histograms and O(leaves * features * bins) for the search.
final class TreeLearner {
    let partition: RowPartition
    private let bins: BinColumns
    private let layout: [ColumnLayout]
    private let upperBounds: [[Double]]
    private let finder: SplitFinder
    private let candidates: SplitCandidates
    private let leafLimit: Int
    private let maxDepth: Int
    private let minDataInLeaf: Int

    private let pool: HistogramPool
    private let leaves: UnsafeMutablePointer<LeafState>
    /// Gradient pairs of the leaf whose histogram is being summed, in the order of its rows.
    private let leafPairs: UnsafeMutablePointer<GradientPair>
    private let isSampled: UnsafeMutablePointer<Bool>
    /// Columns that are searched at the current node.
    private let active: UnsafeMutablePointer<Int>
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

    init(_ dataset: Dataset, _ parameters: BoostParameters, isConstantHessian: Bool) {
        bins = dataset.bins
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
        candidates = SplitCandidates(binCount: layout.map(\.binCount).max() ?? 0)
        // why: a tree cannot have more leaves than rows or than its depth allows; buffers need not either.
        let depthLimit: Int = (1..<18).contains(parameters.maxDepth) ? 1 << parameters.maxDepth : Int.max
        leafLimit = max(1, min(parameters.leafCount, depthLimit, max(dataset.rowCount, 2)))
        maxDepth = parameters.maxDepth
        minDataInLeaf = parameters.minDataInLeaf
        partition = RowPartition(rowCount: dataset.rowCount, leafCount: leafLimit)
        pool = HistogramPool(binCount: offset, columnCount: layout.count)
        leaves = .allocate(capacity: leafLimit)
        leaves.initialize(repeating: LeafState(), count: leafLimit)
        leafPairs = .allocate(capacity: dataset.rowCount)
        isSampled = .allocate(capacity: max(layout.count, 1))
        isSampled.initialize(repeating: false, count: max(layout.count, 1))
        active = .allocate(capacity: max(layout.count, 1))
        binnedNodes = .allocate(capacity: leafLimit)
    }

    deinit {
        leaves.deallocate()
        leafPairs.deallocate()
        isSampled.deallocate()
        active.deallocate()
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
            BinnedTree.addScores(
                nodes: binnedNodes, leafValues: base, bins: bins, rows: rows, count: count, to: scores)
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
    private func searchRoot(_ pairs: UnsafePointer<GradientPair>) {
        var activeCount = 0
        for column in layout.indices where isSampled[column] {
            active[activeCount] = column
            activeCount += 1
        }
        let slot: Int = pool.take()
        pool.isSplittable(slot).update(repeating: false, count: layout.count)
        leaves[0].slot = slot
        sumHistograms(0, slot, activeCount, pairs) { [self] column in
            let layout: ColumnLayout = layout[column]
            let histogram: UnsafeMutablePointer<HistogramEntry> = pool.histogram(slot) + layout.offset
            complete(histogram, layout, leaves[0].sums)
            search(histogram, layout, column, leaf: 0, slot)
        }
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
        var activeCount = 0
        for column in layout.indices where isSampled[column] && parentFlags[column] {
            active[activeCount] = column
            activeCount += 1
        }
        // A leaf with fewer rows than two children need has no candidate; its histogram only serves the subtraction.
        let searchesSmaller: Bool = leaves[smaller].sums.count >= leastRows
        sumHistograms(smaller, smallerSlot, activeCount, pairs) { [self] column in
            let layout: ColumnLayout = layout[column]
            let child: UnsafeMutablePointer<HistogramEntry> = pool.histogram(smallerSlot) + layout.offset
            let sibling: UnsafeMutablePointer<HistogramEntry> = pool.histogram(parentSlot) + layout.offset
            complete(child, layout, leaves[smaller].sums)
            if searchesSmaller { search(child, layout, column, leaf: smaller, smallerSlot) }
            Histogram.subtract(child, from: sibling, binCount: layout.binCount)
            search(sibling, layout, column, leaf: larger, parentSlot)
        }
        releaseIfFinal(smaller)
        releaseIfFinal(larger)
    }

    private func complete(
        _ histogram: UnsafeMutablePointer<HistogramEntry>, _ layout: ColumnLayout, _ sums: LeafSums
    ) {
        guard layout.mostFrequentBin > 0 else { return }
        Histogram.completeMostFrequentBin(
            histogram, binCount: layout.binCount, bin: layout.mostFrequentBin, sums: sums)
    }

    private func search(
        _ histogram: UnsafePointer<HistogramEntry>, _ layout: ColumnLayout, _ column: Int, leaf: Int, _ slot: Int
    ) {
        let isSplittable: Bool = finder.search(
            histogram, layout, index: column, leaf: leaves[leaf].sums, candidates: candidates,
            best: &leaves[leaf].best)
        pool.isSplittable(slot)[column] = isSplittable
    }

    /// Gives the histograms of a leaf back that nobody will split.
    private func releaseIfFinal(_ leaf: Int) {
        guard leaves[leaf].slot >= 0, !(leaves[leaf].best.gain > 0) else { return }
        pool.giveBack(leaves[leaf].slot)
        leaves[leaf].slot = -1
    }

    /// Sums the histograms of the active columns over the rows of `leaf`, four at a time, and hands each finished column to
    /// `finish` while it is still in the first-level cache.
    @inline(__always)
    private func sumHistograms(
        _ leaf: Int, _ slot: Int, _ activeCount: Int, _ pairs: UnsafePointer<GradientPair>,
        finish: (Int) -> Void
    ) {
        let rows: UnsafeBufferPointer<Int32> = partition.rows(of: leaf)
        guard let base = rows.baseAddress else { return }
        for index in 0..<rows.count { leafPairs[index] = pairs[Int(base[index])] }
        let histograms: UnsafeMutablePointer<HistogramEntry> = pool.histogram(slot)
        var index = 0
        while index < activeCount {
            let width: Int = activeCount - index >= 4 ? 4 : 1
            for offset in 0..<width {
                let column: ColumnLayout = layout[active[index + offset]]
                Histogram.clear(histograms + column.offset, binCount: column.binCount)
            }
            switch bins.width {
            case .byte: sum(index, width, base, rows.count, histograms) { UnsafePointer(bins.bytes($0)) }
            case .word: sum(index, width, base, rows.count, histograms) { UnsafePointer(bins.words($0)) }
            }
            for offset in 0..<width { finish(active[index + offset]) }
            index += width
        }
    }

    @inline(__always)
    private func sum<Bin: FixedWidthInteger>(
        _ index: Int, _ width: Int, _ rows: UnsafePointer<Int32>, _ count: Int,
        _ histograms: UnsafeMutablePointer<HistogramEntry>, column: (Int) -> UnsafePointer<Bin>
    ) {
        if width == 1 {
            let only: Int = active[index]
            Histogram.accumulate(
                column(only), rows: rows, pairs: leafPairs, count: count, into: histograms + layout[only].offset)
            return
        }
        let a: Int = active[index]
        let b: Int = active[index + 1]
        let c: Int = active[index + 2]
        let d: Int = active[index + 3]
        Histogram.accumulateFour(
            (column(a), column(b), column(c), column(d)), rows: rows, pairs: leafPairs, count: count,
            into: (
                histograms + layout[a].offset, histograms + layout[b].offset, histograms + layout[c].offset,
                histograms + layout[d].offset
            ))
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
