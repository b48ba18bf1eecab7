/// One regression tree, as it is stored: inner nodes 0..<leafCount - 1, node 0 the root, and leaves 0..<leafCount.
///
/// A child >= 0 is an inner node, always one with a larger number than its parent; a child < 0 is the leaf ~child. Values include
/// shrinkage and, in the first tree, the score that boosting started from.
package struct Tree: Sendable, Equatable {
    /// Index of the feature in the training matrix, one an inner node.
    package internal(set) var splitFeature: [Int32] = []
    package internal(set) var splitGain: [Double] = []
    /// Values up to this one go left.
    package internal(set) var threshold: [Double] = []
    package internal(set) var decisionType: [UInt8] = []
    package internal(set) var leftChild: [Int32] = []
    package internal(set) var rightChild: [Int32] = []
    package internal(set) var internalValue: [Double] = []
    package internal(set) var internalWeight: [Double] = []
    package internal(set) var internalCount: [Int] = []
    package internal(set) var leafValue: [Double] = []
    /// Sum of hessians; empty for a constant tree, as are the counts.
    package internal(set) var leafWeight: [Double] = []
    package internal(set) var leafCounts: [Int] = []
    package internal(set) var shrinkage = 1.0

    package var leafCount: Int { leafValue.count }

    /// A tree of one leaf.
    init(constant value: Double) { leafValue = [value] }

    init() {}

    /// How a node decides, in LightGBM's bits: 2 = missing values go left, bits 2 and 3 = missing type.
    static func decisionType(defaultLeft: Bool, missingType: MissingType) -> UInt8 {
        (defaultLeft ? 2 : 0) | (missingType.rawValue << 2)
    }

    /// Multiplies all values by the learning rate.
    mutating func shrink(by rate: Double) {
        for leaf in leafValue.indices { leafValue[leaf] = Self.flushed(leafValue[leaf] * rate) }
        for node in internalValue.indices { internalValue[node] = Self.flushed(internalValue[node] * rate) }
        shrinkage *= rate
    }

    /// Adds the score that boosting started from.
    mutating func addBias(_ bias: Double) {
        for leaf in leafValue.indices { leafValue[leaf] = Self.flushed(leafValue[leaf] + bias) }
        for node in internalValue.indices { internalValue[node] = Self.flushed(internalValue[node] + bias) }
        shrinkage = 1
    }

    /// Zero for values that count as zero.
    private static func flushed(_ value: Double) -> Double {
        value.magnitude <= BinBounds.zeroThreshold ? 0 : value
    }
}
