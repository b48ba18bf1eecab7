/// A model laid out for prediction. Immutable; may be used from several threads.
///
/// Many rows of trees with few leaves go through a `RankedForest`. Others go from node to node: all nodes of all trees are in one
/// array, and rows are taken in blocks of 256 that are first copied row by row, so that a block stays in the cache while all trees go
/// over it, and four rows go down a tree at once. O(rows * trees * depth), and 8 bytes * 256 rows * features of scratch memory a call.
// why @unchecked: both buffers are filled in `init` and only read afterwards.
package final class Predictor: @unchecked Sendable {
    private struct Node {
        var threshold: Double
        var feature: Int32
        var missingType: UInt8
        var defaultLeft: Bool
        /// Node of the whole array, or ~leaf of the whole array.
        var leftChild: Int32
        var rightChild: Int32
    }

    private let featureCount: Int
    private let roots: [Int32]
    private let nodes: UnsafeMutablePointer<Node>
    private let leafValues: UnsafeMutablePointer<Double>
    private let ranked: RankedForest?
    private static let blockRows = 256
    /// Rows from which on it pays to compare a node for 64 of them.
    private static let rankedRows = 32

    /// Lays out the first `iterations` trees of a model, all of them if that is nil or more than there are.
    package init(_ model: BoostedModel, iterations: Int? = nil) {
        featureCount = model.featureNames.count
        let trees = model.trees.prefix(max(0, iterations ?? model.trees.count))
        let leafTotal: Int = trees.reduce(0) { $0 + $1.leafCount }
        nodes = .allocate(capacity: max(leafTotal, 1))
        leafValues = .allocate(capacity: max(leafTotal, 1))
        var roots: [Int32] = []
        roots.reserveCapacity(trees.count)
        var nodeBase: Int32 = 0
        var leafBase: Int32 = 0
        for tree in trees {
            roots.append(tree.leafCount > 1 ? nodeBase : ~leafBase)
            for index in tree.splitFeature.indices {
                let left: Int32 = tree.leftChild[index]
                let right: Int32 = tree.rightChild[index]
                let type: UInt8 = tree.decisionType[index]
                (nodes + Int(nodeBase) + index).initialize(
                    to: Node(
                        threshold: tree.threshold[index], feature: tree.splitFeature[index], missingType: type >> 2,
                        defaultLeft: type & 2 != 0,
                        leftChild: left >= 0 ? nodeBase + left : ~(leafBase + ~left),
                        rightChild: right >= 0 ? nodeBase + right : ~(leafBase + ~right)))
            }
            for (index, value) in tree.leafValue.enumerated() { leafValues[Int(leafBase) + index] = value }
            nodeBase += Int32(tree.splitFeature.count)
            leafBase += Int32(tree.leafCount)
        }
        self.roots = roots
        ranked = RankedForest(trees)
    }

    deinit {
        nodes.deallocate()
        leafValues.deallocate()
    }

    /// Writes the prediction of every row: the sum of the values of the leaves that it ends in, in the order of the trees.
    ///
    /// `columns` are in the model's feature order, each with `rowCount` values; NaN is missing, infinities are numbers.
    package func predict(
        columns: [UnsafeBufferPointer<Double>], rowCount: Int, into output: UnsafeMutableBufferPointer<Double>
    ) {
        precondition(columns.count == featureCount && output.count >= rowCount)
        precondition(columns.allSatisfy { $0.count >= rowCount })
        guard let result = output.baseAddress, rowCount > 0 else { return }
        if rowCount >= Self.rankedRows, let ranked { return ranked.predict(columns: columns, rowCount: rowCount, into: result) }
        withUnsafeTemporaryAllocation(of: Double.self, capacity: featureCount * Self.blockRows) { block in
            guard let values = block.baseAddress else { return }
            var begin = 0
            while begin < rowCount {
                let count: Int = min(Self.blockRows, rowCount - begin)
                for (feature, column) in columns.enumerated() {
                    for row in 0..<count { values[row * featureCount + feature] = column[begin + row] }
                }
                predictBlock(values, count, result + begin)
                begin += count
            }
        }
    }

    private func predictBlock(
        _ values: UnsafePointer<Double>, _ count: Int, _ output: UnsafeMutablePointer<Double>
    ) {
        output.update(repeating: 0, count: count)
        let stride: Int = featureCount
        for root in roots {
            var row = 0
            while row + 4 <= count {
                let a: UnsafePointer<Double> = values + row * stride
                var n0: Int32 = root
                var n1: Int32 = root
                var n2: Int32 = root
                var n3: Int32 = root
                while n0 >= 0 && n1 >= 0 && n2 >= 0 && n3 >= 0 {
                    n0 = child(n0, a)
                    n1 = child(n1, a + stride)
                    n2 = child(n2, a + 2 * stride)
                    n3 = child(n3, a + 3 * stride)
                }
                output[row] += leafValues[leaf(n0, a)]
                output[row + 1] += leafValues[leaf(n1, a + stride)]
                output[row + 2] += leafValues[leaf(n2, a + 2 * stride)]
                output[row + 3] += leafValues[leaf(n3, a + 3 * stride)]
                row += 4
            }
            while row < count {
                output[row] += leafValues[leaf(root, values + row * stride)]
                row += 1
            }
        }
    }

    /// Goes on from a node down to the leaf.
    @inline(__always)
    private func leaf(_ start: Int32, _ row: UnsafePointer<Double>) -> Int {
        var node: Int32 = start
        while node >= 0 { node = child(node, row) }
        return Int(~node)
    }

    /// The side that a row takes: a missing value its default side; a NaN that is not missing counts as 0.
    @inline(__always)
    private func child(_ index: Int32, _ row: UnsafePointer<Double>) -> Int32 {
        let node: UnsafePointer<Node> = UnsafePointer(nodes + Int(index))
        var value: Double = row[Int(node.pointee.feature)]
        var goesLeft: Bool = value <= node.pointee.threshold
        let missingType: UInt8 = node.pointee.missingType
        if value.isNaN {
            if missingType == MissingType.nan.rawValue {
                goesLeft = node.pointee.defaultLeft
            } else {
                value = 0
                goesLeft = value <= node.pointee.threshold
            }
        }
        if missingType == MissingType.zero.rawValue && value.magnitude <= BinBounds.zeroThreshold {
            goesLeft = node.pointee.defaultLeft
        }
        return goesLeft ? node.pointee.leftChild : node.pointee.rightChild
    }
}

extension BoostedModel {
    /// Predicts rows of columns in the order of `featureNames`. For many calls make a `Predictor` once.
    ///
    /// `iterations` limits the number of trees.
    package func predict(
        columns: [UnsafeBufferPointer<Double>], rowCount: Int, into output: UnsafeMutableBufferPointer<Double>,
        iterations: Int? = nil
    ) {
        Predictor(self, iterations: iterations).predict(columns: columns, rowCount: rowCount, into: output)
    }
}
