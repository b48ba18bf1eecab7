import CKernels

/// A model laid out for many rows: features as ranks among the thresholds that they are compared with, a byte each, and trees as
/// sets of leaves, so that a node is one comparison of bytes for 64 rows (`zl_forest_add`).
///
/// A plane holds the ranks of one feature among the thresholds of the nodes that treat missing values alike; missing values get the
/// lowest or the highest rank, so that nodes need not ask for them. Immutable; may be used from several threads.
// why @unchecked: the buffers are filled in `init` and only read afterwards.
final class RankedForest: @unchecked Sendable {
    static let blockRows = ZL_FOREST_ROWS
    private static let leafLimit = ZL_FOREST_LEAVES
    private static let boundLimit = ZL_FOREST_BOUNDS
    private static let alignment = 64

    /// Which nodes share a plane; ordered so that planes of a feature follow each other.
    private struct PlaneKey: Hashable, Comparable {
        var feature: Int32
        var missingType: UInt8
        var defaultLeft: Bool

        init(_ tree: Tree, _ node: Int) {
            feature = tree.splitFeature[node]
            missingType = tree.decisionType[node] >> 2
            defaultLeft = tree.decisionType[node] & 2 != 0 && missingType != MissingType.none.rawValue
        }

        var missing: ZLMissing {
            ZLMissing(
                nan: missingType == MissingType.nan.rawValue ? 1 : 0, zeros: missingType == MissingType.zero.rawValue ? 1 : 0,
                zero: BinBounds.zeroThreshold, rank: defaultLeft ? 0 : 255)
        }

        static func < (a: PlaneKey, b: PlaneKey) -> Bool {
            (a.feature, a.missingType, a.defaultLeft ? 1 : 0) < (b.feature, b.missingType, b.defaultLeft ? 1 : 0)
        }
    }

    private struct Plane {
        var key: PlaneKey
        var table: RankTable
        var missing: ZLMissing
    }

    private let planes: [Plane]
    private let trees: UnsafeMutableBufferPointer<ZLForestTree>
    private let nodes: UnsafeMutableBufferPointer<ZLForestNode>
    private let leafValues: UnsafeMutableBufferPointer<Double>

    /// Nil where a tree has too many leaves for a set of them to be a word.
    init?(_ trees: some Collection<Tree>) {
        guard trees.allSatisfy({ $0.leafCount <= Self.leafLimit }) else { return nil }
        var thresholds: [PlaneKey: [Double]] = [:]
        for tree in trees {
            for node in tree.splitFeature.indices { thresholds[PlaneKey(tree, node), default: []].append(tree.threshold[node]) }
        }
        var planes: [Plane] = []
        var bounds: [[Double]] = []
        var firstPlane: [PlaneKey: Int] = [:]
        for key in thresholds.keys.sorted() {
            firstPlane[key] = planes.count
            // No value is at most NaN, so that no rank stands for it.
            let distinct: [Double] = Self.distinct((thresholds[key] ?? []).filter { !$0.isNaN })
            // Ranks are bytes; where a feature has more thresholds, nodes are divided among planes by theirs.
            for begin in stride(from: 0, to: max(distinct.count, 1), by: Self.boundLimit) {
                bounds.append(Array(distinct[begin..<min(begin + Self.boundLimit, distinct.count)]))
                planes.append(Plane(key: key, table: RankTable(bounds[planes.count]), missing: key.missing))
            }
        }
        self.planes = planes
        self.trees = .allocate(capacity: trees.count)
        nodes = .allocate(capacity: trees.reduce(0) { $0 + $1.splitFeature.count })
        leafValues = .allocate(capacity: trees.reduce(0) { $0 + $1.leafCount })
        var firstNode = 0
        var firstLeaf = 0
        for (number, tree) in trees.enumerated() {
            self.trees.initializeElement(
                at: number,
                to: ZLForestTree(
                    first_node: UInt32(firstNode), node_count: UInt32(tree.splitFeature.count), first_leaf: UInt32(firstLeaf),
                    leaf_count: UInt32(tree.leafCount)))
            let order = LeafOrder(tree)
            for node in tree.splitFeature.indices {
                var plane: Int = firstPlane[PlaneKey(tree, node)] ?? 0
                let threshold: Double = tree.threshold[node]
                var cut = 0
                if !threshold.isNaN {
                    while let last = bounds[plane].last, last < threshold { plane += 1 }
                    cut = 1 + Self.rank(of: threshold, in: bounds[plane])
                }
                nodes.initializeElement(
                    at: firstNode + node,
                    to: ZLForestNode(keep: ~order.leftLeaves[node], plane: UInt32(plane), cut: UInt32(cut)))
            }
            for (place, leaf) in order.leaves.enumerated() {
                leafValues.initializeElement(at: firstLeaf + place, to: tree.leafValue[leaf])
            }
            firstNode += tree.splitFeature.count
            firstLeaf += tree.leafCount
        }
    }

    deinit {
        trees.deallocate()
        nodes.deallocate()
        leafValues.deallocate()
    }

    /// Writes the predictions of `rowCount` rows, as `Predictor.predict` does.
    func predict(columns: [UnsafeBufferPointer<Double>], rowCount: Int, into output: UnsafeMutablePointer<Double>) {
        withUnsafeTemporaryAllocation(byteCount: max(planes.count, 1) * Self.blockRows, alignment: Self.alignment) { memory in
            guard let ranks = memory.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
            // The kernel reads ranks of whole groups of rows.
            memory.initializeMemory(as: UInt8.self, repeating: 0)
            withUnsafeTemporaryAllocation(of: Double.self, capacity: Self.blockRows) { sums in
                guard let sum = sums.baseAddress else { return }
                var begin = 0
                while begin < rowCount {
                    let count: Int = min(Self.blockRows, rowCount - begin)
                    rank(columns, begin, count, ranks)
                    sums.initialize(repeating: 0)
                    zl_forest_add(trees.baseAddress, trees.count, nodes.baseAddress, leafValues.baseAddress, ranks, count, sum)
                    (output + begin).update(from: sum, count: count)
                    begin += count
                }
            }
        }
    }

    private func rank(_ columns: [UnsafeBufferPointer<Double>], _ begin: Int, _ count: Int, _ ranks: UnsafeMutablePointer<UInt8>) {
        for (number, plane) in planes.enumerated() {
            guard let column = columns[Int(plane.key.feature)].baseAddress else { continue }
            // Rank 0 is that of missing values that go left.
            plane.table.rank(column + begin, count: count, missing: plane.missing, base: 1, into: ranks + number * Self.blockRows)
        }
    }

    private static func distinct(_ values: [Double]) -> [Double] {
        var distinct: [Double] = []
        for value in values.sorted() where distinct.last != value { distinct.append(value) }
        return distinct
    }

    /// The number of bounds below a value.
    private static func rank(of value: Double, in bounds: [Double]) -> Int {
        var low = 0
        var high: Int = bounds.count
        while low < high {
            let middle: Int = (low + high) / 2
            if bounds[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// The leaves of a tree from left to right.
private struct LeafOrder {
    /// Leaf numbers.
    private(set) var leaves: [Int] = []
    /// For each node the places of the leaves on its left side, as bits.
    private(set) var leftLeaves: [UInt64]

    init(_ tree: Tree) {
        leftLeaves = Array(repeating: 0, count: tree.splitFeature.count)
        guard tree.leafCount > 1 else {
            leaves = [0]
            return
        }
        // A child's number is larger than its parent's, so sizes are known from the back.
        var sizes: [Int] = Array(repeating: 0, count: tree.splitFeature.count)
        func size(_ child: Int32) -> Int { child >= 0 ? sizes[Int(child)] : 1 }
        for node in tree.splitFeature.indices.reversed() { sizes[node] = size(tree.leftChild[node]) + size(tree.rightChild[node]) }
        leaves = Array(repeating: 0, count: tree.leafCount)
        var begins: [Int] = Array(repeating: 0, count: tree.splitFeature.count)
        for node in tree.splitFeature.indices {
            let leftSize: Int = size(tree.leftChild[node])
            let begin: Int = begins[node]
            leftLeaves[node] = (1 << UInt64(leftSize) - 1) << UInt64(begin)
            for (child, place) in [(tree.leftChild[node], begin), (tree.rightChild[node], begin + leftSize)] {
                if child >= 0 { begins[Int(child)] = place } else { leaves[Int(~child)] = place }
            }
        }
        leaves = Self.inverse(leaves)
    }

    private static func inverse(_ places: [Int]) -> [Int] {
        var leaves: [Int] = places
        for (leaf, place) in places.enumerated() { leaves[place] = leaf }
        return leaves
    }
}
